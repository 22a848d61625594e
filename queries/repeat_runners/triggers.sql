-- One row per time that a child came to meet a rule in the period, latest first.
--
-- A rule of a number of episodes in a number of days counts starts by local date in the days up to and with a date. It is
-- crossed on the date on which that count comes from below the number to it or above; the whole history that a window can reach
-- back to is counted, before the period too, but only crossings in the period are rows. `most_in_window` is the largest count
-- from that crossing to the next one or the period's end. `holds_at_end`: on the period's last day, or the export's where that is
-- earlier, the count is the number or above.
-- A rule without days is crossed by every episode of its kind, on the day it began; it holds at the end while that episode lasts.
--
-- Starts are kept as one ordered list a child, so that no rule needs a sort of its own: the n-th latest start before one is a
-- look into the list. The count reaches k at start i when start i - k + 1 lies less than `days` days back, and goes on being met
-- until `days` days after that one; a start that reaches it later than that crosses anew.
-- The largest count grows by one at most from start to start, which makes it a fold over them: it grows at start i when
-- start i - most is still in the window.
-- Parameters: the scope, $covers_to, $rule_names, $rule_episodes, $rule_days (null: without), $rule_kinds.
WITH rules AS (
    SELECT
        unnest($rule_names::VARCHAR[]) AS rule,
        unnest($rule_episodes::BIGINT[]) AS k,
        unnest($rule_days::INTEGER[]) AS days,
        unnest($rule_kinds::VARCHAR[]) AS kind,
        generate_subscripts($rule_names::VARCHAR[], 1) AS position,
        least($period_to::DATE, $covers_to::DATE) AS last_day,
),

children_with_starts AS (
    SELECT
        child_number,
        any_value(child_id) AS child_id,
        list(started_on ORDER BY started_on) AS starts,
    FROM episodes_in($period_from::DATE - (SELECT max(days) FROM rules), $period_to, $category, $units, $whose)
    GROUP BY child_number
),

met AS (
    SELECT
        rules.*,
        child.child_number,
        child.child_id,
        child.starts,
        [
            i
            FOR i IN range(rules.k, len(child.starts) + 1)
            IF child.starts[i] - child.starts[i - rules.k + 1] < rules.days
        ] AS met_at,
    FROM children_with_starts AS child
    INNER JOIN rules ON len(child.starts) >= rules.k AND rules.days IS NOT NULL
),

crossed AS (
    SELECT
        *,
        [
            i
            FOR i, n IN met_at
            IF starts[i] >= $period_from::DATE AND (n = 1 OR starts[i] - starts[met_at[n - 1] - k + 1] > days)
        ] AS crossed_at,
    FROM met
),

crossings AS (
    SELECT
        * EXCLUDE (met_at, crossed_at),
        len([start FOR start IN starts IF start > last_day - days AND start <= last_day]) >= k AS holds_at_end,
        unnest(crossed_at) AS crossing,
        unnest(list_append(crossed_at[2:], len(starts) + 1)) AS next_crossing,
    FROM crossed
),

final AS (
    SELECT
        position,
        rule,
        child_number,
        child_id,
        starts[crossing] AS crossed_on,
        -- The linter does not know lambdas of two arguments.
        list_reduce( -- noqa: PRS
            range(crossing, next_crossing), lambda most, i: most + (starts[i] - starts[i - most] < days)::INTEGER, k - 1
        ) AS most_in_window,
        holds_at_end,
    FROM crossings
    WHERE crossing IS NOT NULL
    UNION ALL
    SELECT
        rules.position,
        rules.rule,
        episode.child_number,
        episode.child_id,
        episode.started_on,
        NULL,
        episode.started_on <= $covers_to::DATE AND (episode.is_open OR episode.ended_on > $period_to::DATE),
    FROM episodes_in($period_from, $period_to, $category, $units, $whose) AS episode
    INNER JOIN rules
        ON
            rules.days IS NULL
            AND CASE rules.kind WHEN 'over_24h' THEN episode.is_over_24h WHEN 'overnight' THEN episode.is_overnight ELSE TRUE END
)

SELECT * EXCLUDE (position, child_number) FROM final
ORDER BY crossed_on DESC, position ASC, child_number ASC, holds_at_end DESC;
