-- One row per id that stands on several rows of a table in which it should stand on one: the first of them, which is read, and how many
-- are left out. An episode is not among them: an export that lists one twice is refused.
CREATE TABLE listed_twice AS
WITH listed AS (
    SELECT
        'units' AS "table",
        'unit_id' AS "column",
        unit_id AS id,
        file_row,
    FROM recorded_units
    UNION ALL
    SELECT
        'children',
        'child_id',
        child_id,
        file_row,
    FROM recorded_children
    UNION ALL
    SELECT
        'police_calls',
        'call_id',
        call_id,
        file_row,
    FROM recorded_police_calls
),

final AS (
    SELECT
        "table",
        "column",
        id,
        min(file_row) AS first_row,
        count(*) - 1 AS rows_left_out,
    FROM listed
    GROUP BY ALL
    HAVING count(*) > 1
)

SELECT * FROM final;
