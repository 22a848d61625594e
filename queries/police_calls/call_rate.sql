-- One row per unit with a call to the police or a night in placement in the period, the highest rate first.
-- Rates are per 1,000 nights in placement, and calls per bed over the whole period; both are null below $smallest_nights nights.
-- A call is a unit's and has no child, so of the scope only the period, the units and, for every child placed here, the units in
-- our area bear on it. The nights are of all children in the unit that the export knows, for the same reason.
-- Parameters: $period_from, $period_to, $units, $whose, $smallest_nights.
WITH called AS (
    SELECT
        unit_id,
        count(*) FILTER (reason = 'missing') AS missing_calls,
        count(*) AS all_calls,
    FROM police_calls
    WHERE called_on BETWEEN $period_from AND $period_to
    GROUP BY ALL
),

slept AS (
    SELECT
        unit_id,
        sum(nights)::BIGINT AS nights,
    FROM unit_nights
    WHERE month BETWEEN $period_from AND $period_to
    GROUP BY ALL
),

final AS (
    SELECT
        units.unit_id,
        coalesce(slept.nights, 0) AS nights,
        units.beds,
        coalesce(called.missing_calls, 0) AS missing_calls,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(called.missing_calls, 0) * 1000 / slept.nights END AS missing_rate,
        coalesce(called.all_calls, 0) AS all_calls,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(called.all_calls, 0) * 1000 / slept.nights END AS all_rate,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(called.missing_calls, 0) / nullif(units.beds, 0) END AS missing_per_bed,
        CASE WHEN slept.nights >= $smallest_nights THEN coalesce(called.all_calls, 0) / nullif(units.beds, 0) END AS all_per_bed,
    FROM units
    LEFT JOIN called ON units.unit_id = called.unit_id
    LEFT JOIN slept ON units.unit_id = slept.unit_id
    WHERE
        (called.all_calls > 0 OR slept.nights > 0)
        AND is_one_of($units, units.unit_id)
        AND ($whose = 'ours' OR units.in_area)
)

SELECT * FROM final
ORDER BY all_rate DESC NULLS LAST, all_calls DESC, unit_id;
