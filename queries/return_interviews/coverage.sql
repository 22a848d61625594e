-- One row per month of the period, zeros included: the returns of that month and what became of their interviews.
-- A month that the export does not cover at all is left out, and so are returns that need no interview.
-- The shares are of the returns that are due and not `not_yet_due`, and null where those are of fewer than $smallest_children
-- different `children`. `held_untimed` were held, but no time after the return says when.
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
        ended_month AS month,
        count(*) AS due,
        count(*) FILTER (is_not_yet_due) AS not_yet_due,
        count(*) FILTER (is_offered) AS offered,
        count(*) FILTER (is_held) AS held,
        count(*) FILTER (hours_to_held <= 24) AS held_24h,
        count(*) FILTER (hours_to_held <= 48) AS held_48h,
        count(*) FILTER (hours_to_held <= 72) AS held_72h,
        count(*) FILTER (is_held AND hours_to_held IS NULL) AS held_untimed,
        count(DISTINCT child_number) FILTER (NOT is_not_yet_due) AS children,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.due, 0) AS due,
        coalesce(counted.not_yet_due, 0) AS not_yet_due,
        coalesce(counted.offered, 0) AS offered,
        coalesce(counted.held, 0) AS held,
        coalesce(counted.held_24h, 0) AS held_24h,
        coalesce(counted.held_48h, 0) AS held_48h,
        coalesce(counted.held_72h, 0) AS held_72h,
        coalesce(counted.held_untimed, 0) AS held_untimed,
        coalesce(counted.children, 0) AS children,
        CASE WHEN counted.children >= $smallest_children THEN counted.held_72h / (counted.due - counted.not_yet_due) END AS share_72h,
        CASE WHEN counted.children >= $smallest_children THEN counted.held / (counted.due - counted.not_yet_due) END AS share_held,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
)

SELECT * FROM final
ORDER BY month;
