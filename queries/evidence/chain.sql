-- One row per episode of the scope, of $child_id alone where one is chosen: what is recorded from the absence to the help that followed.
--
-- The links are risk, police, return, check (the police prevention interview), interview and follow_up. `expected` are those that the
-- episode should have, `lacking` those of them that are not there.
-- A return is lacking while the episode is open, and nothing after it is expected then. A check is expected where the police were
-- called. An interview is expected unless none is required or its 72 hours are not over; one that was declined is not lacking. A
-- follow-up is expected of an interview that was held, and there where it is recorded whether one came of it.
-- The police were called where it is so recorded, or nothing is and there is a time of it or a call about the episode.
-- Left out of both: links that are not in $told, of which the export says nothing.
-- Parameters: the scope, $child_id (null: every child), $told.
WITH gone AS (
    SELECT
        episode_row,
        episode_id,
        child_id,
        unit_id,
        category,
        started_at,
        ended_at,
        is_open,
        risk,
        police_called,
        police_called_at,
        police_checked_at,
        interview,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE $child_id::VARCHAR IS NULL OR child_id = $child_id
),

called AS (
    SELECT
        episode_row,
        min(called_at) AS called_at,
    FROM police_calls
    WHERE episode_row IN (SELECT episode_row FROM gone)
    GROUP BY ALL
),

followed AS (
    SELECT
        episode_row,
        bool_or(follow_up) AS follow_up,
    FROM return_interviews
    WHERE
        follow_up IS NOT NULL
        AND is_held
        AND episode_row IN (SELECT episode_row FROM gone)
    GROUP BY ALL
),

linked AS (
    SELECT
        gone.episode_id,
        gone.child_id,
        gone.unit_id,
        gone.category,
        gone.started_at,
        gone.risk,
        coalesce(gone.police_called_at, called.called_at) AS police_called_at,
        coalesce(
            gone.police_called,
            nullif(gone.police_called_at IS NOT NULL OR called.episode_row IS NOT NULL, FALSE)
        ) AS police_called,
        NOT gone.is_open AS is_back,
        CASE WHEN NOT gone.is_open THEN gone.ended_at END AS ended_at,
        gone.police_checked_at,
        CASE
            WHEN gone.is_open THEN NULL
            WHEN gone.interview.is_not_required THEN 'not_required'
            WHEN gone.interview.is_held THEN 'held'
            WHEN gone.interview.is_declined THEN 'declined'
            WHEN gone.interview.is_not_yet_due THEN 'not_yet_due'
            WHEN NOT gone.interview.is_offered THEN 'not_offered'
            WHEN gone.interview.is_not_held THEN 'not_held'
            ELSE 'no_answer_yet'
        END AS interview,
        CASE WHEN NOT gone.is_open THEN gone.interview.held_at END AS held_at,
        CASE WHEN NOT gone.is_open THEN gone.interview.hours_to_held END AS hours_to_held,
        followed.follow_up,
    FROM gone
    LEFT JOIN called ON gone.episode_row = called.episode_row
    LEFT JOIN followed ON gone.episode_row = followed.episode_row
),

final AS (
    SELECT
        * EXCLUDE (is_back, follow_up),
        CASE WHEN interview = 'held' THEN follow_up END AS follow_up,
        list_filter(
            [
                'risk',
                'police',
                'return',
                CASE WHEN is_back AND police_called THEN 'check' END,
                CASE WHEN interview NOT IN ('not_required', 'not_yet_due') THEN 'interview' END,
                CASE WHEN interview = 'held' THEN 'follow_up' END,
            ],
            LAMBDA link: coalesce(list_contains($told, link), FALSE)
        ) AS expected,
        list_filter(
            [
                CASE WHEN risk IS NULL THEN 'risk' END,
                CASE WHEN police_called IS NULL THEN 'police' END,
                CASE WHEN NOT is_back THEN 'return' END,
                CASE WHEN is_back AND police_called AND police_checked_at IS NULL THEN 'check' END,
                CASE WHEN interview IN ('not_offered', 'not_held', 'no_answer_yet') THEN 'interview' END,
                CASE WHEN interview = 'held' AND follow_up IS NULL THEN 'follow_up' END,
            ],
            LAMBDA link: coalesce(list_contains($told, link), FALSE)
        ) AS lacking,
    FROM linked
)

SELECT * FROM final
ORDER BY started_at, episode_id;
