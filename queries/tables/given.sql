-- One row per table and column that the export fills, and per column that it fills with instants and not with dates alone ("times of
-- episodes.started_at"). "return_interviews.outcome=completed" is one where some interview is said to be completed: else outcomes tell of
-- answers and not of what was held.
-- Parameters: $tables_there, $columns_that_count_empty (those that are given where no row fills them), $columns_with_times.
CREATE TABLE given AS
WITH columns_given AS (
    SELECT "table" || '.' || "column" AS name
    FROM completeness
    WHERE
        unit_id IS NULL
        AND filled > 0
    UNION
    SELECT unnest($columns_that_count_empty)
),

final AS (
    SELECT unnest($tables_there) AS name
    UNION ALL
    SELECT name FROM columns_given
    UNION ALL
    SELECT 'times of ' || name FROM columns_given
    WHERE list_contains($columns_with_times, name)
    UNION ALL
    SELECT DISTINCT 'return_interviews.outcome=completed' FROM return_interviews
    WHERE outcome = 'completed'
)

SELECT * FROM final;
