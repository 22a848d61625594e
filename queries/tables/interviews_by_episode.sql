-- One row per episode that has a return interview, by its place in the file: what became of all its interviews together, by the rules
-- of `returns`. Left behind once `episodes` is made.
CREATE TABLE interviews_by_episode AS
WITH asked AS (
    SELECT * FROM return_interviews
    WHERE episode_row IS NOT NULL
),

answered AS (
    SELECT
        episode_row,
        bool_or(offered = 'not_required') AND NOT bool_or(offered = 'yes' OR is_held) AS is_not_required,
        bool_or(offered = 'yes' OR is_held) AS is_offered,
        bool_or(is_held) AS is_held,
        bool_or(coalesce(outcome = 'declined', FALSE)) AND NOT bool_or(is_held) AS is_declined,
        bool_or(coalesce(outcome = 'not_held', FALSE)) AND NOT bool_or(is_held) AS is_not_held,
        bool_or(is_held AND coalesce(interviewer = 'independent', FALSE)) AS is_independent,
        min(held_at) FILTER (is_held AND NOT is_before_return) AS held_at,
    FROM asked
    GROUP BY ALL
),

-- Apart: few interviews have one, and the id by which the last is found takes more memory in every group than all the rest.
late AS (
    SELECT
        episode_row,
        arg_max(late_reason, interview_id) AS late_reason,
    FROM asked
    WHERE late_reason IS NOT NULL
    GROUP BY ALL
),

final AS (
    SELECT
        answered.*,
        late.late_reason,
    FROM answered
    LEFT JOIN late ON answered.episode_row = late.episode_row
)

SELECT * FROM final;
