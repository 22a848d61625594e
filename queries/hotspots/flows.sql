-- One row per unit and H3 cell: episodes in which a child went from the unit and was found, or last seen, in the cell, and the
-- different children. Most episodes first.
-- `kilometres` is from the unit's point to the cell's centre in a straight line; null where the unit has no point. `unit_id` is
-- null where no unit is known. Episodes found at a unit, and those with no place, are left out, as in hotspots/cells.
-- The unit's point is for the arc that is drawn from its hexagon, and is in no table.
-- Parameters: the scope.
WITH located AS (
    SELECT
        coalesce(found_cell, last_seen_cell) AS cell_number,
        child_number,
        unit_id,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE
        coalesce(found_cell, last_seen_cell) IS NOT NULL
        AND found_place IS DISTINCT FROM 'unit'
),

-- By child first: cheaper than counting different children in one step, and the dearest question of its page.
by_child AS (
    SELECT
        unit_id,
        cell_number,
        child_number,
        count(*) AS episodes,
    FROM located
    GROUP BY ALL
),

counted AS (
    SELECT
        unit_id,
        cell_number,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
    FROM by_child
    GROUP BY ALL
),

final AS (
    SELECT
        counted.unit_id,
        cells.cell,
        counted.episodes,
        counted.children,
        kilometres_between(units.latitude, units.longitude, cells.latitude, cells.longitude) AS kilometres,
        cells.nearest_place,
        cells.latitude,
        cells.longitude,
        units.latitude AS unit_latitude,
        units.longitude AS unit_longitude,
    FROM counted
    INNER JOIN cells ON counted.cell_number = cells.cell_number
    LEFT JOIN units ON counted.unit_id = units.unit_id
)

SELECT * FROM final
ORDER BY episodes DESC, children DESC, unit_id, cell;
