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

lasting AS (
    SELECT
        child_number,
        financial_year(started_on) AS first_year,
        financial_year(least(ended_on, $covers_to::DATE)) AS last_year,
    FROM episodes
    WHERE
        category = 'missing'
        AND is_ours
),

-- The years in which an episode counts: that of its start, and each one that begins before it has ended.
by_year AS (
    SELECT
        child_number,
        first_year AS year, -- noqa: CP05
    FROM lasting
    UNION ALL
    SELECT
        child_number,
        unnest(range(first_year + 1, last_year + 1)),
    FROM lasting
    WHERE last_year > first_year
),

by_child AS (
    SELECT
        child_number,
        year,
        count(*) AS episodes,
    FROM by_year
    GROUP BY ALL
),

went AS (
    SELECT
        year,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
    FROM by_child
    GROUP BY ALL
),

-- Those who came up to a year, without those who left in an earlier one.
cared_for AS (
    SELECT
        financial_year(looked_after_from) AS first_year,
        financial_year(looked_after_to) AS last_year,
        count(*) AS children,
    FROM children
    WHERE is_ours
    GROUP BY ALL
),

looked_after AS (
    SELECT
        years.year,
        sum(cared_for.children)::BIGINT AS children,
    FROM years
    INNER JOIN cared_for ON cared_for.first_year <= years.year AND coalesce(cared_for.last_year >= years.year, TRUE)
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
