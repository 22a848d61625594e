-- One row per kind of setting, sector, and in our area or not, with a night in placement or an episode in the period.
-- The rate is per 1,000 nights, and null below $smallest_nights nights. A child in two units of one row is one child there.
-- `share_of_nights` and `share_of_episodes` are of all rows together; null where their nights are below $smallest_nights, or their
-- children placed below $smallest_children.
-- Left out: episodes of no known unit.
-- Parameters: the scope, $smallest_nights, $smallest_children.
WITH
-- Numbered: with one number a setting, a child is told from the others there without a text.
settings AS (
    SELECT
        unit_id,
        coalesce(kind, 'not recorded') AS kind,
        coalesce(sector, 'not recorded') AS sector,
        in_area,
        dense_rank() OVER (ORDER BY coalesce(kind, 'not recorded'), coalesce(sector, 'not recorded'), in_area) AS number,
    FROM units
),

gone AS (
    SELECT
        settings.number,
        episode.child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose) AS episode
    INNER JOIN settings ON episode.unit_id = settings.unit_id
    GROUP BY ALL
),

gone_by_setting AS (
    SELECT
        number,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
    FROM gone
    GROUP BY ALL
),

placed AS (
    SELECT DISTINCT
        settings.number,
        stay.child_number,
    FROM placements_in($period_from, $period_to, $units, $whose) AS stay
    INNER JOIN settings ON stay.unit_id = settings.unit_id
),

placed_by_setting AS (
    SELECT
        number,
        count(*) AS children,
    FROM placed
    GROUP BY ALL
),

slept_by_setting AS (
    SELECT
        settings.number,
        sum(night.nights)::BIGINT AS nights,
    FROM nights_in($period_from, $period_to, $units, $whose) AS night
    INNER JOIN settings ON night.unit_id = settings.unit_id
    GROUP BY ALL
),

kinds AS (
    SELECT DISTINCT * EXCLUDE (unit_id) FROM settings
),

counted AS (
    SELECT
        kinds.kind,
        kinds.sector,
        kinds.in_area,
        coalesce(placed.children, 0) AS children_placed,
        coalesce(slept.nights, 0) AS nights,
        coalesce(gone.episodes, 0) AS episodes,
        coalesce(gone.children, 0) AS children_missing,
    FROM kinds
    LEFT JOIN gone_by_setting AS gone ON kinds.number = gone.number
    LEFT JOIN placed_by_setting AS placed ON kinds.number = placed.number
    LEFT JOIN slept_by_setting AS slept ON kinds.number = slept.number
    WHERE gone.number IS NOT NULL OR slept.number IS NOT NULL
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
