-- One row per reason that was recorded for a late interview, the most frequent first: returns whose interview was held after 72 hours,
-- or has not been held although they are over. `reason` is null where none is recorded.
-- Left out: returns that need no interview, those declined, those not yet due one, and interviews held at a time that is not known
-- unless a reason says that they were late. `share` is of all of them together, and null where they are of fewer than
-- $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH late AS (
    SELECT
        late_reason,
        child_number,
        is_held,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    WHERE
        NOT is_declined
        AND NOT is_not_yet_due
        AND coalesce(hours_to_held > 72, NOT is_held OR late_reason IS NOT NULL)
),

whole AS (
    SELECT
        count(*) AS returns,
        count(DISTINCT child_number) AS children,
    FROM late
),

counted AS (
    SELECT
        late_reason AS reason,
        count(*) AS returns,
        count(*) FILTER (is_held) AS held_late,
        count(*) FILTER (NOT is_held) AS not_held,
        count(DISTINCT child_number) AS children,
    FROM late
    GROUP BY ALL
),

final AS (
    SELECT
        counted.*,
        CASE WHEN whole.children >= $smallest_children THEN counted.returns / whole.returns END AS share,
    FROM counted
    CROSS JOIN whole
)

SELECT * FROM final
ORDER BY returns DESC, reason::VARCHAR NULLS LAST;
