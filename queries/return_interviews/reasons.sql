-- One row per reason that children gave at a return interview, by group and then by how many interviews: push, pull, personal, and
-- other for those that the settings do not know. An interview is counted once however many returns it covers, and once for each of
-- its reasons.
-- `share` is of the interviews that have a reason recorded, and null where these are with fewer than $smallest_children different
-- children. Left out: interviews that have none.
-- Parameters: the scope, $smallest_children.
WITH held AS (
    SELECT
        interview_number,
        child_number,
        reasons,
    FROM interviews_held_in($period_from, $period_to, $category, $units, $whose)
    WHERE len(reasons) > 0
),

given_reasons AS (
    SELECT
        interview_number,
        child_number,
        unnest(reasons) AS reason,
    FROM held
),

whole AS (
    SELECT
        count(DISTINCT interview_number) AS interviews,
        count(DISTINCT child_number) AS children,
    FROM held
),

counted AS (
    SELECT
        reason,
        count(DISTINCT interview_number) AS interviews,
        count(DISTINCT child_number) AS children,
    FROM given_reasons
    WHERE reason IS NOT NULL
    GROUP BY ALL
),

final AS (
    SELECT
        coalesce(reasons.reason_group, 'other') AS "group",
        counted.*,
        whole.interviews AS of_interviews,
        CASE WHEN whole.children >= $smallest_children THEN counted.interviews / whole.interviews END AS share,
    FROM counted
    CROSS JOIN whole
    LEFT JOIN reasons ON counted.reason = reasons.reason
)

SELECT * FROM final
ORDER BY list_position(['push', 'pull', 'personal', 'other'], "group"), interviews DESC, reason;
