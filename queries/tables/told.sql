-- One row per row of the export, as an export that comes after can be compared with it: its table, what it is known by there, a number
-- that changes when anything recorded in it does, and for an episode the day on which it began.
-- Rows without an id of their own are known by what they say, and by their number among those that say the same: a placement by child,
-- unit and start, an event by all but its mark to rebase.
CREATE VIEW told AS
WITH final AS (
    SELECT
        'episodes' AS "table",
        episode_id AS id,
        hash(
            child_id,
            category::VARCHAR,
            started_at,
            ended_at,
            CASE WHEN is_unit_recorded THEN unit_id::VARCHAR END,
            whereabouts_known,
            risk::VARCHAR,
            police_called,
            police_called_at,
            reclassified_at,
            police_checked_at,
            last_seen_latitude,
            last_seen_longitude,
            found_latitude,
            found_longitude,
            found_place::VARCHAR,
            found_by::VARCHAR,
            exploitation_concern,
            harm_disclosed
        ) AS content,
        started_on,
    FROM episodes
    UNION ALL
    SELECT
        'return_interviews',
        concat_ws('|', interview_id, episode_id, row_number() OVER (PARTITION BY interview_id, episode_id ORDER BY held_at, offered_at)),
        hash(offered::VARCHAR, offered_at, outcome::VARCHAR, held_at, interviewer::VARCHAR, reasons, late_reason::VARCHAR, follow_up),
        NULL,
    FROM return_interviews
    UNION ALL
    SELECT
        'placements',
        concat_ws('|', child_id, unit_id, started_on, row_number() OVER (PARTITION BY child_id, unit_id, started_on ORDER BY ended_on)),
        hash(ended_on),
        NULL,
    FROM placements
    UNION ALL
    SELECT
        'units',
        unit_id::VARCHAR,
        hash(name, kind, sector, beds, in_area, area, opened_on, closed_on, latitude, longitude),
        NULL,
    FROM units
    WHERE is_listed
    UNION ALL
    SELECT
        'children',
        child_id,
        hash(
            birth_month,
            sex::VARCHAR,
            ethnicity::VARCHAR,
            looked_after_from,
            looked_after_to,
            uasc,
            responsible_authority::VARCHAR,
            episodes_before_care
        ),
        NULL,
    FROM children
    UNION ALL
    SELECT
        'police_calls',
        call_id,
        hash(unit_id::VARCHAR, called_at, reason::VARCHAR, episode_id),
        NULL,
    FROM police_calls
    UNION ALL
    SELECT
        'events',
        concat_ws('|', happened_on, "text", unit_id, row_number() OVER (PARTITION BY happened_on, "text", unit_id ORDER BY is_rebase)),
        hash(is_rebase),
        NULL,
    FROM events
)

SELECT * FROM final;
