-- One row per day of the period that the export covers, zeros included: episodes that began on it.
-- `is_term` is null on days that the term dates do not reach. `sunset` is local time, hours and minutes, as text.
-- Parameters: the scope.
WITH counted AS (
    SELECT
        started_on AS date,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        days.date,
        coalesce(counted.episodes, 0) AS episodes,
        days.is_term,
        days.is_bank_holiday,
        printf('%02d:%02d', round(days.sunset * 3600)::INTEGER // 3600, round(days.sunset * 3600)::INTEGER % 3600 // 60) AS sunset,
    FROM days
    LEFT JOIN counted ON days.date = counted.date
    WHERE days.date BETWEEN $period_from AND $period_to
)

SELECT * FROM final
ORDER BY date;
