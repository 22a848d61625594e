-- What the rows of an export hold that the contract refuses: one row per rule, table and column that has any, with the rows it is
-- true of and up to five of their ids (a row's place in its file where it has none). Left behind once it is read.
CREATE TABLE refusals AS
WITH empty_cells AS (
    SELECT
        'episodes' AS "table",
        episode_id AS id,
        file_row,
        unnest(['episode_id', 'child_id', 'category', 'started_at']) AS "column",
        unnest([episode_id IS NULL, child_id IS NULL, category IS NULL, started_at IS NULL]) AS is_empty,
    FROM recorded_episodes
    WHERE episode_id IS NULL OR child_id IS NULL OR category IS NULL OR started_at IS NULL
    UNION ALL
    SELECT
        'return_interviews',
        interview_id,
        file_row,
        unnest(['interview_id', 'episode_id', 'offered']),
        unnest([interview_id IS NULL, episode_id IS NULL, offered IS NULL]),
    FROM recorded_return_interviews
    WHERE interview_id IS NULL OR episode_id IS NULL OR offered IS NULL
    UNION ALL
    SELECT
        'placements',
        NULL,
        file_row,
        unnest(['child_id', 'unit_id', 'started_on']),
        unnest([child_id IS NULL, unit_id IS NULL, started_on IS NULL]),
    FROM recorded_placements
    WHERE child_id IS NULL OR unit_id IS NULL OR started_on IS NULL
    UNION ALL
    SELECT
        'units',
        unit_id,
        file_row,
        unnest(['unit_id', 'name']),
        unnest([unit_id IS NULL, name IS NULL]),
    FROM recorded_units
    WHERE unit_id IS NULL OR name IS NULL
    UNION ALL
    SELECT
        'children',
        child_id,
        file_row,
        'child_id',
        TRUE,
    FROM recorded_children
    WHERE child_id IS NULL
    UNION ALL
    SELECT
        'police_calls',
        call_id,
        file_row,
        unnest(['call_id', 'unit_id', 'called_at']),
        unnest([call_id IS NULL, unit_id IS NULL, called_at IS NULL]),
    FROM recorded_police_calls
    WHERE call_id IS NULL OR unit_id IS NULL OR called_at IS NULL
    UNION ALL
    SELECT
        'events',
        NULL,
        file_row,
        unnest(['happened_on', 'text']),
        unnest([happened_on IS NULL, "text" IS NULL]),
    FROM recorded_events
    WHERE happened_on IS NULL OR "text" IS NULL
),

repeated AS (
    SELECT
        episode_id,
        count(*) AS times,
    FROM recorded_episodes
    GROUP BY ALL
    HAVING count(*) > 1
),

final AS (
    SELECT
        'empty cell in a required column' AS rule,
        "table",
        "column",
        count(*) AS "rows",
        min(coalesce(id, 'row ' || (file_row + 1)), 5) AS examples,
    FROM empty_cells
    WHERE is_empty
    GROUP BY ALL
    UNION ALL
    SELECT
        'episode listed twice',
        'episodes',
        'episode_id',
        sum(times)::BIGINT,
        min(episode_id, 5),
    FROM repeated
    WHERE episode_id IS NOT NULL
    HAVING count(*) > 0
    UNION ALL
    SELECT
        'unknown category',
        'episodes',
        'category',
        count(*),
        min(coalesce(episode_id, 'row ' || (file_row + 1)), 5),
    FROM recorded_episodes
    WHERE category NOT IN ('missing', 'away')
    HAVING count(*) > 0
)

SELECT * FROM final;
