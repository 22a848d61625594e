-- One row per unit with an episode in the period: how many of its episodes were reported to the police. `unit_id` is null where no unit
-- is known.
-- `expected` is how many would be if the unit reported each category as often as all units together, and `adjusted` the share of
-- all units plus (called − expected) ÷ episodes: with one category in the scope it is the share.
-- `spread` is the sum over the unit's children of the squares of how far a child's episodes reported lie from what the unit reports of
-- its category: large where all episodes of one child are reported and none of another's. `chance` is what it would come to if each
-- episode were by itself.
-- Left out: episodes for which it is not recorded whether the police were called. `share` and `adjusted` are null below
-- $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        unit_id,
        child_number,
        category,
        count(*) AS episodes,
        count(*) FILTER (police_called) AS called,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE police_called IS NOT NULL
    GROUP BY ALL
),

of_category AS (
    SELECT
        category,
        sum(called) / sum(episodes) AS usual,
    FROM counted
    GROUP BY ALL
),

whole AS (
    SELECT sum(called) / sum(episodes) AS share_of_all
    FROM counted
),

by_unit AS (
    SELECT
        counted.unit_id,
        sum(counted.episodes)::BIGINT AS episodes,
        sum(counted.called)::BIGINT AS called,
        sum(counted.episodes * of_category.usual) AS expected,
        count(DISTINCT counted.child_number) AS children,
    FROM counted
    INNER JOIN of_category ON counted.category = of_category.category
    GROUP BY ALL
),

by_child AS (
    SELECT
        counted.unit_id,
        counted.child_number,
        sum(counted.called - counted.episodes * of_category.usual) - (by_unit.called - by_unit.expected) / by_unit.episodes
        * sum(counted.episodes) AS beyond,
        sum(counted.episodes * greatest(0, (
            (of_category.usual + (by_unit.called - by_unit.expected) / by_unit.episodes)
            * (1 - of_category.usual - (by_unit.called - by_unit.expected) / by_unit.episodes)
        ))) AS chance,
    FROM counted
    INNER JOIN of_category ON counted.category = of_category.category
    INNER JOIN by_unit ON counted.unit_id IS NOT DISTINCT FROM by_unit.unit_id
    GROUP BY counted.unit_id, counted.child_number, by_unit.called, by_unit.expected, by_unit.episodes
),

scattered AS (
    SELECT
        unit_id,
        sum(beyond * beyond) AS spread,
        sum(chance) AS chance,
    FROM by_child
    GROUP BY ALL
),

final AS (
    SELECT
        by_unit.unit_id,
        by_unit.episodes,
        by_unit.called,
        CASE WHEN by_unit.children >= $smallest_children THEN by_unit.called / by_unit.episodes END AS share,
        by_unit.expected,
        CASE
            WHEN by_unit.children >= $smallest_children
                THEN greatest(0, least(1, whole.share_of_all + (by_unit.called - by_unit.expected) / by_unit.episodes))
        END AS adjusted,
        by_unit.children,
        scattered.spread,
        scattered.chance,
    FROM by_unit
    INNER JOIN scattered ON by_unit.unit_id IS NOT DISTINCT FROM scattered.unit_id
    CROSS JOIN whole
)

SELECT * FROM final
ORDER BY share DESC NULLS LAST, episodes DESC, unit_id;
