-- One row per placement, episode, return interview and police call of one child in the period, by time.
--
-- The child is $child_id, or where that is null the one with most episodes in the scope. The scope chooses that child and the
-- period; the rows are of any category and unit. A placement is there when it has a day in the period, the rest when they begin in it.
-- `starts_at` of an interview is when it was held, else when it was offered; one with neither is left out. A police call is one
-- that `police_calls` ties to an episode of the child, or the episode's own `police_called_at` where there is no such call.
-- `detail`: the kind of unit, the risk of an episode, the outcome of an interview, the reason of a call.
-- Parameters: the scope, $child_id.
WITH chosen AS (
    SELECT
        coalesce(
            $child_id::VARCHAR,
            (
                SELECT child_id
                FROM episodes_in($period_from, $period_to, $category, $units, $whose)
                GROUP BY child_id
                ORDER BY count(*) DESC, child_id
                LIMIT 1
            )
        ) AS child_id
),

gone AS (
    SELECT * FROM episodes
    WHERE child_id = (SELECT child_id FROM chosen)
),

interviewed AS (
    SELECT
        coalesce(min(interview.held_at), min(interview.offered_at)) AS starts_at,
        arg_max_null(gone.unit_id, gone.episode_number) AS unit_id,
        arg_max(gone.category, gone.episode_number) AS category,
        arg_max_null(interview.outcome, gone.episode_number) AS detail,
    FROM return_interviews AS interview
    INNER JOIN gone ON interview.episode_row = gone.episode_row
    GROUP BY interview.interview_number
),

called AS (
    SELECT
        coalesce(call.called_at, gone.police_called_at) AS starts_at,
        coalesce(call.unit_id, gone.unit_id) AS unit_id,
        gone.category,
        call.reason AS detail,
    FROM gone
    LEFT JOIN police_calls AS call ON gone.episode_row = call.episode_row
),

everything AS (
    SELECT
        'placement' AS kind,
        stay.started_on::TIMESTAMPTZ AS starts_at,
        stay.ended_on::TIMESTAMPTZ AS ends_at,
        stay.unit_id,
        NULL AS category,
        units.kind AS detail,
        NULL AS hours,
    FROM placements AS stay
    LEFT JOIN units ON stay.unit_id = units.unit_id
    WHERE
        stay.child_id = (SELECT child_id FROM chosen)
        AND stay.started_on <= $period_to
        AND (stay.ended_on IS NULL OR stay.ended_on > $period_from)
    UNION ALL
    SELECT
        'episode',
        started_at,
        ended_at,
        unit_id,
        category,
        risk,
        hours,
    FROM gone
    WHERE started_on BETWEEN $period_from AND $period_to
    UNION ALL
    SELECT
        'interview',
        starts_at,
        NULL,
        unit_id,
        category,
        detail,
        NULL,
    FROM interviewed
    WHERE starts_at::DATE BETWEEN $period_from AND $period_to
    UNION ALL
    SELECT
        'police_call',
        starts_at,
        NULL,
        unit_id,
        category,
        detail,
        NULL,
    FROM called
    WHERE starts_at::DATE BETWEEN $period_from AND $period_to
),

final AS (
    SELECT
        everything.*,
        chosen.child_id,
    FROM everything
    CROSS JOIN chosen
)

SELECT * FROM final
ORDER BY starts_at, kind, ends_at, unit_id, category, detail;
