-- One row per kind of setting, sector, and in our area or not, with a night in placement or an episode in the period.
-- The rate is per 1,000 nights, and null below $smallest_nights nights. A child in two units of one row is one child there.
-- `share_of_nights` and `share_of_episodes` are of all rows together; null where their nights are below $smallest_nights, or their
-- children placed below $smallest_children.
-- Left out: episodes of no known unit.
-- Parameters: the scope, $smallest_nights, $smallest_children.
WITH settings AS (
    SELECT
        unit_id,
        coalesce(kind, 'not recorded') AS kind,
        coalesce(sector, 'not recorded') AS sector,
        in_area,
    FROM units
),

-- Few rows a child before units are looked up: in a set of millions that is what takes the time.
gone AS (
    SELECT
        unit_id,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

gone_by_setting AS (
    SELECT
        settings.kind,
        settings.sector,
        settings.in_area,
        sum(gone.episodes)::BIGINT AS episodes,
        count(DISTINCT gone.child_number) AS children,
    FROM gone
    INNER JOIN settings ON gone.unit_id = settings.unit_id
    GROUP BY ALL
),

placed AS (
    SELECT DISTINCT
        unit_id,
        child_number,
    FROM placements_in($period_from, $period_to, $units, $whose)
),

placed_by_setting AS (
    SELECT
        settings.kind,
        settings.sector,
        settings.in_area,
        count(DISTINCT placed.child_number) AS children,
    FROM placed
    INNER JOIN settings ON placed.unit_id = settings.unit_id
    GROUP BY ALL
),

slept AS (
    SELECT
        unit_id,
        sum(nights)::BIGINT AS nights,
    FROM nights_in($period_from, $period_to, $units, $whose)
    GROUP BY ALL
),

slept_by_setting AS (
    SELECT
        settings.kind,
        settings.sector,
        settings.in_area,
        sum(slept.nights)::BIGINT AS nights,
    FROM slept
    INNER JOIN settings ON slept.unit_id = settings.unit_id
    GROUP BY ALL
),

listed AS (
    SELECT
        kind,
        sector,
        in_area,
    FROM gone_by_setting
    UNION
    SELECT
        kind,
        sector,
        in_area,
    FROM slept_by_setting
),

counted AS (
    SELECT
        listed.*,
        coalesce(placed.children, 0) AS children_placed,
        coalesce(slept.nights, 0) AS nights,
        coalesce(gone.episodes, 0) AS episodes,
        coalesce(gone.children, 0) AS children_missing,
    FROM listed
    LEFT JOIN gone_by_setting AS gone
        ON listed.kind = gone.kind AND listed.sector = gone.sector AND listed.in_area IS NOT DISTINCT FROM gone.in_area
    LEFT JOIN placed_by_setting AS placed
        ON listed.kind = placed.kind AND listed.sector = placed.sector AND listed.in_area IS NOT DISTINCT FROM placed.in_area
    LEFT JOIN slept_by_setting AS slept
        ON listed.kind = slept.kind AND listed.sector = slept.sector AND listed.in_area IS NOT DISTINCT FROM slept.in_area
),

summed AS (
    SELECT
        *,
        sum(nights) OVER () AS all_nights,
        sum(episodes) OVER () AS all_episodes,
        sum(nights) OVER () >= $smallest_nights AND sum(children_placed) OVER () >= $smallest_children AS is_large_enough,
    FROM counted
),

final AS (
    SELECT
        kind,
        sector,
        in_area,
        children_placed,
        nights,
        episodes,
        children_missing,
        CASE WHEN nights >= $smallest_nights THEN episodes * 1000 / nights END AS rate,
        CASE WHEN is_large_enough THEN nights / nullif(all_nights, 0) END AS share_of_nights,
        CASE WHEN is_large_enough THEN episodes / nullif(all_episodes, 0) END AS share_of_episodes,
    FROM summed
)

SELECT * FROM final
ORDER BY kind, sector, in_area DESC NULLS LAST;
