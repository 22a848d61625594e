-- One row per unit with a night in placement in the period, whichever units the scope asks for: they are compared with all others
-- of their kind. Limits are added to these.
-- `expected`: the unit's nights × the rate of its kind, all units of it together. The busiest child is the one with most episodes
-- from the unit, the first id of equals; without that child, both the child's episodes and the child's nights there are left out.
-- The rate is per 1,000 nights, and null below $smallest_nights nights. `is_asked`: the scope asks for the unit.
-- Left out: units without a night, and their episodes.
-- Parameters: the scope, $smallest_nights.
WITH gone AS (
    SELECT
        unit_id,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, NULL, $whose)
    GROUP BY ALL
),

gone_by_unit AS (
    SELECT
        unit_id,
        sum(episodes)::BIGINT AS episodes,
        arg_min(child_number, (-episodes, child_number)) AS busiest_child,
        max(episodes) AS busiest_episodes,
    FROM gone
    GROUP BY ALL
),

slept AS (
    SELECT
        unit_id,
        sum(nights)::BIGINT AS nights,
    FROM nights_in($period_from, $period_to, NULL, $whose)
    GROUP BY ALL
),

busiest_slept AS (
    SELECT
        stay.unit_id,
        sum(least(stay.nights_before, $period_to::DATE + 1) - greatest(stay.nights_from, $period_from::DATE))::BIGINT AS nights,
    FROM placements_in($period_from, $period_to, NULL, $whose) AS stay
    SEMI JOIN gone_by_unit ON stay.unit_id = gone_by_unit.unit_id AND stay.child_number = gone_by_unit.busiest_child
    GROUP BY ALL
),

counted AS (
    SELECT
        units.unit_id,
        coalesce(units.kind, 'not recorded') AS kind,
        slept.nights,
        coalesce(gone_by_unit.episodes, 0) AS episodes,
        coalesce(gone_by_unit.busiest_episodes, 0) AS busiest_episodes,
        coalesce(busiest_slept.nights, 0) AS busiest_nights,
        is_one_of($units, units.unit_id) AS is_asked,
    FROM slept
    INNER JOIN units ON slept.unit_id = units.unit_id
    LEFT JOIN gone_by_unit ON slept.unit_id = gone_by_unit.unit_id
    LEFT JOIN busiest_slept ON slept.unit_id = busiest_slept.unit_id
),

compared AS (
    SELECT
        *,
        sum(episodes) OVER (PARTITION BY kind) / sum(nights) OVER (PARTITION BY kind) AS kind_rate,
    FROM counted
),

final AS (
    SELECT
        unit_id,
        kind,
        nights,
        episodes,
        CASE WHEN nights >= $smallest_nights THEN episodes * 1000 / nights END AS rate,
        nights * kind_rate AS expected,
        CASE WHEN nights >= $smallest_nights THEN episodes / nullif(nights * kind_rate, 0) END AS ratio,
        kind_rate,
        episodes - busiest_episodes AS episodes_without_busiest,
        (nights - busiest_nights) * kind_rate AS expected_without_busiest,
        nights >= $smallest_nights AS is_large_enough,
        is_asked,
    FROM compared
)

SELECT * FROM final
ORDER BY unit_id;
