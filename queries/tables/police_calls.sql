-- One row per call to the police from a unit.
-- Parameters: $reason_codes.
CREATE TABLE police_calls AS
WITH recorded AS (
    SELECT * FROM contract_police_calls
    UNION ALL BY NAME
    SELECT * FROM exported_police_calls
),

final AS (
    SELECT
        call_id,
        unit_id,
        called_at,
        called_at::DATE AS called_on,
        known_code(reason, $reason_codes) AS reason,
        episode_id,
    FROM recorded
    QUALIFY row_number() OVER (PARTITION BY call_id) = 1
)

SELECT * FROM final
ORDER BY called_at, call_id;
