-- One row per kind of interviewer, the most frequent first: the return interviews that they held, each counted once however many
-- returns it covers, and those returns. `interviewer` is null where it is not recorded.
-- `share` is of all interviews held, and null where these are with fewer than $smallest_children different children.
-- Parameters: the scope, $smallest_children.
WITH covered AS (
    SELECT
        interview_number,
        episode_row,
        min(interviewer) AS interviewer,
        min(child_number) AS child_number,
    FROM interviews_held_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

by_interview AS (
    SELECT
        interview_number,
        min(interviewer) AS interviewer,
        min(child_number) AS child_number,
        count(*) AS episodes,
    FROM covered
    GROUP BY ALL
),

whole AS (
    SELECT
        count(*) AS interviews,
        count(DISTINCT child_number) AS children,
    FROM by_interview
),

counted AS (
    SELECT
        interviewer,
        count(*) AS interviews,
        sum(episodes)::BIGINT AS episodes,
        count(DISTINCT child_number) AS children,
    FROM by_interview
    GROUP BY ALL
),

final AS (
    SELECT
        counted.*,
        CASE WHEN whole.children >= $smallest_children THEN counted.interviews / whole.interviews END AS share,
    FROM counted
    CROSS JOIN whole
)

SELECT * FROM final
ORDER BY interviews DESC, interviewer NULLS LAST;
