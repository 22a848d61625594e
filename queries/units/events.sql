-- One row per dated event from $history_from to the period's end, of the whole authority (no unit) or of a unit of the scope.
-- `is_rebase`: limits of control charts start anew there.
-- Parameters: $history_from, $period_to, $units.
WITH final AS (
    SELECT
        happened_on,
        "text",
        unit_id,
        is_rebase,
    FROM events
    WHERE
        happened_on BETWEEN $history_from AND $period_to
        AND (unit_id IS NULL OR is_one_of($units, unit_id))
)

SELECT * FROM final
ORDER BY happened_on, "text", unit_id;
