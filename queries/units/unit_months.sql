-- One row per unit per month of the period, from the unit's opening to its closing, zeros included.
-- A unit without an opening date counts from its first placement or episode in the export. A month that the export does not cover
-- at all, and episodes before the opening or after the closing month, are left out.
-- The rate is per 1,000 nights in placement, and null below $smallest_nights nights.
-- Parameters: the scope, $covers_from, $covers_to, $smallest_nights.
WITH unit_spine AS (
    SELECT * FROM unit_months_in($period_from, $period_to, $units, $whose)
    WHERE
        month <= $covers_to::DATE
        AND month + INTERVAL 1 MONTH > $covers_from::DATE
),

by_child AS (
    SELECT
        unit_id,
        started_month AS month,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

counted AS (
    SELECT
        unit_id,
        month,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
    FROM by_child
    GROUP BY ALL
),

slept AS (
    SELECT
        unit_id,
        month,
        sum(nights)::BIGINT AS nights,
    FROM nights_in($period_from, $period_to, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        unit_spine.unit_id,
        unit_spine.month,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(counted.children, 0) AS children,
        coalesce(slept.nights, 0) AS nights,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(counted.episodes, 0) * 1000 / slept.nights END AS rate,
    FROM unit_spine
    LEFT JOIN counted ON unit_spine.unit_id = counted.unit_id AND unit_spine.month = counted.month
    LEFT JOIN slept ON unit_spine.unit_id = slept.unit_id AND unit_spine.month = slept.month
)

SELECT * FROM final
ORDER BY unit_id, month;
