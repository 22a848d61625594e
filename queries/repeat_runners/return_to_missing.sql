-- One row per group of returns and length of time, in hours: how many of them were followed by another start after so long (`again`),
-- and how many are known of for so long and no longer (`until_then`). What is longer than $longest_days stands at that length.
-- dashboard/statistics makes the curve.
--
-- A return is the end of an episode that began in the period. The next start is that of the child's next episode of the scope's
-- category, in any unit. A child is known of to the export's end, or to the end of its last day looked after where that is earlier.
-- Hours are rounded up, which keeps every whole day exact and makes of a million returns some thousand rows; from a source with dates
-- only they are 24 for each date from the end to the next start.
-- Left out: open episodes, those that end before they start, those that overlap another of the child's (the child was not back),
-- and returns after the child's last day looked after.
-- Groups: all; by the episode's number among the child's of the category; by whether an interview was completed within 72 hours. The
-- last two hold only those known to be back for more than 72 hours, because the others had less time for an interview; a return that
-- needs none, and one whose interview has no time, are in neither. `children` are the different ones of the whole group.
-- Parameters: the scope, $covers_to, $has_times, $has_interview_times, $longest_days.
WITH names AS (
    SELECT
        unnest([0, 1, 2, 3, 4, 5, 6]) AS position,
        unnest([
            'all',
            '1st episode',
            '2nd episode',
            '3rd to 5th episode',
            '6th episode or later',
            'interview within 72 hours',
            'no interview within 72 hours',
        ]) AS "group",
),

back AS (
    SELECT
        child_number,
        ended_at,
        CASE WHEN $category::VARCHAR IS NULL THEN episode_number ELSE number_in_category END AS number,
        CASE WHEN $category::VARCHAR IS NULL THEN next_at ELSE next_in_category_at END AS next_at,
        CASE
            WHEN NOT $has_interview_times OR interview.is_not_required THEN 0
            WHEN interview.hours_to_held <= 72 THEN 5
            WHEN interview.is_held AND interview.hours_to_held IS NULL THEN 0
            ELSE 6
        END AS by_interview,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE NOT (is_open OR is_overlapping OR hours IS NULL)
),

followed AS (
    SELECT
        back.child_number,
        back.by_interview,
        CASE WHEN back.number <= 2 THEN back.number WHEN back.number <= 5 THEN 3 ELSE 4 END AS by_number,
        -- Of those alone who left care: to make an instant of a date takes long.
        CASE
            WHEN children.looked_after_to < $covers_to::DATE THEN (children.looked_after_to + 1)::TIMESTAMPTZ
            ELSE ($covers_to::DATE + 1)::TIMESTAMPTZ
        END AS known_until,
        coalesce(back.next_at < known_until, FALSE) AS is_again,
        CASE WHEN is_again THEN back.next_at ELSE known_until END AS followed_to,
        CASE
            WHEN $has_times THEN (epoch_us(followed_to) - epoch_us(back.ended_at) + 3599999999) // 3600000000
            ELSE 24 * (followed_to::DATE - back.ended_at::DATE)
        END AS hours,
    FROM back
    LEFT JOIN children ON back.child_number = children.child_number
    WHERE back.ended_at < known_until
),

of_children AS (
    SELECT
        child_number,
        by_number,
        CASE WHEN hours > 72 THEN by_interview ELSE 0 END AS by_interview,
        least(hours, 24 * $longest_days) AS hours,
        is_again AND hours <= 24 * $longest_days AS is_again,
    FROM followed
),

lengths AS (
    SELECT
        by_number,
        by_interview,
        hours,
        count(*) FILTER (is_again) AS again,
        count(*) FILTER (NOT is_again) AS until_then,
    FROM of_children
    GROUP BY ALL
),

counted AS (
    SELECT
        unnest(list_distinct([0, by_number, by_interview])) AS position,
        hours,
        again,
        until_then,
    FROM lengths
),

-- A child with many returns once: to unnest takes long.
children_by_number AS (
    SELECT
        child_number,
        by_number,
        by_interview,
    FROM of_children
    GROUP BY ALL
),

groups_of_child AS (
    SELECT DISTINCT
        child_number,
        unnest(list_distinct([0, by_number, by_interview])) AS position,
    FROM children_by_number
),

sizes AS (
    SELECT
        position,
        count(*) AS children,
    FROM groups_of_child
    GROUP BY ALL
),

final AS (
    SELECT
        names.position,
        names."group",
        sizes.children,
        counted.hours,
        sum(counted.again)::BIGINT AS again,
        sum(counted.until_then)::BIGINT AS until_then,
    FROM counted
    INNER JOIN names ON counted.position = names.position
    INNER JOIN sizes ON counted.position = sizes.position
    GROUP BY ALL
)

SELECT * EXCLUDE (position) FROM final
ORDER BY position, hours;
