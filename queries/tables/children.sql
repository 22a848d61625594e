-- One row per child that the export lists. One listed twice keeps its first row.
-- Parameters: $sex_codes.
CREATE TABLE children AS
WITH recorded AS (
    SELECT * FROM contract_children
    UNION ALL BY NAME
    SELECT * FROM exported_children
),

final AS (
    SELECT
        child_id,
        date_trunc('month', birth_month)::DATE AS birth_month,
        known_code(sex, $sex_codes) AS sex,
        ethnicity,
        looked_after_from,
        looked_after_to,
        uasc,
        responsible_authority,
        responsible_authority IS NULL AS is_ours,
        episodes_before_care,
    FROM recorded
    QUALIFY row_number() OVER (PARTITION BY child_id) = 1
)

SELECT * FROM final
ORDER BY child_id;
