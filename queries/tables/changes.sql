-- One row per thing recorded as happening: a unit that opened or closed, and each of `events`. `is_here`: of a unit in our area, or of
-- the whole authority.
CREATE TABLE changes AS
WITH final AS (
    SELECT
        'unit opened' AS kind,
        opened_on AS happened_on,
        unit_id,
        name || ' opened' AS what,
        coalesce(in_area, FALSE) AS is_here,
    FROM units
    WHERE opened_on IS NOT NULL
    UNION ALL
    SELECT
        'unit closed',
        closed_on,
        unit_id,
        name || ' closed',
        coalesce(in_area, FALSE),
    FROM units
    WHERE closed_on IS NOT NULL
    UNION ALL
    SELECT
        'event',
        event.happened_on,
        event.unit_id,
        event."text",
        event.unit_id IS NULL OR coalesce(units.in_area, FALSE),
    FROM events AS event
    LEFT JOIN units ON event.unit_id = units.unit_id
)

SELECT * FROM final
ORDER BY happened_on;
