-- One row per rule, table and column that some rows fall under: how many, their share of the rows in the table's file, and up to five
-- of their ids. Of the whole export, whatever the scope. The rows are in every figure as they were recorded.
-- Left out: rules that no row falls under, and rules about a table that is not given.
WITH listed AS (
    SELECT unit_id FROM units
    WHERE is_listed
),

unlisted AS (
    SELECT unit_id FROM units
    WHERE NOT is_listed AND EXISTS (SELECT 1 FROM listed)
),

odd_episodes AS (
    SELECT
        'end before start' AS rule,
        'ended_at' AS "column",
        episode_id AS id,
    FROM episodes
    WHERE hours IS NULL
    UNION ALL
    SELECT
        'start after the export''s end',
        'started_at',
        episode_id,
    FROM episodes
    WHERE started_on > (SELECT covers_to FROM coverage)
    UNION ALL
    SELECT
        'overlap with another episode',
        'started_at',
        episode_id,
    FROM episodes
    WHERE is_overlapping
    UNION ALL
    SELECT
        'open more than 28 days',
        'ended_at',
        episode_id,
    FROM episodes
    WHERE is_open AND started_on < (SELECT covers_to - 27 FROM coverage)
    UNION ALL
    SELECT
        'open after the placement ended',
        'ended_at',
        episode_id,
    FROM episodes
    WHERE is_open AND placement_ended_on <= (SELECT covers_to FROM coverage)
    UNION ALL
    SELECT
        'not looked after on the day it began',
        'started_at',
        episodes.episode_id,
    FROM episodes
    INNER JOIN children ON episodes.child_id = children.child_id
    WHERE episodes.started_on < children.looked_after_from OR episodes.started_on > children.looked_after_to
    UNION ALL
    SELECT
        'in no placement',
        'started_at',
        episode_id,
    FROM episodes
    WHERE NOT is_in_placement AND EXISTS (SELECT 1 FROM placements)
    UNION ALL
    SELECT
        'outside the British Isles',
        'last_seen_latitude',
        episode_id,
    FROM episodes
    WHERE NOT is_in_british_isles(last_seen_latitude, last_seen_longitude)
    UNION ALL
    SELECT
        'outside the British Isles',
        'found_latitude',
        episode_id,
    FROM episodes
    WHERE NOT is_in_british_isles(found_latitude, found_longitude)
    UNION ALL
    SELECT
        'unit not in units',
        'unit_id',
        episode_id,
    FROM episodes
    WHERE is_unit_recorded AND unit_id IN (SELECT unit_id FROM unlisted)
    UNION ALL
    SELECT
        'unknown code',
        'risk',
        episode_id,
    FROM episodes
    WHERE starts_with(risk, 'other: ')
    UNION ALL
    SELECT
        'unknown code',
        'found_place',
        episode_id,
    FROM episodes
    WHERE starts_with(found_place, 'other: ')
    UNION ALL
    SELECT
        'unknown code',
        'found_by',
        episode_id,
    FROM episodes
    WHERE starts_with(found_by, 'other: ')
),

unknown_reasons AS (
    SELECT reasons FROM (SELECT DISTINCT reasons FROM return_interviews) AS given
    WHERE NOT list_has_all((SELECT list(reason) FROM reasons), given.reasons)
),

odd_interviews AS (
    SELECT
        'interview for an unknown episode' AS rule,
        'episode_id' AS "column",
        interview_id AS id,
    FROM return_interviews
    WHERE episode_row IS NULL
    UNION ALL
    SELECT
        'held before the return',
        'held_at',
        interview_id,
    FROM return_interviews
    WHERE is_before_return
    UNION ALL
    SELECT
        'unknown code',
        'offered',
        interview_id,
    FROM return_interviews
    WHERE starts_with(offered, 'other: ')
    UNION ALL
    SELECT
        'unknown code',
        'outcome',
        interview_id,
    FROM return_interviews
    WHERE starts_with(outcome, 'other: ')
    UNION ALL
    SELECT
        'unknown code',
        'interviewer',
        interview_id,
    FROM return_interviews
    WHERE starts_with(interviewer, 'other: ')
    UNION ALL
    SELECT
        'unknown code',
        'reasons',
        interview_id,
    FROM return_interviews
    WHERE reasons IN (SELECT reasons FROM unknown_reasons)
),

odd_others AS (
    SELECT
        'placements' AS "table",
        'unit not in units' AS rule,
        'unit_id' AS "column",
        child_id || ' from ' || started_on AS id,
    FROM placements
    WHERE unit_id IN (SELECT unit_id FROM unlisted)
    UNION ALL
    SELECT
        'police_calls',
        'unit not in units',
        'unit_id',
        call_id,
    FROM police_calls
    WHERE unit_id IN (SELECT unit_id FROM unlisted)
    UNION ALL
    SELECT
        'events',
        'unit not in units',
        'unit_id',
        happened_on::TEXT,
    FROM events
    WHERE unit_id NOT IN (SELECT unit_id FROM listed) AND EXISTS (SELECT 1 FROM listed)
    UNION ALL
    SELECT
        'units',
        'outside the British Isles',
        'latitude',
        unit_id,
    FROM units
    WHERE NOT is_in_british_isles(latitude, longitude)
    UNION ALL
    SELECT
        'units',
        'unknown code',
        'kind',
        unit_id,
    FROM units
    WHERE starts_with(kind, 'other: ')
    UNION ALL
    SELECT
        'units',
        'unknown code',
        'sector',
        unit_id,
    FROM units
    WHERE starts_with(sector, 'other: ')
    UNION ALL
    SELECT
        'children',
        'unknown code',
        'sex',
        child_id,
    FROM children
    WHERE starts_with(sex, 'other: ')
    UNION ALL
    SELECT
        'police_calls',
        'unknown code',
        'reason',
        call_id,
    FROM police_calls
    WHERE starts_with(reason, 'other: ')
),

counted AS (
    SELECT
        rule,
        'episodes' AS "table",
        "column",
        count(*) AS "rows",
        min(id, 5) AS examples,
    FROM odd_episodes
    GROUP BY ALL
    UNION ALL
    SELECT
        rule,
        'return_interviews',
        "column",
        count(*),
        min(id, 5),
    FROM odd_interviews
    GROUP BY ALL
    UNION ALL
    SELECT
        rule,
        "table",
        "column",
        count(*),
        min(id, 5),
    FROM odd_others
    GROUP BY ALL
    UNION ALL
    SELECT
        'listed twice',
        "table",
        "column",
        sum(rows_left_out)::BIGINT,
        min(id, 5),
    FROM listed_twice
    GROUP BY ALL
),

files AS (
    SELECT DISTINCT
        "table",
        "rows",
    FROM completeness
    WHERE unit_id IS NULL
),

final AS (
    SELECT
        counted.rule,
        counted."table",
        counted."column",
        counted."rows",
        counted."rows" / files."rows" AS share,
        'warning' AS severity,
        counted.examples,
    FROM counted
    INNER JOIN files ON counted."table" = files."table"
)

SELECT * FROM final
ORDER BY "rows" DESC, rule, "table", "column";
