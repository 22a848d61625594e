-- One row per unit and quarter of the period with an episode, the latest first: episodes that began in it, those that the child had
-- together with another, from this unit or any, and of them those together with another from this unit; `shared_in` in
-- queries/tables/scope.sql says what together means. The quarter is that of the episode's own start.
-- Shares are null where fewer than $smallest_children different `children` had the episodes. Episodes of no known unit are left out.
-- Parameters: the scope, $smallest_children.
WITH paired AS (
    SELECT
        unnest([episode_a, episode_b]) AS episode_row,
        unit_id IS NOT NULL AS is_same_unit,
    FROM shared_in($period_from, $period_to, $category, $units, $whose)
),

shared AS (
    SELECT
        episode_row,
        bool_or(is_same_unit) AS is_same_unit,
    FROM paired
    GROUP BY ALL
),

counted AS (
    SELECT
        gone.unit_id,
        date_trunc('quarter', gone.started_month)::DATE AS quarter,
        count(*) AS episodes,
        count(shared.episode_row) AS episodes_shared,
        count(*) FILTER (shared.is_same_unit) AS episodes_same_unit,
        count(DISTINCT gone.child_number) AS children,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose) AS gone
    LEFT JOIN shared ON gone.episode_row = shared.episode_row
    WHERE gone.unit_id IS NOT NULL
    GROUP BY ALL
),

final AS (
    SELECT
        unit_id,
        quarter,
        episodes,
        episodes_shared,
        CASE WHEN children >= $smallest_children THEN episodes_shared / episodes END AS episodes_shared_share,
        episodes_same_unit,
        CASE WHEN children >= $smallest_children THEN episodes_same_unit / episodes END AS episodes_same_unit_share,
        children,
    FROM counted
)

SELECT * FROM final
ORDER BY quarter DESC, episodes_same_unit DESC, unit_id ASC;
