-- One row per interview and episode that it covers, as recorded, typed.
-- Parameters: $offered_codes, $outcome_codes, $interviewer_codes.
CREATE TABLE return_interviews AS
WITH recorded AS (
    SELECT * FROM contract_return_interviews
    UNION ALL BY NAME
    SELECT * FROM exported_return_interviews
),

final AS (
    SELECT
        interview_id,
        episode_id,
        known_code(offered, $offered_codes) AS offered,
        offered_at,
        known_code(outcome, $outcome_codes) AS outcome,
        held_at,
        known_code(interviewer, $interviewer_codes) AS interviewer,
        reasons,
        late_reason,
        follow_up,
    FROM recorded
)

SELECT * FROM final
ORDER BY episode_id, interview_id;
