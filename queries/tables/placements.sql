-- One row per stay of a child in a unit, in the order in which they end: a question of the latest year passes over those of earlier ones.
-- `nights_from` and `nights_before` are the first night of the stay that the export covers and the day after the last one; a night
-- belongs to the day on which it begins. `is_move`: in another unit than the child's placement before; the first of all is none.
-- A child whom `children` does not list is taken as ours; a unit whose area is not known is not in our area.
CREATE TABLE placements AS
WITH final AS (
    SELECT
        stay.child_id,
        numbered.child_number,
        stay.unit_id::UNIT AS unit_id,
        stay.started_on,
        stay.ended_on,
        coalesce(children.is_ours, TRUE) AS is_ours,
        coalesce(units.in_area, FALSE) AS is_here,
        greatest(stay.started_on, coverage.covers_from) AS nights_from,
        least(coalesce(stay.ended_on, coverage.covers_to + 1), coverage.covers_to + 1) AS nights_before,
        coalesce(stay.unit_id <> lag(stay.unit_id) OVER by_child, FALSE) AS is_move,
    FROM recorded_placements AS stay
    CROSS JOIN coverage
    INNER JOIN child_numbers AS numbered ON stay.child_id = numbered.child_id
    LEFT JOIN children ON numbered.child_number = children.child_number
    LEFT JOIN units ON stay.unit_id = units.unit_id
    WINDOW by_child AS (PARTITION BY numbered.child_number ORDER BY stay.started_on, stay.ended_on, stay.unit_id)
)

SELECT * FROM final
ORDER BY nights_before;
