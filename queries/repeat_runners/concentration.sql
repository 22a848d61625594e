-- One row per child with an episode in the period, most episodes first and ties by child: its rank and the running shares.
-- Below $smallest_children children the shares are null. What equal risk would give is added by dashboard/statistics.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        child_id,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

totals AS (
    SELECT
        count(*) AS children,
        sum(episodes)::BIGINT AS episodes,
    FROM counted
),

ranked AS (
    SELECT
        child_id,
        episodes,
        row_number() OVER most_first AS rank,
        sum(episodes) OVER most_first AS running,
    FROM counted
    WINDOW most_first AS (ORDER BY episodes DESC, child_id ASC ROWS UNBOUNDED PRECEDING)
),

final AS (
    SELECT
        ranked.rank,
        ranked.child_id,
        ranked.episodes,
        CASE WHEN totals.children >= $smallest_children THEN ranked.rank / totals.children END AS share_of_children,
        CASE WHEN totals.children >= $smallest_children THEN ranked.running / totals.episodes END AS share_of_episodes,
    FROM ranked
    CROSS JOIN totals
)

SELECT * FROM final
ORDER BY rank;
