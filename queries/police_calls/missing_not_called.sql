-- One row per unit from which a child went missing in the period: how many of these episodes were not reported to the police, the
-- highest share first. `unit_id` is null where no unit is known; `young` are those not reported of children of 13 or under.
-- Only episodes of missing (whereabouts not known), whatever the scope's category: none where it is away.
-- Left out: episodes for which it is not recorded whether the police were called, and those in which staff knew where the child was
-- all the same. `share` is null below $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        unit_id,
        count(*) AS missing,
        count(*) FILTER (NOT police_called) AS not_called,
        count(*) FILTER (NOT police_called AND age <= 13) AS young,
        count(DISTINCT child_number) AS children,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE
        category = 'missing'
        AND police_called IS NOT NULL
        AND whereabouts_known IS DISTINCT FROM TRUE
    GROUP BY ALL
),

final AS (
    SELECT
        unit_id,
        missing,
        not_called,
        CASE WHEN children >= $smallest_children THEN not_called / missing END AS share,
        young,
        children,
    FROM counted
)

SELECT * FROM final
ORDER BY share DESC NULLS LAST, not_called DESC, unit_id;
