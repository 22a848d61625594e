-- One row per table of the contract, in the contract's order, that this export or the one before it has rows of: the rows then, what
-- became of them, and the rows now. No row where there was no export before.
-- Parameters: $tables (the contract's, in its order).
WITH tables AS (
    SELECT
        unnest($tables::VARCHAR[]) AS "table",
        generate_subscripts($tables::VARCHAR[], 1) AS position,
),

counted AS (
    SELECT
        "table",
        coalesce(sum("rows") FILTER (fate <> 'added'), 0)::BIGINT AS rows_before,
        coalesce(sum("rows") FILTER (fate = 'added'), 0)::BIGINT AS added,
        coalesce(sum("rows") FILTER (fate = 'changed'), 0)::BIGINT AS changed,
        coalesce(sum("rows") FILTER (fate = 'gone'), 0)::BIGINT AS gone,
        coalesce(sum("rows") FILTER (fate <> 'gone'), 0)::BIGINT AS "rows",
    FROM comparison
    GROUP BY ALL
),

final AS (
    SELECT
        tables.position,
        counted.*,
    FROM counted
    INNER JOIN tables ON counted."table" = tables."table"
)

SELECT * EXCLUDE (position) FROM final
ORDER BY position;
