-- One row per episode: its place among the child's episodes and among those of its category, when the next of either starts, when the
-- child goes again after the return, and whether it overlaps another of them: one that began earlier (at the same instant: with the
-- smaller id) had not ended when the later one began. Left behind once `episodes` is made.
-- `gone_again_at`: the first start, of either category, of a later episode of the child that starts after the end.
-- Apart from `episodes`, because a window over all of its columns would hold every row of them in memory twice.
CREATE TABLE episode_numbers AS
WITH lasting AS (
    SELECT
        episode.file_row,
        episode.episode_id,
        numbered.child_number,
        episode.category,
        episode.started_at,
        episode.ended_at,
        coalesce(episode.ended_at, greatest(coverage.ends_at, episode.started_at)) AS lasted_to,
    FROM recorded_episodes AS episode
    CROSS JOIN coverage
    INNER JOIN child_numbers AS numbered ON episode.child_id = numbered.child_id
),

in_order AS (
    SELECT
        file_row,
        child_number,
        ended_at,
        row_number() OVER by_child::INTEGER AS episode_number,
        row_number() OVER by_category::INTEGER AS number_in_category,
        lead(started_at) OVER by_child AS next_at,
        lead(started_at) OVER by_category AS next_in_category_at,
        coalesce(max(lasted_to) OVER (by_child ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) > started_at, FALSE)
        OR coalesce(lead(started_at) OVER by_child < lasted_to, FALSE) AS is_overlapping,
    FROM lasting
    WINDOW
        by_child AS (PARTITION BY child_number ORDER BY started_at, episode_id),
        by_category AS (PARTITION BY child_number, category ORDER BY started_at, episode_id)
),

-- Where the next start comes before the end, the first one after that is another.
overtaken AS (
    SELECT
        back.file_row,
        min(later.started_at) AS gone_again_at,
    FROM in_order AS back
    INNER JOIN lasting AS later ON back.child_number = later.child_number AND back.ended_at < later.started_at
    WHERE back.next_at <= back.ended_at
    GROUP BY ALL
),

final AS (
    SELECT
        in_order.* EXCLUDE (ended_at),
        CASE WHEN in_order.next_at > in_order.ended_at THEN in_order.next_at ELSE overtaken.gone_again_at END AS gone_again_at,
    FROM in_order
    LEFT JOIN overtaken ON in_order.file_row = overtaken.file_row
)

SELECT * FROM final;
