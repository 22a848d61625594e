-- One row per band of distance in a straight line from the unit to where the child was found, or last seen, nearest first, zeros
-- included, and a last one of those found outside the authority's area: episodes, different children, and what the share is over
-- (`of_episodes`): those with a distance, for a band, and all with a place, for the last row.
-- A band begins with its lower bound. Distances are from point to point; nothing finer than a band leaves this question.
-- `$cells_outside` are the cells whose middle is outside the area, null where its outline is not known: then the last row has no
-- numbers. The share is null below $smallest_children children over whom it would be.
-- Episodes found at a unit, and those with no place, are left out, as in hotspots/cells; those of a unit without a point, or of no known
-- unit, are in no band.
-- Parameters: the scope, $cells_outside, $smallest_children.
WITH bands AS (
    SELECT
        unnest(['under 1', '1–5', '5–20', '20–50', 'over 50', 'outside the area']) AS band,
        generate_subscripts([1, 2, 3, 4, 5, 6], 1) AS position,
),

located AS (
    SELECT
        episode.child_number,
        coalesce(episode.found_cell, episode.last_seen_cell) AS cell_number,
        CASE
            WHEN episode.found_cell IS NOT NULL
                THEN kilometres_between(units.latitude, units.longitude, episode.found_latitude, episode.found_longitude)
            ELSE kilometres_between(units.latitude, units.longitude, episode.last_seen_latitude, episode.last_seen_longitude)
        END AS kilometres,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose) AS episode
    LEFT JOIN units ON episode.unit_id = units.unit_id
    WHERE
        coalesce(episode.found_cell, episode.last_seen_cell) IS NOT NULL
        AND episode.found_place IS DISTINCT FROM 'unit'
),

by_child AS (
    SELECT
        child_number,
        cell_number,
        CASE WHEN kilometres < 1 THEN 1 WHEN kilometres < 5 THEN 2 WHEN kilometres < 20 THEN 3 WHEN kilometres < 50 THEN 4 ELSE 5 END
        + CASE WHEN kilometres IS NULL THEN NULL ELSE 0 END AS position,
        count(*) AS episodes,
    FROM located
    GROUP BY ALL
),

outside AS (
    SELECT cell_number FROM cells
    WHERE cell IN (SELECT unnest($cells_outside::VARCHAR[]))
),

placed AS (
    SELECT
        position,
        child_number,
        episodes,
    FROM by_child
    WHERE position IS NOT NULL
    UNION ALL
    SELECT
        6,
        child_number,
        episodes,
    FROM by_child
    WHERE cell_number IN (SELECT cell_number FROM outside)
),

counted AS (
    SELECT
        position,
        sum(episodes)::BIGINT AS episodes,
        count(DISTINCT child_number) AS children,
    FROM placed
    GROUP BY ALL
),

over_all AS (
    SELECT
        coalesce(sum(episodes), 0)::BIGINT AS located,
        count(DISTINCT child_number) AS located_children,
        coalesce(sum(episodes) FILTER (WHERE position IS NOT NULL), 0)::BIGINT AS measured,
        count(DISTINCT child_number) FILTER (WHERE position IS NOT NULL) AS measured_children,
    FROM by_child
),

based AS (
    SELECT
        bands.band,
        bands.position,
        CASE WHEN bands.position < 6 OR $cells_outside::VARCHAR[] IS NOT NULL THEN coalesce(counted.episodes, 0) END AS episodes,
        CASE WHEN bands.position < 6 OR $cells_outside::VARCHAR[] IS NOT NULL THEN coalesce(counted.children, 0) END AS children,
        CASE WHEN bands.position < 6 THEN over_all.measured ELSE over_all.located END AS of_episodes,
        CASE WHEN bands.position < 6 THEN over_all.measured_children ELSE over_all.located_children END AS of_children,
    FROM bands
    CROSS JOIN over_all
    LEFT JOIN counted ON bands.position = counted.position
),

final AS (
    SELECT
        band,
        episodes,
        CASE WHEN of_children >= $smallest_children THEN episodes / of_episodes END AS share,
        of_episodes,
        children,
        position,
    FROM based
)

SELECT * FROM final
ORDER BY position;
