-- One row per unit in which a child was placed for a night or more in the period, whichever units the scope asks for: they are compared
-- with all others of their kind. Limits are added to these.
-- `children_missing`: those of the children placed there with an episode from there. `kind_share`: the same of all units of the kind
-- together, a child placed in two of them counted in both. The share is null where fewer than $smallest_children children were
-- placed. `is_asked`: the scope asks for the unit.
-- Left out: children with an episode from a unit where no night of theirs is known in the period.
-- Parameters: the scope, $smallest_children.
WITH placed AS (
    SELECT DISTINCT
        unit_id,
        child_number,
    FROM placements_in($period_from, $period_to, NULL, $whose)
),

gone AS (
    SELECT DISTINCT
        unit_id,
        child_number,
    FROM episodes_in($period_from, $period_to, $category, NULL, $whose)
),

counted AS (
    SELECT
        placed.unit_id,
        count(*) AS children_placed,
        count(gone.child_number) AS children_missing,
    FROM placed
    LEFT JOIN gone ON placed.unit_id = gone.unit_id AND placed.child_number = gone.child_number
    GROUP BY ALL
),

compared AS (
    SELECT
        counted.*,
        coalesce(units.kind, 'not recorded') AS kind,
        is_one_of($units, units.unit_id) AS is_asked,
    FROM counted
    INNER JOIN units ON counted.unit_id = units.unit_id
),

final AS (
    SELECT
        unit_id,
        kind,
        children_placed,
        children_missing,
        CASE WHEN children_placed >= $smallest_children THEN children_missing / children_placed END AS share,
        sum(children_missing) OVER (PARTITION BY kind) / sum(children_placed) OVER (PARTITION BY kind) AS kind_share,
        children_placed >= $smallest_children AS is_large_enough,
        is_asked,
    FROM compared
)

SELECT * FROM final
ORDER BY unit_id;
