-- One row per H3 cell in which children were found, or last seen where the place found is not recorded: different children,
-- episodes, and the units that they went from. Most children first.
-- Latitude and longitude are the cell's centre; nothing finer leaves this question. `episodes_last_seen` are those placed by
-- where the child was last seen. Episodes found at a unit, and those with neither place, are left out.
-- Parameters: the scope.
WITH located AS (
    SELECT
        coalesce(found_cell, last_seen_cell) AS cell_number,
        child_number,
        unit_id,
        found_cell,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE
        coalesce(found_cell, last_seen_cell) IS NOT NULL
        AND found_place IS DISTINCT FROM 'unit'
),

counted AS (
    SELECT
        cell_number,
        count(DISTINCT child_number) AS children,
        count(*) AS episodes,
        count(DISTINCT unit_id) AS units,
        count(*) - count(found_cell) AS episodes_last_seen,
    FROM located
    GROUP BY ALL
),

final AS (
    SELECT
        cells.cell,
        cells.latitude,
        cells.longitude,
        counted.children,
        counted.episodes,
        counted.units,
        cells.nearest_place,
        cells.kilometres_to_place,
        counted.episodes_last_seen,
    FROM counted
    INNER JOIN cells ON counted.cell_number = cells.cell_number
)

SELECT * FROM final
ORDER BY children DESC, episodes DESC, cell;
