-- One row per kind of place and by whom the child was found: episodes and different children. Null: not recorded, or the episode is
-- still open. Most episodes first.
-- Parameters: the scope.
WITH by_child AS (
    SELECT
        found_place,
        found_by,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        found_place,
        found_by,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
    FROM by_child
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY episodes DESC, found_place NULLS LAST, found_by NULLS LAST;
