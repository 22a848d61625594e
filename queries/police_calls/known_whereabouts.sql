-- One row per unit that called the police for an episode: how often its staff knew where the child was all the same, the highest
-- share first. `unit_id` is null where no unit is known.
-- Left out: episodes for which it is not recorded whether the police were called or whether staff knew.
-- `share` is null below $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        unit_id,
        count(*) AS called,
        count(*) FILTER (whereabouts_known) AS known,
        count(DISTINCT child_number) AS children,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE police_called AND whereabouts_known IS NOT NULL
    GROUP BY ALL
),

final AS (
    SELECT
        unit_id,
        called,
        known,
        CASE WHEN children >= $smallest_children THEN known / called END AS share,
        children,
    FROM counted
)

SELECT * FROM final
ORDER BY share DESC NULLS LAST, known DESC, unit_id;
