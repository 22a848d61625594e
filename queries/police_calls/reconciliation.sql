-- One row per unit: the episodes of the period that are recorded as reported to the police, set against the units' calls about missing
-- children. `unit_id` is null where no unit is known.
-- `matched`: a call names the episode. `episodes_only`: none does. `calls_only`: calls in the period that name no episode which is
-- recorded as reported, wherever it is. An episode is its unit's at the time, a call that of the unit which called. Calls have
-- no child: as in `call_rate`, of the scope only the period, the units and the area bear on them.
-- Left out: calls for other reasons.
-- Parameters: the scope.
WITH about_missing AS (
    SELECT
        call_id,
        unit_id,
        called_on,
        episode_row,
    FROM police_calls
    WHERE reason = 'missing'
),

named AS (
    SELECT DISTINCT episode_row
    FROM about_missing
),

reported AS (
    SELECT
        unit_id,
        count(named.episode_row) AS matched,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose) AS episode
    LEFT JOIN named ON episode.episode_row = named.episode_row
    WHERE police_called
    GROUP BY ALL
),

unmatched AS (
    SELECT
        call.unit_id,
        count(*) AS calls_only,
    FROM about_missing AS call
    LEFT JOIN units ON call.unit_id = units.unit_id
    LEFT JOIN episodes AS episode ON call.episode_row = episode.episode_row AND episode.police_called
    WHERE
        call.called_on BETWEEN $period_from AND $period_to
        AND is_one_of($units, call.unit_id)
        AND ($whose = 'ours' OR units.in_area)
        AND episode.episode_row IS NULL
    GROUP BY ALL
),

final AS (
    SELECT
        coalesce(reported.unit_id, unmatched.unit_id) AS unit_id,
        coalesce(reported.matched, 0) AS matched,
        coalesce(reported.episodes - reported.matched, 0) AS episodes_only,
        coalesce(unmatched.calls_only, 0) AS calls_only,
    FROM reported
    FULL OUTER JOIN unmatched ON reported.unit_id = unmatched.unit_id
)

SELECT * FROM final
ORDER BY matched + episodes_only + calls_only DESC, unit_id;
