-- One row per unit per month, zeros included: episodes that began in it. Averages, limits and causes are added to these.
-- `busiest_in_month` and `busiest_in_quarter`: the most episodes that one child had from the unit in the month, and in its quarter.
-- From $history_from, or the unit's opening, to the period's end, or its closing. A unit without an opening date counts from its
-- first placement or episode in the export. A month that the export covers only in part is left out: it would look low.
-- Parameters: the scope, $history_from, $covers_from, $covers_to.
WITH unit_spine AS (
    SELECT * FROM unit_months_in($history_from, $period_to, $units, $whose)
    WHERE
        month >= $covers_from::DATE
        AND month + INTERVAL 1 MONTH <= $covers_to::DATE + 1
),

by_child AS (
    SELECT
        unit_id,
        started_month AS month,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($history_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

counted AS (
    SELECT
        unit_id,
        month,
        sum(episodes)::BIGINT AS episodes,
        max(episodes) AS busiest,
    FROM by_child
    GROUP BY ALL
),

by_child_and_quarter AS (
    SELECT
        unit_id,
        date_trunc('quarter', month)::DATE AS quarter,
        child_number,
        sum(episodes)::BIGINT AS episodes,
    FROM by_child
    GROUP BY ALL
),

in_quarters AS (
    SELECT
        unit_id,
        quarter,
        max(episodes) AS busiest,
    FROM by_child_and_quarter
    GROUP BY ALL
),

final AS (
    SELECT
        unit_spine.unit_id,
        unit_spine.month,
        coalesce(counted.episodes, 0) AS value,
        coalesce(counted.busiest, 0) AS busiest_in_month,
        coalesce(in_quarters.busiest, 0) AS busiest_in_quarter,
    FROM unit_spine
    LEFT JOIN counted ON unit_spine.unit_id = counted.unit_id AND unit_spine.month = counted.month
    LEFT JOIN in_quarters ON unit_spine.unit_id = in_quarters.unit_id AND date_trunc('quarter', unit_spine.month) = in_quarters.quarter
)

SELECT * FROM final
ORDER BY unit_id, month;
