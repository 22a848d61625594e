-- One row per child that the export lists. One listed twice keeps its first row.
-- Parameters: $sex_codes.
CREATE TABLE children AS
WITH final AS (
    SELECT
        child.child_id,
        numbered.child_number,
        date_trunc('month', child.birth_month)::DATE AS birth_month,
        known_code(child.sex, $sex_codes)::CODE AS sex,
        child.ethnicity::CODE AS ethnicity,
        child.looked_after_from,
        child.looked_after_to,
        child.uasc,
        child.responsible_authority::CODE AS responsible_authority,
        child.responsible_authority IS NULL AS is_ours,
        child.episodes_before_care,
    FROM recorded_children AS child
    INNER JOIN child_numbers AS numbered ON child.child_id = numbered.child_id
    LEFT JOIN listed_twice AS twice ON child.child_id = twice.id AND twice."table" = 'children'
    WHERE child.file_row = coalesce(twice.first_row, child.file_row)
)

SELECT * FROM final;
