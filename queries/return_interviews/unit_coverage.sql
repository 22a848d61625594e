-- One row per unit with a return in the period: its returns and what became of their interviews, lowest share first.
-- `unit_id` is null where no unit is known. Returns that need no interview are left out.
-- The shares are of the returns that are due and not `not_yet_due`, and null where those are of fewer than $smallest_children
-- different `children`. `held_untimed` were held, but no time after the return says when.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        unit_id,
        count(*) AS due,
        count(*) FILTER (is_not_yet_due) AS not_yet_due,
        count(*) FILTER (is_offered) AS offered,
        count(*) FILTER (is_held) AS held,
        count(*) FILTER (hours_to_held <= 24) AS held_24h,
        count(*) FILTER (hours_to_held <= 48) AS held_48h,
        count(*) FILTER (hours_to_held <= 72) AS held_72h,
        count(*) FILTER (is_held AND hours_to_held IS NULL) AS held_untimed,
        count(DISTINCT child_number) FILTER (NOT is_not_yet_due) AS children,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        *,
        CASE WHEN children >= $smallest_children THEN held_72h / (due - not_yet_due) END AS share_72h,
        CASE WHEN children >= $smallest_children THEN held / (due - not_yet_due) END AS share_held,
    FROM counted
)

SELECT * FROM final
ORDER BY share_72h, share_held, unit_id;
