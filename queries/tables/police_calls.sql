-- One row per call to the police from a unit. One listed twice keeps its first row. `episode_row` is that of the episode that it names,
-- null where the export has no such episode.
-- Parameters: $reason_codes.
CREATE TABLE police_calls AS
WITH final AS (
    SELECT
        call.call_id,
        call.unit_id::UNIT AS unit_id,
        call.called_at,
        call.called_at::DATE AS called_on,
        known_code(call.reason, $reason_codes)::CODE AS reason,
        call.episode_id,
        episode.episode_row,
    FROM recorded_police_calls AS call
    LEFT JOIN episodes AS episode ON call.episode_id = episode.episode_id
    LEFT JOIN listed_twice AS twice ON call.call_id = twice.id AND twice."table" = 'police_calls'
    WHERE call.file_row = coalesce(twice.first_row, call.file_row)
)

SELECT * FROM final;
