-- One row per month of the period, zeros included: absences that began in it, and those that became a missing report.
-- An absence is an episode of away, or one of missing that was reclassified: both are counted, whatever the scope's category.
-- `median_hours` is from the start to the reclassification, null without times or where every one comes before the start.
-- A month that the export does not cover at all is left out. `share` is null below $smallest_children different children, and
-- `median_hours` where those of fewer children became one.
-- `is_provisional`: the month has days in the latest four weeks of the export, which are still being recorded.
-- Parameters: the scope without its category, $covers_from, $covers_to, $smallest_children.
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series($period_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month <= $covers_to::DATE
        AND month + INTERVAL 1 MONTH > $covers_from::DATE
),

absences AS (
    SELECT
        episode.started_month AS month,
        episode.child_number,
        episode.reclassified_at,
        CASE
            WHEN coverage.starts_have_times AND episode.reclassified_at >= episode.started_at
                THEN hours_between(episode.started_at, episode.reclassified_at)
        END AS hours_to_reclassified,
    FROM episodes_in($period_from, $period_to, NULL, $units, $whose) AS episode
    CROSS JOIN coverage
    WHERE
        episode.category = 'away'
        OR episode.reclassified_at IS NOT NULL
),

by_child AS (
    SELECT
        month,
        child_number,
        count(*) AS absences,
        count(reclassified_at) AS reclassified,
        count(hours_to_reclassified) AS timed,
    FROM absences
    GROUP BY ALL
),

medians AS (
    SELECT
        month,
        median(hours_to_reclassified) AS median_hours,
    FROM absences
    WHERE hours_to_reclassified IS NOT NULL
    GROUP BY ALL
),

counted AS (
    SELECT
        month,
        sum(absences)::BIGINT AS absences,
        sum(reclassified)::BIGINT AS reclassified,
        count(*) AS children,
        count_if(timed > 0) AS children_reclassified,
    FROM by_child
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.absences, 0) AS absences,
        coalesce(counted.reclassified, 0) AS reclassified,
        CASE WHEN counted.children_reclassified >= $smallest_children THEN medians.median_hours END AS median_hours,
        CASE WHEN counted.children >= $smallest_children THEN counted.reclassified / counted.absences END AS share,
        coalesce(counted.children, 0) AS children,
        months.month + INTERVAL 1 MONTH > $covers_to::DATE - 27 AS is_provisional,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
    LEFT JOIN medians ON months.month = medians.month
)

SELECT * FROM final
ORDER BY month;
