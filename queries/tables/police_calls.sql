-- One row per call to the police from a unit. One listed twice keeps its first row.
-- Parameters: $reason_codes.
CREATE TABLE police_calls AS
WITH final AS (
    SELECT
        call.call_id,
        call.unit_id,
        call.called_at,
        call.called_at::DATE AS called_on,
        known_code(call.reason, $reason_codes)::CODE AS reason,
        call.episode_id,
    FROM recorded_police_calls AS call
    LEFT JOIN listed_twice AS twice ON call.call_id = twice.id AND twice."table" = 'police_calls'
    WHERE call.file_row = coalesce(twice.first_row, call.file_row)
)

SELECT * FROM final;
