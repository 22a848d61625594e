-- One row per child with an episode in the twelve months to the end of the period: how many of each category began in them, and what
-- became of the return interview after the last of them, the latest to begin. Both categories count, whatever the scope's.
-- `offered_last` is yes, no, not required, not yet due (none offered, and 72 hours not over) or not back yet; `accepted_last` is yes
-- or no where it was offered.
-- Parameters: $year_from (the first day of the twelve months), $period_to, $units, $whose.
WITH recent AS (
    SELECT
        child_number,
        child_id,
        episode_number,
        episode_row,
        episode_id,
        category,
    FROM episodes_in($year_from, $period_to, NULL, $units, $whose)
),

by_child AS (
    SELECT
        any_value(child_id) AS child_id,
        count(*) FILTER (category = 'missing') AS missing_12m,
        count(*) FILTER (category = 'away') AS away_12m,
        arg_max(episode_row, episode_number) AS last_row,
        arg_max(episode_id, episode_number) AS last_episode,
    FROM recent
    GROUP BY child_number
),

final AS (
    SELECT
        by_child.child_id,
        by_child.missing_12m,
        by_child.away_12m,
        CASE
            WHEN back.episode_id IS NULL THEN 'not back yet'
            WHEN back.is_offered THEN 'yes'
            WHEN back.is_not_required THEN 'not required'
            WHEN back.is_not_yet_due THEN 'not yet due'
            ELSE 'no'
        END AS offered_last,
        CASE WHEN back.is_offered THEN CASE WHEN back.is_accepted THEN 'yes' ELSE 'no' END END AS accepted_last,
        by_child.last_episode,
        back.is_held AS held_last,
    FROM by_child
    LEFT JOIN returns AS back ON by_child.last_row = back.episode_row
)

SELECT * FROM final
ORDER BY missing_12m + away_12m DESC, child_id;
