-- One row per child whom an episode, a placement or the list of children names, with its place in the order of their ids: a number, by
-- which questions count and join in half the time that an id takes. Left behind once `placements` is made.
CREATE TABLE child_numbers AS
WITH named AS (
    SELECT child_id FROM recorded_episodes
    UNION
    SELECT child_id FROM recorded_placements
    UNION
    SELECT child_id FROM recorded_children
),

final AS (
    SELECT
        child_id,
        row_number() OVER (ORDER BY child_id)::INTEGER AS child_number,
    FROM named
)

SELECT * FROM final;
