-- One row: the return interviews that were held, and the returns of the period that they cover. One interview may cover several, and
-- one return may have several interviews, so that neither number gives the other.
-- Parameters: the scope.
WITH covered AS (
    SELECT DISTINCT
        interview_number,
        episode_row,
    FROM interviews_held_in($period_from, $period_to, $category, $units, $whose)
),

by_interview AS (
    SELECT
        interview_number,
        count(*) AS episodes,
    FROM covered
    GROUP BY ALL
),

by_episode AS (
    SELECT
        episode_row,
        count(*) AS interviews,
    FROM covered
    GROUP BY ALL
),

interviews AS (
    SELECT
        count(*) AS interviews_held,
        count(*) FILTER (episodes > 1) AS interviews_of_several,
        coalesce(max(episodes), 0) AS most_episodes,
    FROM by_interview
),

returned AS (
    SELECT
        count(*) AS episodes_covered,
        count(*) FILTER (interviews > 1) AS episodes_with_several,
    FROM by_episode
),

final AS (
    SELECT
        interviews.interviews_held,
        returned.episodes_covered,
        interviews.interviews_of_several,
        interviews.most_episodes,
        returned.episodes_with_several,
    FROM interviews
    CROSS JOIN returned
)

SELECT * FROM final;
