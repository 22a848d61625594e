-- One row: how far the episodes of the period gather on few children. Shares and the Gini coefficient are null below
-- $smallest_children children. `children_for_half` is the fewest children who together have half of the episodes or more.
-- Gini = (n + 1 - 2 Σ rank × episodes ÷ Σ episodes) ÷ n, rank 1 having the most: 0 where all children have as many, near 1 where
-- one has all.
-- Parameters: the scope, $smallest_children.
WITH counted AS (
    SELECT
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

totals AS (
    SELECT
        count(*) AS children,
        coalesce(sum(episodes), 0)::BIGINT AS episodes,
        ceil(count(*) / 10)::BIGINT AS top_tenth_children,
        count(*) >= $smallest_children AS is_large_enough,
    FROM counted
),

ranked AS (
    SELECT
        episodes,
        row_number() OVER most_first AS rank,
        sum(episodes) OVER most_first AS running,
    FROM counted
    WINDOW most_first AS (ORDER BY episodes DESC, child_number ASC ROWS UNBOUNDED PRECEDING)
),

gathered AS (
    SELECT
        sum(ranked.rank * ranked.episodes) AS ranks,
        sum(ranked.episodes) FILTER (ranked.rank <= 1) AS top_1,
        sum(ranked.episodes) FILTER (ranked.rank <= 5) AS top_5,
        sum(ranked.episodes) FILTER (ranked.rank <= totals.top_tenth_children) AS top_tenth,
        min(ranked.rank) FILTER (ranked.running * 2 >= totals.episodes) AS children_for_half,
    FROM ranked
    CROSS JOIN totals
),

final AS (
    SELECT
        totals.children,
        totals.episodes,
        CASE WHEN totals.is_large_enough THEN (totals.children + 1 - 2 * gathered.ranks / totals.episodes) / totals.children END AS gini,
        CASE WHEN totals.is_large_enough THEN gathered.top_1 / totals.episodes END AS top_1_share,
        CASE WHEN totals.is_large_enough THEN gathered.top_5 / totals.episodes END AS top_5_share,
        totals.top_tenth_children,
        CASE WHEN totals.is_large_enough THEN gathered.top_tenth / totals.episodes END AS top_tenth_share,
        gathered.children_for_half,
    FROM totals
    CROSS JOIN gathered
)

SELECT * FROM final;
