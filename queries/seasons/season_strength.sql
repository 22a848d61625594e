-- One row per whole month from $history_from to the end of the period, zeros included, of the latest stretch between rebase events:
-- episodes that began in it and nights in placement. What the strength of a season is worked out of.
-- The rate is per 1,000 nights, and null below $smallest_nights nights; `per_day` is episodes for each day of the month.
-- Months that the export covers in part are left out, and those before the month of the latest rebase event. An event of one unit counts
-- where the scope names that unit.
-- Parameters: the scope, $history_from, $covers_from, $covers_to, $smallest_nights.
WITH stretch AS (
    SELECT greatest($history_from::DATE, max(date_trunc('month', happened_on))::DATE) AS first_month
    FROM events
    WHERE
        is_rebase
        AND (unit_id IS NULL OR list_contains($units, unit_id))
        AND happened_on BETWEEN $history_from AND $period_to
),

months AS (
    SELECT month::DATE AS month
    FROM generate_series((SELECT first_month FROM stretch), $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month >= $covers_from::DATE
        AND month + INTERVAL 1 MONTH <= $covers_to::DATE + 1
),

counted AS (
    SELECT
        started_month AS month,
        count(*) AS episodes,
    FROM episodes_in($history_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

slept AS (
    SELECT
        month,
        sum(nights)::BIGINT AS nights,
    FROM nights_in($history_from, $period_to, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(slept.nights, 0) AS nights,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(counted.episodes, 0) * 1000 / slept.nights END AS rate,
        coalesce(counted.episodes, 0) / day(last_day(months.month)) AS per_day,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
    LEFT JOIN slept ON months.month = slept.month
)

SELECT * FROM final
ORDER BY month;
