-- One row per episode in which a child of 13 or under went missing and the police were not called, the latest first.
-- Left out: episodes for which it is not recorded whether they were called, and those in which staff knew where the child was all
-- the same. `hours` are those that it lasted, an open one to the export's end.
-- Parameters: the scope.
WITH final AS (
    SELECT
        episode_id,
        child_id,
        unit_id,
        age,
        started_at,
        hours,
        risk,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE
        category = 'missing'
        AND age <= 13
        AND NOT police_called
        AND whereabouts_known IS DISTINCT FROM TRUE
)

SELECT * FROM final
ORDER BY started_at DESC, episode_id;
