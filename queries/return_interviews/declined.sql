-- One row per value of what returns are told apart by: to how many of them an interview was offered, and how many of these were
-- declined. `by` is category, age when the child went, or unit; `group` is null where it is not known.
-- Left out: returns that need no interview. `share` is null below $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH by_child AS (
    SELECT
        category,
        CASE WHEN age <= 13 THEN '13 and under' WHEN age >= 14 THEN '14 and over' END AS age_group,
        unit_id,
        child_number,
        count(*) AS offered,
        count(*) FILTER (is_declined) AS declined,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    WHERE is_offered
    GROUP BY ALL
),

grouped AS (
    SELECT
        CASE
            WHEN grouping(category) = 0 THEN 'category'
            WHEN grouping(age_group) = 0 THEN 'age'
            ELSE 'unit'
        END AS "by",
        coalesce(category, age_group, unit_id) AS "group",
        sum(offered)::BIGINT AS offered,
        sum(declined)::BIGINT AS declined,
        count(DISTINCT child_number) AS children,
    FROM by_child
    GROUP BY GROUPING SETS ((category), (age_group), (unit_id))
),

final AS (
    SELECT
        "by",
        "group",
        offered,
        declined,
        CASE WHEN children >= $smallest_children THEN declined / offered END AS share,
        children,
    FROM grouped
)

SELECT * FROM final
ORDER BY
    list_position(['category', 'age', 'unit'], "by"),
    list_position(['missing', 'away'], "group") NULLS LAST,
    "group" NULLS LAST;
