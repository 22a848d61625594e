-- One row per month of the period, zeros included: episodes that began in it, and those that are not of the five children with most
-- episodes in the period (ties by child).
-- A month that the export does not cover at all is left out. `is_provisional`: the month has days in the latest four weeks of the
-- export, which are still being recorded.
-- Parameters: the scope, $covers_from, $covers_to.
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

most_frequent AS (
    SELECT child_number
    FROM by_child
    GROUP BY child_number
    ORDER BY sum(episodes) DESC, child_number ASC
    LIMIT 5
),

counted AS (
    SELECT
        month,
        sum(episodes)::BIGINT AS episodes,
        sum(episodes) FILTER (child_number NOT IN (SELECT child_number FROM most_frequent))::BIGINT AS episodes_without_top_5,
    FROM by_child
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(counted.episodes_without_top_5, 0) AS episodes_without_top_5,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
)

SELECT * FROM final
ORDER BY month;
