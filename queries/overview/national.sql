-- One row per financial year that the export covers whole, by the calendar year in which it ends, set beside the published figures
-- for England (null where not published). Our children wherever placed, `missing` alone, whatever the scope.
-- The Department for Education's rule: an episode open on 1 April counts in the new year too. Percentages are of the children looked
-- after on any day of the year, 0 to 100.
-- Parameters: $covers_from, $covers_to, $smallest_children.
WITH years AS (
    SELECT
        year,
        make_date(year - 1, 4, 1) AS first_day,
        make_date(year, 3, 31) AS last_day,
    FROM generate_series(year($covers_from::DATE), year($covers_to::DATE) + 1) AS spine (year)
    WHERE
        make_date(year - 1, 4, 1) >= $covers_from::DATE
        AND make_date(year, 3, 31) <= $covers_to::DATE
),

went AS (
    SELECT
        years.year,
        count(*) AS episodes,
        count(DISTINCT episodes.child_id) AS children,
    FROM years
    INNER JOIN episodes
        ON
            episodes.started_on <= years.last_day
            AND (episodes.started_on >= years.first_day OR coalesce(episodes.ended_on >= years.first_day, TRUE))
    WHERE
        episodes.category = 'missing'
        AND episodes.is_ours
    GROUP BY ALL
),

looked_after AS (
    SELECT
        years.year,
        count(*) AS children,
    FROM years
    INNER JOIN children
        ON
            children.looked_after_from <= years.last_day
            AND coalesce(children.looked_after_to >= years.first_day, TRUE)
    WHERE children.is_ours
    GROUP BY ALL
),

final AS (
    SELECT
        years.year,
        CASE
            WHEN looked_after.children >= $smallest_children
                THEN 100.0 * coalesce(went.children, 0) / looked_after.children
        END AS percent_missing,
        CASE WHEN went.children >= $smallest_children THEN went.episodes / went.children END AS episodes_per_child,
        england.england_percent_missing,
        england.england_episodes_per_child,
        coalesce(went.children, 0) AS children,
        coalesce(went.episodes, 0) AS episodes,
        coalesce(looked_after.children, 0) AS looked_after,
    FROM years
    LEFT JOIN went ON years.year = went.year
    LEFT JOIN looked_after ON years.year = looked_after.year
    LEFT JOIN national_figures AS england ON years.year = england.year
)

SELECT * FROM final
ORDER BY year;
