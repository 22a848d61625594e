-- One row per kind of day in the school year, zeros included: what `kinds_of_day_in` of queries/tables/scope.sql says of it, set
-- against days in term. Summer: holidays from July to September; shorter: all others. Days of which the term dates know nothing are left
-- out.
-- Parameters: the scope, $smallest_nights, $smallest_children.
WITH kinds AS (
    SELECT unnest(['term', 'summer', 'shorter']) AS school
),

seen AS (
    SELECT *
    FROM
        kinds_of_day_in(
            CASE
                WHEN days.is_term THEN 'term'
                WHEN NOT days.is_term AND month(days.date) BETWEEN 7 AND 9 THEN 'summer'
                WHEN NOT days.is_term THEN 'shorter'
            END,
            'term',
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
        kinds.school,
        coalesce(seen.days, 0) AS days,
        coalesce(seen.nights, 0) AS nights,
        coalesce(seen.episodes, 0) AS episodes,
        seen.rate,
        coalesce(seen.children, 0) AS children,
        coalesce(seen.exposure, 0) AS exposure,
        coalesce(seen.children_compared, 0) AS children_compared,
        coalesce(seen.unevenness, 0) AS unevenness,
        seen.stretch_from,
    FROM kinds
    LEFT JOIN seen ON kinds.school = seen.kind_of_day
)

SELECT * FROM final
ORDER BY list_position(['term', 'summer', 'shorter'], school);
