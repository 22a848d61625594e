-- One row per table and column of the contract: rows of the file, those that fill the column, and their share, which is null where the
-- file has no row or is not there. For `episodes` also per unit, by the unit at the time; `unit_id` is null for the whole of a table.
-- Of the whole export, whatever the scope.
WITH final AS (
    SELECT
        "table",
        "column",
        filled,
        "rows",
        filled / nullif("rows", 0) AS share,
        unit_id,
        position,
    FROM completeness
)

SELECT * EXCLUDE (position) FROM final
ORDER BY unit_id NULLS FIRST, position;
