-- One row per episode, typed, with the spellings of codes brought to one form. Left behind once `episodes` is made.
-- Parameters: $risk_codes, $found_place_codes, $found_by_codes, $risk_spellings (older spelling → code).
CREATE TEMP TABLE recorded_episodes AS
WITH recorded AS (
    SELECT * FROM contract_episodes
    UNION ALL BY NAME
    SELECT * FROM exported_episodes
),

final AS (
    SELECT
        episode_id,
        child_id,
        category,
        started_at,
        ended_at,
        unit_id,
        whereabouts_known,
        known_code(coalesce($risk_spellings[risk], risk), $risk_codes) AS risk,
        police_called,
        police_called_at,
        reclassified_at,
        police_checked_at,
        last_seen_latitude,
        last_seen_longitude,
        found_latitude,
        found_longitude,
        known_code(found_place, $found_place_codes) AS found_place,
        known_code(found_by, $found_by_codes) AS found_by,
        exploitation_concern,
        harm_disclosed,
    FROM recorded
)

SELECT * FROM final;
