-- One row per measure of episodes and moves, in a fixed order:
--   first_within_28  first episodes of children in the period, and how many of them came on one of the first 28 days of a placement;
--   nights_within_28 nights in placement in the period, and how many of them were among the first 28 of a placement: what the share
--                    of first episodes would be if they came on any night alike;
--   before_move, after_move  episodes in the 28 days before and from the day of a move, over the nights in placement in those days.
--
-- A first episode is the child's first of the category in the export, of two at one start the one with the smaller id; it counts where
-- the child was in a placement that day, the latest to begin. A move is a placement in another unit than the child's placement before.
-- Moves are those of the period into a unit of the scope, with 28 days on either side that the export covers; the episodes of those
-- days are of the scope's category, from any unit. A day between two moves may count after one and before the other.
-- `value` is numerator ÷ denominator; of the last two, per 100 nights. It is null below $smallest_children `children`, or of the last two
-- below $smallest_nights nights. `children` are those of the denominator, of the last two also those with an episode and no night.
-- `spread` of those two is the sum over children of the squared difference between their episodes and what the rate expects of their
-- nights: the variance of the episodes, since those of one child hang together.
-- Parameters: the scope, $covers_from, $covers_to, $smallest_children, $smallest_nights.
WITH measures AS (
    SELECT
        unnest([1, 2, 3, 4]) AS position,
        unnest(['first_within_28', 'nights_within_28', 'before_move', 'after_move']) AS measure,
),

placed AS (
    SELECT started_on - placement_started_on AS days
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE
        CASE WHEN $category::VARCHAR IS NULL THEN episode_number ELSE number_in_category END = 1
        AND is_in_placement
),

firsts AS (
    SELECT
        1 AS position,
        count(*) FILTER (days < 28) AS numerator,
        count(*) AS denominator,
        count(*) AS children,
        NULL::DOUBLE AS spread,
    FROM placed
),

slept AS (
    SELECT
        child_number,
        greatest(nights_from, $period_from::DATE) AS from_on,
        least(nights_before, $period_to::DATE + 1) AS before_on,
        started_on + 28 AS settled_on,
    FROM placements_in($period_from, $period_to, $units, $whose)
),

nights AS (
    SELECT
        2 AS position,
        coalesce(sum(greatest(least(before_on, settled_on) - from_on, 0)), 0)::BIGINT AS numerator,
        coalesce(sum(before_on - from_on), 0)::BIGINT AS denominator,
        count(DISTINCT child_number) AS children,
        NULL::DOUBLE AS spread,
    FROM slept
),

moves AS (
    SELECT
        child_number,
        started_on AS moved_on,
    FROM placements
    WHERE
        is_move
        AND started_on BETWEEN $period_from AND $period_to
        AND started_on - 28 >= $covers_from::DATE
        AND started_on + 27 <= $covers_to::DATE
        AND is_one_of($units, unit_id)
        AND is_whose($whose, is_ours, is_here)
),

-- The days about moves reach 28 out of the period and no further: of ten years' rows most need not be joined.
around AS (
    SELECT
        moves.child_number,
        0 AS episodes_before,
        0 AS episodes_after,
        greatest(least(stay.nights_before, moves.moved_on) - greatest(stay.nights_from, moves.moved_on - 28), 0) AS nights_before,
        greatest(least(stay.nights_before, moves.moved_on + 28) - greatest(stay.nights_from, moves.moved_on), 0) AS nights_after,
    FROM moves
    INNER JOIN placements AS stay
        ON
            moves.child_number = stay.child_number
            AND moves.moved_on - 28 < stay.nights_before
            AND moves.moved_on + 28 > stay.nights_from
    WHERE
        stay.nights_before > $period_from::DATE - 28
        AND stay.nights_from < $period_to::DATE + 28
    UNION ALL
    SELECT
        moves.child_number,
        (episode.started_on < moves.moved_on)::INTEGER,
        (episode.started_on >= moves.moved_on)::INTEGER,
        0,
        0,
    FROM moves
    INNER JOIN episodes AS episode
        ON
            moves.child_number = episode.child_number
            AND moves.moved_on - 28 <= episode.started_on
            AND moves.moved_on + 28 > episode.started_on
    WHERE
        ($category::VARCHAR IS NULL OR episode.category = $category)
        AND episode.started_on BETWEEN $period_from::DATE - 28 AND $period_to::DATE + 28
),

of_each AS (
    SELECT
        sum(episodes_before)::BIGINT AS episodes_before,
        sum(episodes_after)::BIGINT AS episodes_after,
        sum(nights_before)::BIGINT AS nights_before,
        sum(nights_after)::BIGINT AS nights_after,
    FROM around
    GROUP BY child_number
),

by_child AS (
    SELECT
        3 AS position,
        episodes_before AS episodes,
        nights_before AS nights,
    FROM of_each
    UNION ALL
    SELECT
        4,
        episodes_after,
        nights_after,
    FROM of_each
),

rates AS (
    SELECT
        position,
        sum(episodes)::BIGINT AS numerator,
        sum(nights)::BIGINT AS denominator,
        count(*) AS children,
        -- Σ (episodes − rate × nights)², multiplied out.
        sum(episodes * episodes)
        - 2 * numerator / nullif(denominator, 0) * sum(episodes * nights)
        + pow(numerator / nullif(denominator, 0), 2) * sum(nights * nights) AS spread,
    FROM by_child
    WHERE episodes > 0 OR nights > 0
    GROUP BY ALL
),

counted AS (
    SELECT * FROM firsts
    UNION ALL
    SELECT * FROM nights
    UNION ALL
    SELECT * FROM rates
),

final AS (
    SELECT
        measures.position,
        measures.measure,
        coalesce(counted.numerator, 0) AS numerator,
        coalesce(counted.denominator, 0) AS denominator,
        coalesce(counted.children, 0) AS children,
        CASE
            WHEN counted.children < $smallest_children OR (measures.position >= 3 AND counted.denominator < $smallest_nights) THEN NULL
            ELSE CASE WHEN measures.position >= 3 THEN 100 ELSE 1 END * counted.numerator / counted.denominator
        END AS value,
        counted.spread,
    FROM measures
    LEFT JOIN counted ON measures.position = counted.position
)

SELECT * EXCLUDE (position) FROM final
ORDER BY position;
