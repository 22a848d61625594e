-- One row per unit with a night in placement or an episode in the period, the highest rate first.
-- Rates are per 1,000 nights, and null below $smallest_nights nights; the busiest child's share is null where fewer than
-- $smallest_children children were placed. The busiest child is the one with most episodes from the unit, the first id of equals;
-- the rate without that child leaves out both the child's episodes and the child's nights there.
-- Episodes of no known unit are left out.
-- Parameters: the scope, $smallest_nights, $smallest_children.
WITH gone AS (
    SELECT
        unit_id,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

gone_by_unit AS (
    SELECT
        unit_id,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children_missing,
        arg_min(child_number, (-episodes, child_number)) AS busiest_child,
        max(episodes) AS busiest_episodes,
    FROM gone
    GROUP BY ALL
),

slept AS (
    SELECT
        unit_id,
        sum(nights)::BIGINT AS nights,
    FROM nights_in($period_from, $period_to, $units, $whose)
    GROUP BY ALL
),

placed AS (
    SELECT
        unit_id,
        count(DISTINCT child_number) AS children,
    FROM placements_in($period_from, $period_to, $units, $whose)
    GROUP BY ALL
),

busiest_slept AS (
    SELECT
        stay.unit_id,
        sum(least(stay.nights_before, $period_to::DATE + 1) - greatest(stay.nights_from, $period_from::DATE))::BIGINT AS nights,
    FROM placements_in($period_from, $period_to, $units, $whose) AS stay
    SEMI JOIN gone_by_unit ON stay.unit_id = gone_by_unit.unit_id AND stay.child_number = gone_by_unit.busiest_child
    GROUP BY ALL
),

counted AS (
    SELECT
        units.unit_id,
        units.name,
        units.kind,
        units.sector,
        units.in_area,
        units.beds,
        coalesce(slept.nights, 0) AS nights,
        coalesce(placed.children, 0) AS children_placed,
        coalesce(gone_by_unit.children_missing, 0) AS children_missing,
        coalesce(gone_by_unit.episodes, 0) AS episodes,
        gone_by_unit.busiest_episodes,
        coalesce(slept.nights, 0) - coalesce(busiest_slept.nights, 0) AS nights_without_busiest,
    FROM units
    LEFT JOIN gone_by_unit ON units.unit_id = gone_by_unit.unit_id
    LEFT JOIN slept ON units.unit_id = slept.unit_id
    LEFT JOIN placed ON units.unit_id = placed.unit_id
    LEFT JOIN busiest_slept ON units.unit_id = busiest_slept.unit_id
    WHERE gone_by_unit.episodes > 0 OR slept.nights > 0
),

final AS (
    SELECT
        unit_id,
        name,
        kind,
        sector,
        in_area,
        beds,
        nights,
        children_placed,
        children_missing,
        episodes,
        CASE WHEN nights >= $smallest_nights THEN episodes * 1000 / nights END AS rate,
        CASE WHEN children_placed >= $smallest_children THEN busiest_episodes / nullif(episodes, 0) END AS busiest_child_share,
        CASE
            WHEN nights_without_busiest >= $smallest_nights THEN (episodes - busiest_episodes) * 1000 / nights_without_busiest
        END AS rate_without_busiest,
        busiest_episodes,
    FROM counted
)

SELECT * FROM final
ORDER BY rate DESC NULLS LAST, episodes DESC, unit_id;
