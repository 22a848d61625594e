-- One row per month of the period, zeros included: return interviews held for a return of that month, and how many of them led to help
-- or a change of plan. An interview that covers several returns is in the month of the last of them.
-- `interviews` are those for which it is recorded whether it did; `not_recorded` are the others. A month that the export does not
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

by_interview AS (
    SELECT
        interview_number,
        max(ended_month) AS month,
        bool_or(follow_up) AS follow_up,
        min(child_number) AS child_number,
    FROM interviews_held_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

counted AS (
    SELECT
        month,
        count(follow_up) AS interviews,
        count(*) FILTER (follow_up) AS followed_up,
        count(DISTINCT child_number) FILTER (follow_up IS NOT NULL) AS children,
        count(*) FILTER (follow_up IS NULL) AS not_recorded,
    FROM by_interview
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.interviews, 0) AS interviews,
        coalesce(counted.followed_up, 0) AS followed_up,
        CASE WHEN counted.children >= $smallest_children THEN counted.followed_up / counted.interviews END AS share,
        coalesce(counted.children, 0) AS children,
        coalesce(counted.not_recorded, 0) AS not_recorded,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
)

SELECT * FROM final
ORDER BY month;
