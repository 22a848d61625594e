-- One row per thing recorded as happening in the period: units opened or closed, and dated events. Latest first.
-- Parameters: $period_from, $period_to, $units, $whose.
WITH happened AS (
    SELECT
        'unit opened' AS kind,
        opened_on AS happened_on,
        unit_id,
        name || ' opened' AS what,
    FROM units
    UNION ALL
    SELECT
        'unit closed',
        closed_on,
        unit_id,
        name || ' closed',
    FROM units
    UNION ALL
    SELECT
        'event',
        happened_on,
        unit_id,
        text,
    FROM events
),

final AS (
    SELECT * FROM happened
    WHERE
        happened_on BETWEEN $period_from AND $period_to
        AND (unit_id IS NULL OR is_one_of($units, unit_id))
        AND ($whose = 'ours' OR unit_id IS NULL OR unit_id IN (
            SELECT units.unit_id FROM units
            WHERE units.in_area
        ))
)

SELECT * FROM final
ORDER BY happened_on DESC, kind, unit_id, what;
