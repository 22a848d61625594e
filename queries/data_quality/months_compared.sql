-- One row per month that the export before covered whole, from its first to its last: the episodes that began in it as that export
-- had them, those that are new in it, gone from it, and moved into it less moved out of it by a corrected start, and the episodes now.
-- No row where there was no export before.
WITH months AS (
    SELECT spine.month::DATE AS month
    FROM coverage_before
    CROSS JOIN generate_series(
        date_trunc('month', covers_from + INTERVAL 1 MONTH - INTERVAL 1 DAY), covers_to + 1 - INTERVAL 1 MONTH, INTERVAL 1 MONTH
    ) AS spine (month)
),

told AS (
    SELECT
        date_trunc('month', started_on_before)::DATE AS month,
        "rows" AS episodes_before,
        0 AS added,
        CASE WHEN fate = 'gone' THEN "rows" ELSE 0 END AS gone,
        0 AS episodes,
    FROM comparison
    WHERE
        "table" = 'episodes'
        AND fate <> 'added'
    UNION ALL
    SELECT
        date_trunc('month', started_on)::DATE,
        0,
        CASE WHEN fate = 'added' THEN "rows" ELSE 0 END,
        0,
        "rows",
    FROM comparison
    WHERE
        "table" = 'episodes'
        AND fate <> 'gone'
),

counted AS (
    SELECT
        month,
        sum(episodes_before)::BIGINT AS episodes_before,
        sum(added)::BIGINT AS added,
        sum(gone)::BIGINT AS gone,
        sum(episodes)::BIGINT AS episodes,
    FROM told
    GROUP BY ALL
),

final AS (
    SELECT
        months.month,
        coalesce(counted.episodes_before, 0) AS episodes_before,
        coalesce(counted.added, 0) AS added,
        coalesce(counted.gone, 0) AS gone,
        coalesce(counted.episodes - counted.episodes_before - counted.added + counted.gone, 0) AS moved,
        coalesce(counted.episodes, 0) AS episodes,
    FROM months
    LEFT JOIN counted ON months.month = counted.month
)

SELECT * FROM final
ORDER BY month;
