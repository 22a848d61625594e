-- One row per episode: its number among the child's episodes, and whether it overlaps another of them: one that began earlier (at
-- the same instant: with the smaller id) had not ended when the later one began. Left behind once `episodes` is made.
-- Apart from `episodes`, because a window over all of its columns would hold every row of them in memory twice.
CREATE TABLE episode_numbers AS
WITH lasting AS (
    SELECT
        file_row,
        episode_id,
        child_id,
        started_at,
        coalesce(ended_at, greatest(coverage.ends_at, started_at)) AS lasted_to,
    FROM recorded_episodes
    CROSS JOIN coverage
),

final AS (
    SELECT
        file_row,
        row_number() OVER by_child::INTEGER AS episode_number,
        coalesce(max(lasted_to) OVER (by_child ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > started_at, FALSE)
        OR coalesce(lead(started_at) OVER by_child < lasted_to, FALSE) AS is_overlapping,
    FROM lasting
    WINDOW by_child AS (PARTITION BY child_id ORDER BY started_at, episode_id)
)

SELECT * FROM final;
