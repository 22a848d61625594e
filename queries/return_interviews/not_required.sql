-- One row per unit with a return in the period: all its returns, and those that are recorded as needing no interview, highest share first.
-- Questions that read `returns_in` leave the latter out. `unit_id` is null where no unit is known.
-- `share` is null where the returns are of fewer than $smallest_children different `children`.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        unit_id,
        count(*) AS returns,
        count(*) FILTER (is_not_required) AS not_required,
        count(DISTINCT child_number) AS children,
    FROM all_returns_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        *,
        CASE WHEN children >= $smallest_children THEN not_required / returns END AS share,
    FROM counted
)

SELECT * FROM final
ORDER BY share DESC NULLS LAST, unit_id NULLS LAST;
