-- One row per stay of a child in a unit, as recorded. Left behind once `placements` is made.
CREATE TEMP TABLE recorded_placements AS
WITH final AS (
    SELECT * FROM contract_placements
    UNION ALL BY NAME
    SELECT * FROM exported_placements
)

SELECT
    child_id,
    unit_id,
    started_on,
    ended_on,
FROM final;
