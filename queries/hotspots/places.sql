-- One row per kind of place and by whom the child was found: episodes and different children. Null: not recorded, or the episode is
-- still open. Most episodes first.
-- Parameters: the scope.
WITH final AS (
    SELECT
        found_place,
        found_by,
        count(*) AS episodes,
        count(DISTINCT child_id) AS children,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY episodes DESC, found_place NULLS LAST, found_by NULLS LAST;
