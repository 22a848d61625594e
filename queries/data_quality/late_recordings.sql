-- One row per span of days, the shortest first: episodes that the export before did not have though they had begun by its last day, by the
-- days from their start to that day. They were recorded that late at least: when a row was written, no export says.
-- No row where there was no export before.
WITH spans AS (
    SELECT
        unnest([0, 8, 29, 91, 366]) AS days_from,
        unnest([7, 28, 90, 365, NULL]) AS days_to,
),

late AS (
    SELECT
        coverage_before.covers_to - comparison.started_on AS days,
        comparison."rows",
    FROM comparison
    INNER JOIN coverage_before ON comparison.started_on BETWEEN coverage_before.covers_from AND coverage_before.covers_to
    WHERE
        comparison."table" = 'episodes'
        AND comparison.fate = 'added'
),

final AS (
    SELECT
        spans.days_from,
        spans.days_to,
        coalesce(sum(late."rows"), 0)::BIGINT AS episodes,
    FROM spans
    CROSS JOIN coverage_before
    LEFT JOIN late ON late.days >= spans.days_from AND late.days <= coalesce(spans.days_to, late.days)
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY days_from;
