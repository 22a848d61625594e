-- One row per named place: the cells that have it nearest, the different children found (or last seen) in them, and the episodes.
-- Most children first. Episodes found at a unit, and those with no place, are left out, as in hotspots/cells.
-- Parameters: the scope.
WITH located AS (
    SELECT
        coalesce(found_cell, last_seen_cell) AS cell_number,
        child_number,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE found_place IS DISTINCT FROM 'unit'
),

final AS (
    SELECT
        cells.nearest_place,
        count(DISTINCT located.child_number) AS children,
        count(*) AS episodes,
        count(DISTINCT located.cell_number) AS cells,
    FROM located
    INNER JOIN cells ON located.cell_number = cells.cell_number
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY children DESC, episodes DESC, nearest_place;
