-- One row per band of episodes in the period, empty bands included: the children in it and their episodes.
-- Parameters: the scope.
WITH bands AS (
    SELECT
        unnest(['1', '2', '3', '4', '5', '6–10', '11–20', '21–50', 'over 50']) AS band,
        unnest([1, 2, 3, 4, 5, 6, 11, 21, 51]) AS fewest,
        unnest([1, 2, 3, 4, 5, 10, 20, 50, NULL]) AS most,
),

counted AS (
    SELECT
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        bands.fewest,
        bands.band,
        count(counted.child_number) AS children,
        coalesce(sum(counted.episodes), 0)::BIGINT AS episodes,
    FROM bands
    LEFT JOIN counted ON bands.fewest <= counted.episodes AND (bands.most IS NULL OR bands.most >= counted.episodes)
    GROUP BY ALL
)

SELECT * EXCLUDE (fewest) FROM final
ORDER BY fewest;
