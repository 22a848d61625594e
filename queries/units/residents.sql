-- One row per unit per month of the period, from the unit's opening to its closing, zeros included: children who came to live there, who
-- left, and who were placed there for a night or more.
-- Stays of a child in one unit that touch or overlap are one: a change of legal status is no move. A child arrives on the first day of
-- such a stay and leaves on its last; one who comes back after a night elsewhere arrives again. A stay without a night is left out.
-- A unit without an opening date counts from its first placement or episode in the export. Days that the export does not cover, and
-- arrivals before the opening or after the closing month, are left out.
-- Parameters: the scope, $covers_from, $covers_to.
WITH covered AS (
    SELECT
        greatest($period_from::DATE, $covers_from::DATE) AS first_day,
        least($period_to::DATE, $covers_to::DATE) AS last_day,
),

months AS (
    SELECT month::DATE AS month
    FROM generate_series($period_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month <= $covers_to::DATE
        AND month + INTERVAL 1 MONTH > $covers_from::DATE
),

unit_spine AS (
    SELECT
        units.unit_id,
        months.month,
        months.month >= date_trunc('month', units.counted_from)
        AND (units.closed_on IS NULL OR months.month <= units.closed_on) AS is_open,
    FROM units
    CROSS JOIN months
    WHERE
        is_one_of($units, units.unit_id)
        AND ($whose = 'ours' OR units.in_area)
),

-- Those that touch the days asked for: what came before says nothing of who arrives or leaves in them.
stays AS (
    SELECT
        stay.unit_id,
        stay.child_number,
        stay.started_on,
        coalesce(stay.ended_on, DATE 'infinity') AS ended_on,
    FROM placements AS stay
    WHERE
        stay.started_on <= least($period_to::DATE, $covers_to::DATE)
        AND (
            stay.ended_on IS NULL
            OR (stay.ended_on >= greatest($period_from::DATE, $covers_from::DATE) AND stay.ended_on > stay.started_on)
        )
        AND is_one_of($units, stay.unit_id)
        AND is_whose($whose, stay.is_ours, stay.is_here)
),

-- Few children have two stays in one unit: only theirs have to be put in order.
by_child AS (
    SELECT
        unit_id,
        child_number,
        count(*) AS stays,
        min(started_on) AS started_on,
        max(ended_on) AS ended_on,
    FROM stays
    GROUP BY ALL
),

back_again AS (
    SELECT
        unit_id,
        child_number,
    FROM by_child
    WHERE stays > 1
),

several AS (
    SELECT stays.*
    FROM stays
    SEMI JOIN back_again ON stays.unit_id = back_again.unit_id AND stays.child_number = back_again.child_number
),

in_order AS (
    SELECT
        unit_id,
        child_number,
        started_on,
        ended_on,
        max(ended_on) OVER (
            PARTITION BY unit_id, child_number
            ORDER BY started_on, ended_on
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ) AS back_from,
    FROM several
),

begun AS (
    SELECT
        *,
        back_from IS NULL OR started_on > back_from AS is_arrival,
    FROM in_order
),

numbered AS (
    SELECT
        *,
        count_if(is_arrival) OVER (
            PARTITION BY unit_id, child_number
            ORDER BY started_on, ended_on
            ROWS UNBOUNDED PRECEDING
        ) AS number,
    FROM begun
),

-- `back_from`: when the child had left before, null the first time.
joined AS (
    SELECT
        unit_id,
        started_on AS arrived_on,
        ended_on AS left_on,
        NULL::DATE AS back_from,
    FROM by_child
    WHERE stays = 1
    UNION ALL
    SELECT
        unit_id,
        min(started_on),
        max(ended_on),
        max(back_from) FILTER (WHERE is_arrival),
    FROM numbered
    GROUP BY unit_id, child_number, number
),

-- The children of a month are those who came up to then, without those whose last night was in a month before it. One who came back in
-- the month of leaving is two stays of one child there.
came AS (
    SELECT
        joined.unit_id,
        date_trunc('month', greatest(joined.arrived_on, covered.first_day))::DATE AS month,
        count_if(joined.arrived_on >= covered.first_day)::BIGINT AS arrivals,
        count_if(joined.left_on > covered.first_day) AS stays,
        count_if(
            joined.back_from > covered.first_day AND date_trunc('month', joined.back_from - 1) = date_trunc('month', joined.arrived_on)
        ) AS again,
    FROM joined
    CROSS JOIN covered
    GROUP BY ALL
),

went AS (
    SELECT
        joined.unit_id,
        date_trunc('month', joined.left_on)::DATE AS month,
        count(*) AS departures,
        count_if(joined.left_on > covered.first_day AND joined.left_on = date_trunc('month', joined.left_on)) AS on_the_first,
        count_if(joined.left_on > covered.first_day) AS stays,
    FROM joined
    CROSS JOIN covered
    WHERE joined.left_on <= covered.last_day
    GROUP BY ALL
),

counted AS (
    SELECT
        unit_spine.unit_id,
        unit_spine.month,
        unit_spine.is_open,
        coalesce(came.arrivals, 0) AS arrivals,
        coalesce(went.departures, 0) AS departures,
        coalesce(came.stays, 0) AS stays,
        coalesce(came.again, 0) AS again,
        -- Whoever left on the first of a month had the last night in the one before.
        coalesce(went.on_the_first, 0) AS without_a_night,
        coalesce(went.stays, 0) AS ended,
    FROM unit_spine
    LEFT JOIN came ON unit_spine.unit_id = came.unit_id AND unit_spine.month = came.month
    LEFT JOIN went ON unit_spine.unit_id = went.unit_id AND unit_spine.month = went.month
),

summed AS (
    SELECT
        *,
        sum(stays) OVER (PARTITION BY unit_id ORDER BY month ROWS UNBOUNDED PRECEDING) AS stays_so_far,
        coalesce(sum(ended) OVER (
            PARTITION BY unit_id
            ORDER BY month
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
        ), 0) AS ended_before,
    FROM counted
),

final AS (
    SELECT
        unit_id,
        month,
        arrivals,
        departures,
        (stays_so_far - ended_before - without_a_night - again)::BIGINT AS children,
    FROM summed
    WHERE is_open
)

SELECT * FROM final
ORDER BY unit_id, month;
