-- One row per category: how long after the start of an episode the police were called, in minutes.
-- Left out and counted apart in `untimed`: reported episodes with no time of the call, or one before the start.
-- Quartiles and median are null below $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH reported AS (
    SELECT
        category,
        child_number,
        CASE WHEN police_called_at >= started_at THEN hours_between(started_at, police_called_at) * 60 END AS minutes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE police_called
),

counted AS (
    SELECT
        category,
        count(minutes) AS called,
        quantile_cont(minutes, [0.25, 0.5, 0.75]) AS quartiles,
        count(*) FILTER (minutes <= 60) AS within_1h,
        count(*) FILTER (minutes <= 180) AS within_3h,
        count(*) FILTER (minutes <= 360) AS within_6h,
        count(DISTINCT child_number) FILTER (minutes IS NOT NULL) AS children,
        count(*) FILTER (minutes IS NULL) AS untimed,
    FROM reported
    GROUP BY ALL
),

final AS (
    SELECT
        category,
        called,
        CASE WHEN children >= $smallest_children THEN quartiles[2] END AS median_minutes,
        CASE WHEN children >= $smallest_children THEN quartiles[1] END AS lower_quartile,
        CASE WHEN children >= $smallest_children THEN quartiles[3] END AS upper_quartile,
        within_1h,
        within_3h,
        within_6h,
        children,
        untimed,
    FROM counted
)

SELECT * FROM final
ORDER BY list_position(['missing', 'away'], category);
