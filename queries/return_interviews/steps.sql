-- One row per step of a return interview, in order: how many returns came to it, and of how many children.
-- Every step but `not_yet_due` is a step on from those that are due. Returns that need no interview are left out.
-- `share_of_due` is null where fewer than $smallest_children children are due one.
-- Parameters: the scope, $smallest_children.
WITH by_child AS (
    SELECT
        child_number,
        count(*) AS due,
        count(*) FILTER (is_not_yet_due) AS not_yet_due,
        count(*) FILTER (is_offered) AS offered,
        count(*) FILTER (is_accepted) AS accepted,
        count(*) FILTER (is_held) AS held,
        count(*) FILTER (hours_to_held <= 72) AS held_72h,
        count(*) FILTER (is_independent) AS independent,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

by_child_and_step AS (
    UNPIVOT by_child
    ON due, not_yet_due, offered, accepted, held, held_72h, independent
    INTO NAME step VALUE episodes
),

counted AS (
    SELECT
        step,
        sum(episodes)::BIGINT AS episodes,
        count(*) FILTER (episodes > 0) AS children,
    FROM by_child_and_step
    GROUP BY ALL
),

steps AS (
    SELECT
        unnest(['due', 'not_yet_due', 'offered', 'accepted', 'held', 'held_72h', 'independent']) AS step,
        unnest(range(7)) AS place,
),

due AS (
    SELECT
        episodes,
        children,
    FROM counted
    WHERE step = 'due'
),

final AS (
    SELECT
        steps.place,
        steps.step,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(counted.children, 0) AS children,
        CASE WHEN due.children >= $smallest_children THEN counted.episodes / due.episodes END AS share_of_due,
    FROM steps
    LEFT JOIN counted ON steps.step = counted.step
    LEFT JOIN due ON TRUE
)

SELECT * EXCLUDE (place) FROM final
ORDER BY place;
