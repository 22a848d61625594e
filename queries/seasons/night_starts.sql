-- One row per unit with an episode, and one (unit_id null) of all together, first: episodes that began at a known hour, those that
-- began while nights are staffed, and the different children with one. Most episodes first.
-- Nights go from $night_from to $night_to, local hours, over midnight where the second is not later than the first.
-- The share is null below $smallest_children children. Episodes with no unit known are in the row of all and in none of their own.
-- Parameters: the scope, $night_from, $night_to, $smallest_children.
WITH by_child AS (
    SELECT
        unit_id,
        child_number,
        count(*) AS episodes,
        count(*) FILTER (
            WHERE CASE
                WHEN $night_from < $night_to THEN started_hour >= $night_from AND started_hour < $night_to
                ELSE started_hour >= $night_from OR started_hour < $night_to
            END
        ) AS night_episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE started_hour IS NOT NULL
    GROUP BY ALL
),

counted AS (
    SELECT
        unit_id,
        grouping(unit_id) = 1 AS is_whole,
        sum(episodes)::BIGINT AS episodes,
        sum(night_episodes)::BIGINT AS night_episodes,
        count(DISTINCT child_number) AS children,
    FROM by_child
    GROUP BY GROUPING SETS ((unit_id), ())
),

final AS (
    SELECT
        unit_id,
        episodes,
        night_episodes,
        children,
        CASE WHEN children >= $smallest_children THEN night_episodes / episodes END AS share,
        is_whole,
    FROM counted
    WHERE
        episodes > 0
        AND (is_whole OR unit_id IS NOT NULL)
)

SELECT * FROM final
ORDER BY is_whole DESC, episodes DESC, unit_id;
