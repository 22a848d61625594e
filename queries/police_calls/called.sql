-- One row per value of what episodes are told apart by: how many of them were reported to the police.
-- `by` is category, risk, age at the time or unit; `group` is null where it is not recorded. Episodes for which it is not
-- recorded whether the police were called are left out. `share` is null below $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH by_child AS (
    SELECT
        category,
        risk,
        CASE WHEN age <= 13 THEN '13 and under' WHEN age >= 14 THEN '14 and over' END AS age_group,
        unit_id,
        child_number,
        count(*) AS episodes,
        count(*) FILTER (police_called) AS called,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE police_called IS NOT NULL
    GROUP BY ALL
),

grouped AS (
    SELECT
        CASE
            WHEN grouping(category) = 0 THEN 'category'
            WHEN grouping(risk) = 0 THEN 'risk'
            WHEN grouping(age_group) = 0 THEN 'age'
            ELSE 'unit'
        END AS "by",
        coalesce(category, risk, age_group, unit_id) AS "group",
        sum(episodes)::BIGINT AS episodes,
        sum(called)::BIGINT AS called,
        count(DISTINCT child_number) AS children,
    FROM by_child
    GROUP BY GROUPING SETS ((category), (risk), (age_group), (unit_id))
),

final AS (
    SELECT
        "by",
        "group",
        episodes,
        called,
        CASE WHEN children >= $smallest_children THEN called / episodes END AS share,
        children,
    FROM grouped
)

SELECT * FROM final
ORDER BY
    list_position(['category', 'risk', 'age', 'unit'], "by"),
    list_position(['missing', 'away', 'very_low', 'low', 'medium', 'high'], "group") NULLS LAST,
    "group" NULLS LAST;
