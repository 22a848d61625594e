-- One row per episode that ended before the export's end: what became of its return interview.
--
-- Not required: so recorded, and none offered or held. Held: an outcome of completed, or a time held and no outcome.
-- Declined: so recorded, and none held all the same. Accepted: offered and not declined.
-- Not held: so recorded, and none held. `late_reason` is that of the last interview by id that has one.
-- Not yet due: ended less than 72 hours before the export's end (on one of its last three days, from a source with dates only),
-- and none held.
-- `hours_to_held` is from the return to the first interview held after it, exactly 72 hours being within 72 hours; it is null
-- where the interview comes before the return or either time is a date only.
-- Parameters: $ends_have_times, $holds_have_times.
CREATE TABLE returns AS
WITH ended AS (
    SELECT * FROM episodes
    WHERE NOT is_open
),

asked AS (
    SELECT
        interview.*,
        coalesce(interview.outcome = 'completed', interview.held_at IS NOT NULL) AS is_held,
        ended.ended_at,
    FROM return_interviews AS interview
    INNER JOIN ended ON interview.episode_id = ended.episode_id
),

answered AS (
    SELECT
        episode_id,
        bool_or(offered = 'not_required') AND NOT bool_or(offered = 'yes' OR is_held) AS is_not_required,
        bool_or(offered = 'yes' OR is_held) AS is_offered,
        bool_or(is_held) AS is_held,
        bool_or(coalesce(outcome = 'declined', FALSE)) AND NOT bool_or(is_held) AS is_declined,
        bool_or(coalesce(outcome = 'not_held', FALSE)) AND NOT bool_or(is_held) AS is_not_held,
        bool_or(is_held AND coalesce(interviewer = 'independent', FALSE)) AS is_independent,
        arg_max(late_reason, interview_id) AS late_reason,
        min(offered_at) AS offered_at,
        min(held_at) FILTER (WHERE is_held AND held_at >= ended_at) AS held_at,
    FROM asked
    GROUP BY ALL
),

final AS (
    SELECT
        ended.episode_id,
        ended.child_id,
        ended.unit_id,
        ended.category,
        ended.is_ours,
        ended.is_here,
        ended.started_at,
        ended.ended_at,
        ended.ended_on,
        date_trunc('month', ended.ended_on)::DATE AS ended_month,
        coalesce(answered.is_not_required, FALSE) AS is_not_required,
        coalesce(answered.is_offered, FALSE) AS is_offered,
        coalesce(answered.is_offered AND NOT answered.is_declined, FALSE) AS is_accepted,
        coalesce(answered.is_declined, FALSE) AS is_declined,
        coalesce(answered.is_not_held, FALSE) AS is_not_held,
        coalesce(answered.is_held, FALSE) AS is_held,
        coalesce(answered.is_independent, FALSE) AS is_independent,
        answered.offered_at,
        answered.held_at,
        answered.late_reason,
        CASE WHEN $ends_have_times AND $holds_have_times THEN hours_between(ended.ended_at, answered.held_at) END AS hours_to_held,
        NOT coalesce(answered.is_held, FALSE) AND CASE
            WHEN $ends_have_times THEN hours_between(ended.ended_at, coverage.ends_at) < 72
            ELSE coverage.covers_to - ended.ended_on < 3
        END AS is_not_yet_due,
    FROM ended
    CROSS JOIN coverage
    LEFT JOIN answered ON ended.episode_id = answered.episode_id
)

SELECT * FROM final
ORDER BY ended_at, episode_id;
