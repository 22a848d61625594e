-- One row per month of the period, zeros included: episodes that began in it, the children they were of, and nights in placement.
-- A month that the export does not cover at all is left out. The rate is per 1,000 nights, and null below $smallest_nights nights.
-- `is_provisional`: the month has days in the latest four weeks of the export, which are still being recorded.
-- Parameters: the scope, $covers_from, $covers_to, $smallest_nights.
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series($period_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month <= $covers_to::DATE
        AND month + INTERVAL 1 MONTH > $covers_from::DATE
),

by_child AS (
    SELECT
        started_month AS month,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

counted AS (
    SELECT
        month,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
    FROM by_child
    GROUP BY ALL
),

slept AS (
    SELECT
        month,
        sum(nights)::BIGINT AS nights,
    FROM nights_in($period_from, $period_to, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(counted.children, 0) AS children,
        coalesce(slept.nights, 0) AS nights,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(counted.episodes, 0) * 1000 / slept.nights END AS rate,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
    LEFT JOIN slept ON months.month = slept.month
)

SELECT * FROM final
ORDER BY month;
