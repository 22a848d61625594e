-- One row per month of the period, zeros included: the returns of that month, and those after which the police saw the child (the
-- prevention interview). It is another thing than the return interview: every return counts, whether it needs one or not.
-- `median_hours` is from the return to the check; null where neither has a time or every check has one before the return.
-- A month that the export does not cover at all is left out. `share` and `median_hours` are null below $smallest_children different
-- children. `not_reported`: returns from episodes that were not reported to the police.
-- `is_provisional`: the month has days in the latest four weeks of the export, which are still being recorded.
-- Parameters: the scope, $covers_from, $covers_to, $smallest_children.
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series($period_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month <= $covers_to::DATE
        AND month + INTERVAL 1 MONTH > $covers_from::DATE
),

returned AS (
    SELECT
        date_trunc('month', episode.ended_on)::DATE AS month,
        episode.child_number,
        episode.police_checked_at,
        episode.police_called,
        episode.police_checked_at >= episode.ended_at AS is_after,
        CASE WHEN coverage.ends_have_times AND is_after THEN hours_between(episode.ended_at, episode.police_checked_at) END AS hours,
    FROM episodes AS episode
    CROSS JOIN coverage
    WHERE
        NOT episode.is_open
        AND episode.ended_on BETWEEN $period_from AND $period_to
        AND ($category IS NULL OR episode.category = $category)
        AND is_one_of($units, episode.unit_id)
        AND is_whose($whose, episode.is_ours, episode.is_here)
),

by_child AS (
    SELECT
        month,
        child_number,
        count(*) AS returns,
        count(police_checked_at) AS checked,
        count_if(is_after) AS checked_after,
        count_if(NOT police_called) AS not_reported,
    FROM returned
    GROUP BY ALL
),

medians AS (
    SELECT
        month,
        median(hours) AS median_hours,
    FROM returned
    WHERE hours IS NOT NULL
    GROUP BY ALL
),

counted AS (
    SELECT
        month,
        sum(returns)::BIGINT AS returns,
        sum(checked)::BIGINT AS checked,
        count(*) AS children,
        count_if(checked_after > 0) AS children_checked,
        sum(not_reported)::BIGINT AS not_reported,
    FROM by_child
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.returns, 0) AS returns,
        coalesce(counted.checked, 0) AS checked,
        CASE WHEN counted.children >= $smallest_children THEN counted.checked / counted.returns END AS share,
        CASE WHEN counted.children_checked >= $smallest_children THEN medians.median_hours END AS median_hours,
        coalesce(counted.children, 0) AS children,
        coalesce(counted.not_reported, 0) AS not_reported,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
    LEFT JOIN medians ON months.month = medians.month
)

SELECT * FROM final
ORDER BY month;
