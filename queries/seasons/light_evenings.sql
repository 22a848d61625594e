-- One row per kind of evening, from light to dark, zeros included: what `kinds_of_day_in` of queries/tables/scope.sql says of it, set
-- against dark evenings. Light: the sun sets after 20:00; dark: before 17:00; between: all others.
-- Parameters: the scope, $smallest_nights, $smallest_children.
WITH evenings AS (
    SELECT unnest(['light', 'between', 'dark']) AS evening
),

seen AS (
    SELECT *
    FROM
        kinds_of_day_in(
            CASE WHEN days.sunset > 20 THEN 'light' WHEN days.sunset < 17 THEN 'dark' ELSE 'between' END,
            'dark',
            $period_from,
            $period_to,
            $category,
            $units,
            $whose,
            $smallest_nights,
            $smallest_children
        )
),

final AS (
    SELECT
        evenings.evening,
        coalesce(seen.days, 0) AS days,
        coalesce(seen.nights, 0) AS nights,
        coalesce(seen.episodes, 0) AS episodes,
        seen.rate,
        coalesce(seen.children, 0) AS children,
        coalesce(seen.exposure, 0) AS exposure,
        coalesce(seen.children_compared, 0) AS children_compared,
        coalesce(seen.unevenness, 0) AS unevenness,
        seen.stretch_from,
    FROM evenings
    LEFT JOIN seen ON evenings.evening = seen.kind_of_day
)

SELECT * FROM final
ORDER BY list_position(['light', 'between', 'dark'], evening);
