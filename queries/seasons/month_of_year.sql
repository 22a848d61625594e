-- One row per whole month from $history_from to the end of the period, zeros included: episodes that began in it and nights in
-- placement. Months that the export covers in part are left out: half a month would read as a quiet one.
-- The rate is per 1,000 nights, and null below $smallest_nights nights.
-- `run` counts the stretches between rebase events, from 1: a season is never read across one. An event of one unit counts where
-- the scope names that unit. The month of the event begins the new run.
-- Parameters: the scope, $history_from, $covers_from, $covers_to, $smallest_nights.
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series($history_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month >= $covers_from::DATE
        AND month + INTERVAL 1 MONTH <= $covers_to::DATE + 1
),

rebased AS (
    SELECT DISTINCT date_trunc('month', happened_on)::DATE AS month
    FROM events
    WHERE
        is_rebase
        AND (unit_id IS NULL OR list_contains($units, unit_id))
        AND happened_on BETWEEN (SELECT min(month) FROM months) AND $period_to
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
        month(months.month)::INTEGER AS calendar_month,
        year(months.month)::INTEGER AS year,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(slept.nights, 0) AS nights,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(counted.episodes, 0) * 1000 / slept.nights END AS rate,
        1 + count(rebased.month) OVER (ORDER BY months.month) AS run,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
    LEFT JOIN slept ON months.month = slept.month
    LEFT JOIN rebased ON months.month = rebased.month
)

SELECT * FROM final
ORDER BY year, calendar_month;
