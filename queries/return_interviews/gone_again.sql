-- One row per way in which the returns of a child fell out, and how many children's did: how many of the child's returns had an
-- interview within 72 hours (`with_interview`), how many of these were followed by the child going again within 28 days of the return,
-- and the same for those without one.
-- Only returns from which the child had not gone again within 72 hours: who goes before an interview could be held has none for that
-- reason. Left out too: returns less than 28 days before the export's end or before the child's last day looked after, those that
-- need no interview, and interviews held at no recorded time after the return.
-- The child goes again with the next episode of either category that starts after the return.
-- Parameters: the scope.
WITH timed AS (
    SELECT
        back.child_number,
        coalesce(back.hours_to_held <= 72, FALSE) AS is_interviewed,
        hours_between(back.ended_at, back.gone_again_at) AS hours_to_again,
    FROM returns_in($period_from, $period_to, $category, $units, $whose) AS back
    CROSS JOIN coverage
    LEFT JOIN children ON back.child_number = children.child_number
    WHERE
        (NOT back.is_held OR back.hours_to_held IS NOT NULL)
        AND hours_between(back.ended_at, coverage.ends_at) >= 28 * 24
        AND coalesce(children.looked_after_to >= back.ended_on + 28, TRUE)
),

by_child AS (
    SELECT
        child_number,
        count(*) FILTER (is_interviewed) AS with_interview,
        count(*) FILTER (is_interviewed AND hours_to_again <= 28 * 24) AS again_with,
        count(*) FILTER (NOT is_interviewed) AS without_interview,
        count(*) FILTER (NOT is_interviewed AND hours_to_again <= 28 * 24) AS again_without,
    FROM timed
    WHERE coalesce(hours_to_again > 72, TRUE)
    GROUP BY ALL
),

final AS (
    SELECT
        with_interview,
        again_with,
        without_interview,
        again_without,
        count(*) AS children,
    FROM by_child
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY ALL;
