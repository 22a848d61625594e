-- One row per kind of evening, from light to dark, zeros included: days, nights in placement, episodes that began on such a day, at
-- whatever hour, and the different children with one. Light: the sun sets after 20:00; dark: before 17:00; between: all others.
-- The rate is per 1,000 nights, and null below $smallest_nights nights or $smallest_children children.
-- For the interval of the ratio to dark evenings: `exposure` (nights, or days where no placements are known), `children_compared` (with
-- an episode on such an evening or on a dark one), and `unevenness`: over those children, the squares of what each has more or fewer on
-- such evenings than its share of all would be.
-- Left out: days before the latest rebase event in the period, from the month of which a new stretch begins. An event of one unit counts
-- where the scope names that unit.
-- Parameters: the scope, $smallest_nights, $smallest_children.
WITH stretch AS (
    SELECT greatest($period_from::DATE, max(date_trunc('month', happened_on))::DATE) AS first_day
    FROM events
    WHERE
        is_rebase
        AND (unit_id IS NULL OR list_contains($units, unit_id))
        AND happened_on BETWEEN $period_from AND $period_to
),

evenings AS (
    SELECT unnest(['light', 'between', 'dark']) AS evening
),

lit AS (
    SELECT
        days.date,
        CASE WHEN days.sunset > 20 THEN 'light' WHEN days.sunset < 17 THEN 'dark' ELSE 'between' END AS evening,
    FROM days
    CROSS JOIN stretch
    WHERE days.date BETWEEN stretch.first_day AND $period_to
),

moves AS (
    SELECT
        nights_from AS date,
        1 AS children,
    FROM placements_in($period_from, $period_to, $units, $whose)
    UNION ALL
    SELECT
        nights_before,
        -1,
    FROM placements_in($period_from, $period_to, $units, $whose)
),

moved AS (
    SELECT
        greatest(date, (SELECT min(date) FROM lit)) AS date,
        sum(children) AS children,
    FROM moves
    GROUP BY ALL
),

slept AS (
    SELECT
        lit.date,
        lit.evening,
        coalesce(sum(moved.children) OVER (ORDER BY lit.date), 0) AS nights,
    FROM lit
    LEFT JOIN moved ON lit.date = moved.date
),

nights AS (
    SELECT
        evening,
        count(*) AS days,
        sum(nights)::BIGINT AS nights,
    FROM slept
    GROUP BY ALL
),

by_day AS (
    SELECT
        child_number,
        started_on,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

by_child AS (
    SELECT
        by_day.child_number,
        lit.evening,
        sum(by_day.episodes)::BIGINT AS episodes,
    FROM by_day
    INNER JOIN lit ON by_day.started_on = lit.date
    GROUP BY ALL
),

by_child_and_dark AS (
    SELECT
        evenings.evening,
        by_child.child_number,
        coalesce(sum(by_child.episodes) FILTER (WHERE by_child.evening = evenings.evening), 0) AS episodes,
        sum(by_child.episodes) AS episodes_compared,
    FROM evenings
    INNER JOIN by_child ON by_child.evening IN (evenings.evening, 'dark')
    GROUP BY ALL
),

shared AS (
    SELECT
        *,
        sum(episodes) OVER by_evening / sum(episodes_compared) OVER by_evening AS share,
    FROM by_child_and_dark
    WINDOW by_evening AS (PARTITION BY evening)
),

counted AS (
    SELECT
        evening,
        sum(episodes)::BIGINT AS episodes,
        count(*) FILTER (WHERE episodes > 0) AS children,
        count(*) AS children_compared,
        sum(pow(episodes - share * episodes_compared, 2)) AS unevenness,
    FROM shared
    GROUP BY ALL
),

final AS (
    SELECT
        evenings.evening,
        coalesce(nights.days, 0) AS days,
        coalesce(nights.nights, 0) AS nights,
        coalesce(counted.episodes, 0) AS episodes,
        CASE
            WHEN nights.nights >= $smallest_nights AND counted.children >= $smallest_children
                THEN counted.episodes * 1000 / nights.nights
        END AS rate,
        coalesce(counted.children, 0) AS children,
        CASE WHEN sum(nights.nights) OVER () > 0 THEN coalesce(nights.nights, 0) ELSE coalesce(nights.days, 0) END AS exposure,
        coalesce(counted.children_compared, 0) AS children_compared,
        coalesce(counted.unevenness, 0) AS unevenness,
    FROM evenings
    LEFT JOIN nights ON evenings.evening = nights.evening
    LEFT JOIN counted ON evenings.evening = counted.evening
)

SELECT * FROM final
ORDER BY list_position(['light', 'between', 'dark'], evening);
