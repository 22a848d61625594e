-- One row per return whose interview is due and neither held nor declined, the longest ago first.
-- Left out: returns that need no interview, and those not yet due one.
-- `hours_past_due` is how far the export's end lies beyond 72 hours after the return. The reason ends with the one that was recorded
-- for the delay, where there is one.
-- Parameters: the scope.
WITH final AS (
    SELECT
        late.episode_id,
        late.child_id,
        late.unit_id,
        late.ended_at,
        hours_between(late.ended_at, coverage.ends_at) - 72 AS hours_past_due,
        CASE
            WHEN NOT late.is_offered THEN 'not offered'
            WHEN late.is_not_held THEN 'offered, not held'
            ELSE 'offered, no answer yet'
        END || coalesce(': ' || replace(late.late_reason, '_', ' '), '') AS reason,
        late.is_offered,
    FROM returns_in($period_from, $period_to, $category, $units, $whose) AS late
    CROSS JOIN coverage
    WHERE NOT late.is_held AND NOT late.is_declined AND NOT late.is_not_yet_due
)

SELECT * FROM final
ORDER BY ended_at, episode_id;
