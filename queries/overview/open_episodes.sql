-- One row per episode that is open at the export's end, whenever it began, longest first. Child level.
-- `hours_open` is whole days × 24 from a source with dates only. An episode that starts after the export's end is left out.
-- Parameters: the scope without its period.
WITH final AS (
    SELECT
        episode_id,
        child_id,
        unit_id,
        category,
        started_at,
        CASE WHEN ended_at IS NULL THEN hours ELSE hours_between(started_at, (SELECT ends_at FROM coverage)) END AS hours_open,
        risk,
    FROM episodes_in('-infinity'::DATE, 'infinity'::DATE, $category, $units, $whose)
    WHERE
        is_open
        AND started_at < (SELECT ends_at FROM coverage)
)

SELECT * FROM final
ORDER BY hours_open DESC, episode_id;
