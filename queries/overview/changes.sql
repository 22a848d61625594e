-- One row per thing recorded as happening in the period: units opened or closed, and dated events. Latest first.
-- Parameters: $period_from, $period_to, $units, $whose.
WITH final AS (
    SELECT
        kind,
        happened_on,
        unit_id,
        what,
    FROM changes
    WHERE
        happened_on BETWEEN $period_from AND $period_to
        AND (unit_id IS NULL OR is_one_of($units, unit_id))
        AND ($whose = 'ours' OR is_here)
)

SELECT * FROM final
ORDER BY happened_on DESC, kind, unit_id, what;
