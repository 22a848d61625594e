-- One row per stay of a child in a unit. `nights_from` and `nights_before` are the first night of the stay that the export
-- covers and the day after the last one; a night belongs to the day on which it begins.
-- A child whom `children` does not list is taken as ours; a unit whose area is not known is not in our area.
CREATE TABLE placements AS
WITH final AS (
    SELECT
        stay.child_id,
        stay.unit_id,
        stay.started_on,
        stay.ended_on,
        coalesce(children.is_ours, TRUE) AS is_ours,
        coalesce(units.in_area, FALSE) AS is_here,
        greatest(stay.started_on, coverage.covers_from) AS nights_from,
        least(coalesce(stay.ended_on, coverage.covers_to + 1), coverage.covers_to + 1) AS nights_before,
    FROM recorded_placements AS stay
    CROSS JOIN coverage
    LEFT JOIN children ON stay.child_id = children.child_id
    LEFT JOIN units ON stay.unit_id = units.unit_id
)

SELECT * FROM final;
