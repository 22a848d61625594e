-- One row per id that stands on several rows of a table in which it should stand on one: the first of them, which is read, and how many
-- are left out. An episode is not among them: an export that lists one twice is refused.
CREATE TABLE listed_twice AS
WITH units_twice AS (
    SELECT
        unit_id AS id,
        min(file_row) AS first_row,
        count(*) - 1 AS rows_left_out,
    FROM recorded_units
    GROUP BY ALL
    HAVING count(*) > 1
),

children_twice AS (
    SELECT
        child_id AS id,
        min(file_row) AS first_row,
        count(*) - 1 AS rows_left_out,
    FROM recorded_children
    GROUP BY ALL
    HAVING count(*) > 1
),

police_calls_twice AS (
    SELECT
        call_id AS id,
        min(file_row) AS first_row,
        count(*) - 1 AS rows_left_out,
    FROM recorded_police_calls
    GROUP BY ALL
    HAVING count(*) > 1
),

final AS (
    SELECT
        'units' AS "table",
        'unit_id' AS "column",
        *,
    FROM units_twice
    UNION ALL
    SELECT
        'children',
        'child_id',
        *,
    FROM children_twice
    UNION ALL
    SELECT
        'police_calls',
        'call_id',
        *,
    FROM police_calls_twice
)

SELECT * FROM final;
