-- One row per interview and episode that it covers, as recorded, in the order of the returns. `interview_number` is the same for all rows
-- of one interview: the place in the file of its first, by which questions count in half the time that an id takes. `episode_row` and
-- `ended_on` are those of the episode, null where the export has no such episode. `is_held` as in `returns`. `is_before_return`: held
-- before the child was back, by the date where either is a date only.
-- Parameters: $offered_codes, $outcome_codes, $interviewer_codes.
CREATE TABLE return_interviews AS
WITH of_several_rows AS (
    SELECT
        interview_id,
        min(file_row) AS first_row,
    FROM recorded_return_interviews
    GROUP BY ALL
    HAVING count(*) > 1
),

ended AS (
    SELECT
        episode_id,
        file_row AS episode_row,
        ended_at,
        ended_at::DATE AS ended_on,
    FROM recorded_episodes
),

final AS (
    SELECT
        interview.interview_id,
        coalesce(of_several_rows.first_row, interview.file_row)::INTEGER AS interview_number,
        interview.episode_id,
        known_code(interview.offered, $offered_codes)::CODE AS offered,
        interview.offered_at,
        known_code(interview.outcome, $outcome_codes)::CODE AS outcome,
        interview.held_at,
        known_code(interview.interviewer, $interviewer_codes)::CODE AS interviewer,
        interview.reasons,
        interview.late_reason::CODE AS late_reason,
        interview.follow_up,
        ended.episode_row,
        ended.ended_on,
        was_held(interview.outcome, interview.held_at) AS is_held,
        CASE
            WHEN coverage.ends_have_times AND coverage.holds_have_times THEN interview.held_at < ended.ended_at
            ELSE interview.held_at::DATE < ended.ended_on
        END AS is_before_return,
    FROM recorded_return_interviews AS interview
    CROSS JOIN coverage
    LEFT JOIN of_several_rows ON interview.interview_id = of_several_rows.interview_id
    LEFT JOIN ended ON interview.episode_id = ended.episode_id
)

SELECT * FROM final
ORDER BY ended_on;
