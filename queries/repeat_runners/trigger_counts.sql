-- One row per rule, in the order of the settings: the children who met it in the period and in the comparison period.
--
-- A child meets a rule of a number of episodes in a number of days in a period when, at one of its starts in that period, there
-- are that many starts or more by local date in the days up to and with it; the window may reach back before the period. It meets
-- a rule without days when it has an episode of the kind in the period. So a child who meets a rule all the time is counted in
-- each period, though it crossed the rule once, and a child who had no episode in a period is in none of its counts.
-- `continuing` met it in both, `new` in this one alone, `ceased` in the comparison period alone. What is set against the
-- comparison period is null where the export begins later than that; overnight is null where starts or ends have no times.
-- Parameters: the scope, $covers_from, $has_times, $rule_names, $rule_episodes, $rule_days (null: without), $rule_kinds.
WITH rules AS (
    SELECT
        unnest($rule_names::VARCHAR[]) AS rule,
        unnest($rule_episodes::BIGINT[]) AS k,
        unnest($rule_days::INTEGER[]) AS days,
        unnest($rule_kinds::VARCHAR[]) AS kind,
        generate_subscripts($rule_names::VARCHAR[], 1) AS position,
        days IS NOT NULL OR kind <> 'overnight' OR $has_times AS is_known,
        is_known AND $previous_from::DATE >= $covers_from::DATE AS is_compared,
),

children_with_starts AS (
    SELECT
        child_number,
        list(started_on ORDER BY started_on) AS starts,
    FROM episodes_in($previous_from::DATE - (SELECT max(days) FROM rules), $period_to, $category, $units, $whose)
    GROUP BY ALL
),

-- Each start from the k-th on, and the one k - 1 before it.
windows AS (
    SELECT
        rules.position,
        rules.days,
        child.child_number,
        unnest(child.starts[rules.k:]) AS started_on,
        unnest(child.starts[1:len(child.starts) - rules.k + 1]) AS first_on,
    FROM children_with_starts AS child
    INNER JOIN rules ON len(child.starts) >= rules.k AND rules.days IS NOT NULL
),

met AS (
    SELECT
        position,
        max(started_on) >= $period_from::DATE AS is_now,
        min(started_on) < $period_from::DATE AS is_before,
    FROM windows
    WHERE started_on - first_on < days AND started_on >= $previous_from::DATE
    GROUP BY position, child_number
    UNION ALL
    SELECT
        rules.position,
        max(episode.started_on) >= $period_from::DATE,
        min(episode.started_on) < $period_from::DATE,
    FROM episodes_in($previous_from, $period_to, $category, $units, $whose) AS episode
    INNER JOIN rules
        ON
            rules.days IS NULL
            AND CASE rules.kind WHEN 'over_24h' THEN episode.is_over_24h WHEN 'overnight' THEN episode.is_overnight ELSE TRUE END
    GROUP BY rules.position, episode.child_number
),

counted AS (
    SELECT
        position,
        count(*) FILTER (is_now) AS children,
        count(*) FILTER (is_before) AS previous,
        count(*) FILTER (is_now AND is_before) AS continuing,
    FROM met
    GROUP BY ALL
),

final AS (
    SELECT
        rules.position,
        rules.rule,
        CASE WHEN rules.is_known THEN coalesce(counted.children, 0) END AS children,
        CASE WHEN rules.is_compared THEN coalesce(counted.previous, 0) END AS previous,
        CASE WHEN rules.is_compared THEN coalesce(counted.children - counted.continuing, 0) END AS new,
        CASE WHEN rules.is_compared THEN coalesce(counted.continuing, 0) END AS continuing,
        CASE WHEN rules.is_compared THEN coalesce(counted.previous - counted.continuing, 0) END AS ceased,
    FROM rules
    LEFT JOIN counted ON rules.position = counted.position
)

SELECT * EXCLUDE (position) FROM final
ORDER BY position;
