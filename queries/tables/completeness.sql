-- One row per table and column of the contract: the rows of the file and those that fill the column, 0 where the file or the column
-- is not there. For `episodes` also per unit, by the unit at the time: `unit_id` is null for the whole of a table.
-- Left out per unit: episodes of no known unit.
-- Parameters: $contract_columns ("table.column", in the contract's order).
CREATE TABLE completeness AS
WITH episodes_counted AS (
    SELECT
        unit_id AS of_unit,
        grouping(unit_id) = 1 AS is_whole,
        count(*) AS "rows",
        count(COLUMNS(* EXCLUDE (unit_id))),
        count(*) FILTER (WHERE is_unit_recorded) AS unit_id,
    FROM episodes
    GROUP BY GROUPING SETS ((episodes.unit_id), ())
),

counted AS (
    SELECT
        'episodes' AS "table",
        "column",
        filled,
        "rows",
        of_unit AS unit_id,
    FROM (UNPIVOT episodes_counted ON COLUMNS(* EXCLUDE (of_unit, is_whole, "rows")) INTO NAME "column" VALUE filled)
    WHERE is_whole OR of_unit IS NOT NULL
    UNION ALL
    SELECT
        'return_interviews',
        *,
        NULL,
    FROM filled_columns('return_interviews')
    UNION ALL
    SELECT
        'placements',
        *,
        NULL,
    FROM filled_columns('recorded_placements')
    UNION ALL
    SELECT
        'units',
        *,
        NULL,
    FROM filled_columns('recorded_units')
    UNION ALL
    SELECT
        'children',
        *,
        NULL,
    FROM filled_columns('recorded_children')
    UNION ALL
    SELECT
        'police_calls',
        *,
        NULL,
    FROM filled_columns('recorded_police_calls')
    UNION ALL
    SELECT
        'events',
        *,
        NULL,
    FROM filled_columns('recorded_events')
),

final AS (
    SELECT
        *,
        list_position($contract_columns, "table" || '.' || "column") AS position,
    FROM counted
)

SELECT * FROM final
WHERE position IS NOT NULL
ORDER BY unit_id NULLS FIRST, position;
