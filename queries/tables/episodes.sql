-- One row per episode, with what every question needs worked out once: local dates and hours, length, overnight, the unit and
-- the age at the time, the place as an H3 cell, what became of the return interview. Local means Europe/London, the session's
-- time zone. Rows stand in the order of their start: a question of one year then reads a tenth of ten years.
--
-- `episode_row` is its place in the file, by which what belongs to it is joined. `number_in_category` and `next_in_category_at` are of the
-- child's episodes of its category, `episode_number` and `next_at` of all; `gone_again_at` is the next start after its end.
-- `hours` runs to the end, or to the export's end for an episode still open then; it is null where the end comes before the
-- start. From a source with dates only it is whole days × 24, `started_hour` and `is_overnight` are null, and an episode is over
-- 24 hours when it ended two dates or more later: one that ended on the next date may have lasted an hour.
-- `is_overnight`: some of it falls between 00:00 and 06:00.
-- `unit_id` is as recorded, else that of the placement on the day of the start (the latest to begin, where they overlap);
-- `placement_started_on` and `placement_ended_on` are of that placement, the latter null where it goes on.
-- Cells are numbers; `cells` has the text of each. `last_seen_cell` stands in where no `found_cell` is known, and is null where one is:
-- a cell takes longer to find than all the rest.
-- `interview` is what `returns` shows of an episode that has ended; its rules stand there.
-- Parameters: $risk_codes, $risk_spellings (older spelling → code), $found_place_codes, $found_by_codes.
CREATE TABLE episodes AS
WITH stays AS (
    SELECT
        child_id,
        list(struct_pack(started_on := started_on, unit_id := unit_id, ended_on := ended_on)) AS stays,
    FROM recorded_placements
    WHERE child_id IN (SELECT child_id FROM recorded_episodes)
    GROUP BY ALL
),

-- Each time zone conversion costs as much as reading a column, so that a moment is converted once.
local AS (
    SELECT
        episode.*,
        coverage.*,
        started_at::TIMESTAMP AS local_start,
        ended_at::TIMESTAMP AS local_end,
        ends_at::TIMESTAMP AS local_close,
        ended_at IS NULL OR ended_at >= ends_at AS is_open,
        coalesce(ended_at, greatest(ends_at, started_at)) AS lasted_to,
        starts_have_times AND ends_have_times AS has_times,
    FROM recorded_episodes AS episode
    CROSS JOIN coverage
),

measured AS (
    SELECT
        *,
        local_start::DATE AS started_on,
        local_end::DATE AS ended_on,
        coalesce(local_end, greatest(local_close, local_start)) AS local_lasted_to,
        CASE
            WHEN CASE WHEN has_times THEN lasted_to < started_at ELSE local_lasted_to::DATE < started_on END THEN NULL
            WHEN has_times THEN hours_between(started_at, lasted_to)
            ELSE 24.0 * (local_lasted_to::DATE - started_on)
        END AS hours,
    FROM local
),

placed AS (
    SELECT
        episode.*,
        -- The greatest of them: by its first field, then by its second.
        list_max(list_filter(
            stays.stays,
            LAMBDA stay: episode.started_on >= stay['started_on'] AND coalesce(episode.started_on < stay['ended_on'], TRUE)
        )) AS placement,
        cell_of(found_latitude, found_longitude) AS found_cell,
    FROM measured AS episode
    LEFT JOIN stays ON episode.child_id = stays.child_id
),

final AS (
    SELECT
        episode.episode_id,
        episode.file_row AS episode_row,
        episode.child_id,
        numbered.child_number,
        episode.category::CODE AS category,
        episode.started_at,
        episode.ended_at,
        episode.started_on,
        episode.ended_on,
        date_trunc('month', episode.started_on)::DATE AS started_month,
        isodow(episode.started_on)::TINYINT AS weekday,
        CASE WHEN episode.starts_have_times THEN hour(episode.local_start)::TINYINT END AS started_hour,
        episode.is_open,
        episode.hours,
        CASE WHEN episode.has_times THEN episode.hours > 24 ELSE episode.hours >= 48 END AS is_over_24h,
        CASE
            WHEN NOT episode.has_times OR episode.hours IS NULL THEN NULL
            WHEN episode.hours = 0 THEN FALSE
            -- No clock changes at midnight, so that local times can be compared with it.
            ELSE hour(episode.local_start) < 6 OR episode.local_lasted_to > episode.started_on + 1
        END AS is_overnight,
        numbered.episode_number,
        numbered.number_in_category,
        numbered.next_at,
        numbered.next_in_category_at,
        numbered.gone_again_at,
        numbered.is_overlapping,
        coalesce(episode.unit_id, episode.placement.unit_id)::UNIT AS unit_id,
        episode.unit_id IS NOT NULL AS is_unit_recorded,
        episode.placement IS NOT NULL AS is_in_placement,
        episode.placement.started_on AS placement_started_on,
        episode.placement.ended_on AS placement_ended_on,
        CASE
            WHEN children.birth_month <= episode.started_on
                THEN (date_diff('month', children.birth_month, episode.started_on) // 12)::INTEGER
        END AS age,
        coalesce(children.is_ours, TRUE) AS is_ours,
        coalesce(units.in_area, FALSE) AS is_here,
        episode.whereabouts_known,
        known_code(coalesce($risk_spellings[episode.risk], episode.risk), $risk_codes)::CODE AS risk,
        episode.police_called,
        episode.police_called_at,
        episode.reclassified_at,
        episode.police_checked_at,
        episode.last_seen_latitude,
        episode.last_seen_longitude,
        episode.found_latitude,
        episode.found_longitude,
        CASE WHEN episode.found_cell IS NULL THEN cell_of(episode.last_seen_latitude, episode.last_seen_longitude) END AS last_seen_cell,
        episode.found_cell,
        known_code(episode.found_place, $found_place_codes)::CODE AS found_place,
        known_code(episode.found_by, $found_by_codes)::CODE AS found_by,
        episode.exploitation_concern,
        episode.harm_disclosed,
        struct_pack(
            is_not_required := coalesce(interviewed.is_not_required, FALSE),
            is_offered := coalesce(interviewed.is_offered, FALSE),
            is_accepted := coalesce(interviewed.is_offered AND NOT interviewed.is_declined, FALSE),
            is_declined := coalesce(interviewed.is_declined, FALSE),
            is_not_held := coalesce(interviewed.is_not_held, FALSE),
            is_held := coalesce(interviewed.is_held, FALSE),
            is_independent := coalesce(interviewed.is_independent, FALSE),
            held_at := interviewed.held_at,
            late_reason := interviewed.late_reason,
            hours_to_held := CASE
                WHEN episode.ends_have_times AND episode.holds_have_times THEN hours_between(episode.ended_at, interviewed.held_at)
            END,
            is_not_yet_due := NOT coalesce(interviewed.is_held, FALSE) AND CASE
                WHEN episode.ends_have_times THEN hours_between(episode.ended_at, episode.ends_at) < 72
                ELSE episode.covers_to - episode.ended_on < 3
            END
        ) AS interview,
    FROM placed AS episode
    INNER JOIN episode_numbers AS numbered ON episode.file_row = numbered.file_row
    LEFT JOIN interviews_by_episode AS interviewed ON episode.file_row = interviewed.episode_row
    LEFT JOIN children ON numbered.child_number = children.child_number
    LEFT JOIN units ON coalesce(episode.unit_id, episode.placement.unit_id) = units.unit_id
)

SELECT * FROM final
ORDER BY started_at;
