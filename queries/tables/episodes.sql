-- One row per episode, with what every question needs worked out once: local dates and hours, length, overnight, the unit and
-- the age at the time, the place as an H3 cell. Local means Europe/London, the session's time zone.
--
-- `hours` runs to the end, or to the export's end for an episode still open then; it is null where the end comes before the
-- start. From a source with dates only it is whole days × 24, `started_hour` and `is_overnight` are null, and an episode is over
-- 24 hours when it ended two dates or more later: one that ended on the next date may have lasted an hour.
-- `is_overnight`: some of it falls between 00:00 and 06:00.
-- `unit_id` is as recorded, else that of the placement on the day of the start (the latest to begin, where they overlap).
-- Parameters: $starts_have_times, $ends_have_times.
CREATE TABLE episodes AS
WITH placed AS (
    SELECT
        episode.episode_id,
        arg_max(stay.unit_id, (stay.started_on, stay.unit_id)) AS unit_id,
    FROM recorded_episodes AS episode
    INNER JOIN recorded_placements AS stay
        ON
            episode.child_id = stay.child_id
            AND episode.started_at::DATE >= stay.started_on
            AND (stay.ended_on IS NULL OR episode.started_at::DATE < stay.ended_on)
    GROUP BY ALL
),

timed AS (
    SELECT
        episode.*,
        started_at::DATE AS started_on,
        ended_at::DATE AS ended_on,
        ended_at IS NULL OR ended_at >= coverage.ends_at AS is_open,
        coalesce(ended_at, greatest(coverage.ends_at, started_at)) AS lasted_to,
        $starts_have_times AND $ends_have_times AS has_times,
    FROM recorded_episodes AS episode
    CROSS JOIN coverage
),

measured AS (
    SELECT
        *,
        CASE
            WHEN lasted_to < started_at THEN NULL
            WHEN has_times THEN hours_between(started_at, lasted_to)
            ELSE 24.0 * (lasted_to::DATE - started_on)
        END AS hours,
    FROM timed
),

final AS (
    SELECT
        episode.episode_id,
        episode.child_id,
        episode.category,
        episode.started_at,
        episode.ended_at,
        episode.started_on,
        episode.ended_on,
        date_trunc('month', episode.started_on)::DATE AS started_month,
        isodow(episode.started_on)::TINYINT AS weekday,
        CASE WHEN $starts_have_times THEN hour(episode.started_at)::TINYINT END AS started_hour,
        episode.is_open,
        episode.hours,
        CASE WHEN episode.has_times THEN episode.hours > 24 ELSE episode.hours >= 48 END AS is_over_24h,
        CASE
            WHEN NOT episode.has_times OR episode.hours IS NULL THEN NULL
            WHEN episode.hours = 0 THEN FALSE
            ELSE hour(episode.started_at) < 6 OR episode.lasted_to > (episode.started_on + 1)::TIMESTAMPTZ
        END AS is_overnight,
        row_number() OVER (PARTITION BY episode.child_id ORDER BY episode.started_at, episode.episode_id)::INTEGER AS episode_number,
        coalesce(episode.unit_id, placed.unit_id) AS unit_id,
        placed.unit_id IS NOT NULL AS is_in_placement,
        CASE
            WHEN children.birth_month <= episode.started_on
                THEN (date_diff('month', children.birth_month, episode.started_on) // 12)::INTEGER
        END AS age,
        coalesce(children.is_ours, TRUE) AS is_ours,
        coalesce(units.in_area, FALSE) AS is_here,
        episode.whereabouts_known,
        episode.risk,
        episode.police_called,
        episode.police_called_at,
        episode.reclassified_at,
        episode.police_checked_at,
        episode.last_seen_latitude,
        episode.last_seen_longitude,
        episode.found_latitude,
        episode.found_longitude,
        cell_of(episode.last_seen_latitude, episode.last_seen_longitude) AS last_seen_cell,
        cell_of(episode.found_latitude, episode.found_longitude) AS found_cell,
        episode.found_place,
        episode.found_by,
        episode.exploitation_concern,
        episode.harm_disclosed,
    FROM measured AS episode
    LEFT JOIN placed ON episode.episode_id = placed.episode_id
    LEFT JOIN children ON episode.child_id = children.child_id
    LEFT JOIN units ON coalesce(episode.unit_id, placed.unit_id) = units.unit_id
)

SELECT * FROM final
ORDER BY started_at, episode_id;
