-- One row per child with an episode in the period, most episodes first and ties by child.
--
-- `unit_id` and `age` are those of the latest episode. `previous` counts episodes in the comparison period and is null where the
-- export begins later than that. `hours_missing` adds up the length of the period's episodes, open ones to the export's end; those
-- that end before they start are left out. `moves` counts placements that began in the period in another unit than the child's
-- placement before; the first placement of all is none.
-- `triggers` are the rules that the child meets on the period's last day, or the export's where that is earlier: as many starts in
-- the days up to it, or an episode of the kind that still lasts then.
-- Parameters: the scope, $covers_from, $covers_to, $has_placements, $rule_names, $rule_episodes, $rule_days (null: without),
-- $rule_kinds.
WITH rules AS (
    SELECT
        unnest($rule_names::VARCHAR[]) AS rule,
        unnest($rule_episodes::BIGINT[]) AS k,
        unnest($rule_days::INTEGER[]) AS days,
        unnest($rule_kinds::VARCHAR[]) AS kind,
        generate_subscripts($rule_names::VARCHAR[], 1) AS position,
        least($period_to::DATE, $covers_to::DATE) AS last_day,
),

gone AS (
    SELECT
        child_number,
        any_value(child_id) AS child_id,
        arg_max_null(unit_id, episode_number) AS unit_id,
        arg_max_null(age, episode_number) AS age,
        count(*) AS episodes,
        count(*) FILTER (is_over_24h) AS over_24h,
        sum(hours) AS hours_missing,
        max(started_on) AS last_on,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY child_number
),

gone_before AS (
    SELECT
        child_number,
        count(*) AS episodes,
    FROM episodes_in($previous_from, $previous_to, $category, $units, $whose)
    GROUP BY ALL
),

moved AS (
    SELECT
        child_number,
        count(*) AS moves,
    FROM placements
    WHERE is_move AND started_on BETWEEN $period_from AND $period_to
    GROUP BY ALL
),

lately AS (
    SELECT
        child_number,
        started_on,
        is_over_24h,
        is_overnight,
        is_open OR ended_on > least($period_to::DATE, $covers_to::DATE) AS is_lasting,
    FROM episodes_in('-infinity'::DATE, least($period_to::DATE, $covers_to::DATE), $category, $units, $whose)
    WHERE is_lasting OR started_on > least($period_to::DATE, $covers_to::DATE) - (SELECT max(days) FROM rules)
),

meeting AS (
    SELECT
        lately.child_number,
        rules.position,
        rules.rule,
    FROM lately
    INNER JOIN rules
        ON CASE
            WHEN rules.days IS NOT NULL THEN lately.started_on > rules.last_day - rules.days
            WHEN rules.kind = 'over_24h' THEN lately.is_lasting AND lately.is_over_24h
            WHEN rules.kind = 'overnight' THEN lately.is_lasting AND lately.is_overnight
            ELSE lately.is_lasting
        END
    GROUP BY ALL
    HAVING count(*) >= any_value(rules.k)
),

held AS (
    SELECT
        child_number,
        list(rule ORDER BY position) AS triggers,
    FROM meeting
    GROUP BY ALL
),

final AS (
    SELECT
        gone.child_id,
        gone.unit_id,
        gone.age,
        gone.episodes,
        CASE WHEN $previous_from::DATE >= $covers_from::DATE THEN coalesce(gone_before.episodes, 0) END AS previous,
        gone.over_24h,
        gone.hours_missing,
        gone.last_on,
        CASE WHEN $has_placements THEN coalesce(moved.moves, 0) END AS moves,
        coalesce(held.triggers, []::VARCHAR[]) AS triggers,
    FROM gone
    LEFT JOIN gone_before ON gone.child_number = gone_before.child_number
    LEFT JOIN moved ON gone.child_number = moved.child_number
    LEFT JOIN held ON gone.child_number = held.child_number
)

SELECT * FROM final
ORDER BY episodes DESC, child_id ASC;
