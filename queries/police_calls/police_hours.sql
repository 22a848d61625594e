-- One row per unit that called the police about a missing child in the period, the most calls first: the calls, and the police hours
-- that they come to at $hours_per_call each (null where that is not set).
-- A call is a unit's and has no child, so of the scope only the period, the units and, for every child placed here, the units in
-- our area bear on it.
-- Parameters: $period_from, $period_to, $units, $whose, $hours_per_call.
WITH final AS (
    SELECT
        call.unit_id,
        count(*) AS calls,
        count(*) * $hours_per_call::DOUBLE AS hours,
    FROM police_calls AS call
    LEFT JOIN units ON call.unit_id = units.unit_id
    WHERE
        call.called_on BETWEEN $period_from AND $period_to
        AND call.reason = 'missing'
        AND is_one_of($units, call.unit_id)
        AND ($whose = 'ours' OR units.in_area)
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY calls DESC, unit_id;
