-- One row per reason that the settings know, with its group: push, pull or personal.
-- Parameters: $push_reasons, $pull_reasons, $personal_reasons.
CREATE TABLE reasons AS
WITH final AS (
    SELECT
        'push' AS reason_group,
        unnest($push_reasons) AS reason,
    UNION ALL
    SELECT
        'pull',
        unnest($pull_reasons),
    UNION ALL
    SELECT
        'personal',
        unnest($personal_reasons),
)

SELECT * FROM final;
