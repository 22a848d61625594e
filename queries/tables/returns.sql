-- One row per episode that ended before the export's end: what became of its return interview.
--
-- Not required: so recorded, and none offered or held. Held: an outcome of completed, or a time held and no outcome.
-- Declined: so recorded, and none held all the same. Accepted: offered and not declined.
-- Not held: so recorded, and none held. `late_reason` is that of the last interview by id that has one.
-- Not yet due: ended less than 72 hours before the export's end (on one of its last three days, from a source with dates only),
-- and none held.
-- `hours_to_held` is from the return to the first interview held after it, exactly 72 hours being within 72 hours; it is null
-- where the interview comes before the return or either time is a date only.
CREATE VIEW returns AS
WITH final AS (
    SELECT
        episode_id,
        episode_row,
        child_id,
        child_number,
        unit_id,
        category,
        is_ours,
        is_here,
        age,
        started_at,
        ended_at,
        ended_on,
        gone_again_at,
        date_trunc('month', ended_on)::DATE AS ended_month,
        interview.is_not_required,
        interview.is_offered,
        interview.is_accepted,
        interview.is_declined,
        interview.is_not_held,
        interview.is_held,
        interview.is_independent,
        interview.held_at,
        interview.late_reason,
        interview.hours_to_held,
        interview.is_not_yet_due,
    FROM episodes
    WHERE NOT is_open
)

SELECT * FROM final;
