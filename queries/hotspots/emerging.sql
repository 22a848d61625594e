-- One row per H3 cell in which three different children or more were found, or last seen, in the fifteen months to $latest_to: the
-- different children in the latest three months, the sum over the five quarters of those in each (`children_all`), and, the same in
-- every row, how many had a place in the latest quarter and over the five (`active_latest`, `active_all`).
-- A child is counted once a cell and quarter, however often it was there. Quarters are three months each, back from $latest_to.
-- Episodes found at a unit, and those with no place, are left out, as in hotspots/cells.
-- Parameters: the scope, $earliest_from (first day of the first of the five quarters), $latest_to (last day of the last).
WITH located AS (
    SELECT
        coalesce(found_cell, last_seen_cell) AS cell_number,
        child_number,
        date_diff('month', $earliest_from::DATE, started_month) // 3 AS quarter,
    FROM episodes_in($earliest_from, $latest_to, $category, $units, $whose)
    WHERE
        coalesce(found_cell, last_seen_cell) IS NOT NULL
        AND found_place IS DISTINCT FROM 'unit'
),

visits AS (
    SELECT DISTINCT * FROM located
),

active_children AS (
    SELECT DISTINCT
        child_number,
        quarter,
    FROM visits
),

active AS (
    SELECT
        count(*) AS active_all,
        count(*) FILTER (WHERE quarter = 4) AS active_latest,
    FROM active_children
),

counted AS (
    SELECT
        cell_number,
        count(*) FILTER (WHERE quarter = 4) AS children_latest,
        count(*) AS children_all,
    FROM visits
    GROUP BY ALL
    HAVING count(DISTINCT child_number) >= 3
),

final AS (
    SELECT
        cells.cell,
        counted.children_latest,
        counted.children_all,
        active.active_latest,
        active.active_all,
        cells.latitude,
        cells.longitude,
        cells.nearest_place,
    FROM counted
    INNER JOIN cells ON counted.cell_number = cells.cell_number
    CROSS JOIN active
)

SELECT * FROM final
ORDER BY cell;
