-- One row per return whose interview is due and neither held nor declined, the longest ago first.
-- Left out: returns that need no interview, and those not yet due one.
-- `hours_past_due` is how far the export's end lies beyond 72 hours after the return. The reason ends with the one that was recorded
-- for the delay; where an episode has several, the one of its last interview by id.
-- Parameters: the scope.
WITH outstanding AS (
    SELECT
        episode_id,
        child_id,
        unit_id,
        ended_at,
        is_offered,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    WHERE NOT is_held AND NOT is_declined AND NOT is_not_yet_due
),

answers AS (
    SELECT
        interview.episode_id,
        bool_or(interview.outcome = 'not_held') AS is_not_held,
        replace(arg_max(interview.late_reason, interview.interview_id), '_', ' ') AS late_reason,
    FROM return_interviews AS interview
    SEMI JOIN outstanding ON interview.episode_id = outstanding.episode_id
    GROUP BY ALL
),

final AS (
    SELECT
        outstanding.episode_id,
        outstanding.child_id,
        outstanding.unit_id,
        outstanding.ended_at,
        hours_between(outstanding.ended_at, coverage.ends_at) - 72 AS hours_past_due,
        CASE
            WHEN NOT outstanding.is_offered THEN 'not offered'
            WHEN answers.is_not_held THEN 'offered, not held'
            ELSE 'offered, no answer yet'
        END || coalesce(': ' || answers.late_reason, '') AS reason,
        outstanding.is_offered,
    FROM outstanding
    CROSS JOIN coverage
    LEFT JOIN answers ON outstanding.episode_id = answers.episode_id
)

SELECT * FROM final
ORDER BY ended_at, episode_id;
