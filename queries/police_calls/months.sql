-- One row per month of the period, zeros included: episodes that began in it, and those of them that were reported to the police.
-- Episodes for which that is not recorded are left out and counted apart in `not_recorded`. A month that the export does not
-- cover at all is left out. `share` is null below $smallest_children different children.
-- `is_provisional`: the month has days in the latest four weeks of the export, which are still being recorded.
-- Parameters: the scope, $covers_from, $covers_to, $smallest_children.
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series($period_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month <= $covers_to::DATE
        AND month + INTERVAL 1 MONTH > $covers_from::DATE
),

counted AS (
    SELECT
        started_month AS month,
        count(police_called) AS episodes,
        count(*) FILTER (police_called) AS called,
        count(DISTINCT child_number) FILTER (police_called IS NOT NULL) AS children,
        count(*) FILTER (police_called IS NULL) AS not_recorded,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(counted.called, 0) AS called,
        CASE WHEN counted.children >= $smallest_children THEN counted.called / counted.episodes END AS share,
        coalesce(counted.children, 0) AS children,
        coalesce(counted.not_recorded, 0) AS not_recorded,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
)

SELECT * FROM final
ORDER BY month;
