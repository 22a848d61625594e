-- One row per interview and episode that it covers, as recorded, in the order of the returns. `episode_row` and `ended_on` are those of the
-- episode, null where the export has no such episode. `is_held` as in `returns`. `is_before_return`: held before the child was back, by
-- the date where either is a date only.
-- Parameters: $offered_codes, $outcome_codes, $interviewer_codes.
CREATE TABLE return_interviews AS
WITH final AS (
    SELECT
        interview.interview_id,
        interview.episode_id,
        known_code(interview.offered, $offered_codes)::CODE AS offered,
        interview.offered_at,
        known_code(interview.outcome, $outcome_codes)::CODE AS outcome,
        interview.held_at,
        known_code(interview.interviewer, $interviewer_codes)::CODE AS interviewer,
        interview.reasons,
        interview.late_reason::CODE AS late_reason,
        interview.follow_up,
        episode.episode_row,
        episode.ended_on,
        was_held(interview.outcome, interview.held_at) AS is_held,
        CASE
            WHEN coverage.ends_have_times AND coverage.holds_have_times THEN interview.held_at < episode.ended_at
            ELSE interview.held_at::DATE < episode.ended_on
        END AS is_before_return,
    FROM recorded_return_interviews AS interview
    CROSS JOIN coverage
    LEFT JOIN episodes AS episode ON interview.episode_id = episode.episode_id
)

SELECT * FROM final
ORDER BY ended_on;
