-- One row per child with an episode from a unit in the period, unit by unit, most episodes first, without the child's id.
-- The share is of the unit's episodes, and null where fewer than $smallest_children children were placed there. `nights` are those
-- that the child was placed there in the period.
-- Left out: episodes of no known unit.
-- Parameters: the scope, $smallest_children.
WITH gone AS (
    SELECT
        unit_id,
        child_number,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE unit_id IS NOT NULL
    GROUP BY ALL
),

slept AS (
    SELECT
        unit_id,
        child_number,
        sum(least(nights_before, $period_to::DATE + 1) - greatest(nights_from, $period_from::DATE))::BIGINT AS nights,
    FROM placements_in($period_from, $period_to, $units, $whose)
    GROUP BY ALL
),

placed AS (
    SELECT
        unit_id,
        count(*) AS children,
    FROM slept
    GROUP BY ALL
),

final AS (
    SELECT
        gone.unit_id,
        row_number() OVER (PARTITION BY gone.unit_id ORDER BY gone.episodes DESC, gone.child_number) AS rank,
        gone.episodes,
        CASE
            WHEN placed.children >= $smallest_children THEN gone.episodes / sum(gone.episodes) OVER (PARTITION BY gone.unit_id)
        END AS share_of_episodes,
        coalesce(slept.nights, 0) AS nights,
    FROM gone
    LEFT JOIN slept ON gone.unit_id = slept.unit_id AND gone.child_number = slept.child_number
    LEFT JOIN placed ON gone.unit_id = placed.unit_id
)

SELECT * FROM final
ORDER BY unit_id, rank;
