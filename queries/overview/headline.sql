-- One row per measure, in the order in which the Overview shows them: its value in the period, what it is made of, and its value in
-- the period just before and in the same period a year earlier (null where the export does not reach back that far).
-- Shares are null where fewer than $smallest_children children stand behind them, the rate below $smallest_nights nights.
-- `looked_after` is from `children` where that table is given and the scope is all of ours, else it is the children placed.
-- `open_now` has no period: it is every episode of the scope that is open at the export's end.
-- From a source with dates only `overnight` and `interviews_72h` are null.
-- Parameters: the scope with its comparison periods, $covers_from, $smallest_children, $smallest_nights, $has_children (the table is
-- given), $has_times (of starts and ends), $has_interview_times (of ends and interviews).
WITH periods AS (
    SELECT
        'now' AS period,
        $period_from::DATE AS first_day,
        $period_to::DATE AS last_day,
    UNION ALL
    SELECT
        'previous',
        $previous_from::DATE,
        $previous_to::DATE,
    WHERE $previous_from::DATE >= $covers_from::DATE
    UNION ALL
    SELECT
        'year_before',
        $year_before_from::DATE,
        $year_before_to::DATE,
    WHERE $year_before_from::DATE >= $covers_from::DATE
),

went AS (
    SELECT
        periods.period,
        episode.child_number,
        count(*) AS episodes,
        count_if(episode.is_over_24h) AS over_24h,
        count_if(episode.is_overnight) AS overnight,
        count(episode.police_called) AS police_recorded,
        count_if(episode.police_called) AS police_called,
    FROM episodes_in(least($previous_from::DATE, $year_before_from::DATE), $period_to, $category, $units, $whose) AS episode
    INNER JOIN periods ON episode.started_on BETWEEN periods.first_day AND periods.last_day
    GROUP BY ALL
),

episodes_by_period AS (
    SELECT
        period,
        sum(episodes)::BIGINT AS episodes,
        count(*) AS children,
        count_if(episodes >= 2)::BIGINT AS children_again,
        sum(over_24h)::BIGINT AS over_24h,
        sum(overnight)::BIGINT AS overnight,
        sum(police_recorded)::BIGINT AS police_recorded,
        sum(police_called)::BIGINT AS police_called,
        count_if(police_recorded > 0)::BIGINT AS police_children,
    FROM went
    GROUP BY ALL
),

looked_after AS (
    SELECT
        periods.period,
        count(*) AS looked_after,
    FROM periods
    INNER JOIN children
        ON
            children.looked_after_from <= periods.last_day
            AND coalesce(children.looked_after_to, 'infinity'::DATE) >= periods.first_day
    WHERE children.is_ours AND $has_children AND $units IS NULL AND $whose = 'ours'
    GROUP BY ALL
),

placed AS (
    SELECT
        periods.period,
        count(DISTINCT stay.child_number) AS placed,
    FROM placements_in(least($previous_from::DATE, $year_before_from::DATE), $period_to, $units, $whose) AS stay
    INNER JOIN periods ON stay.nights_from <= periods.last_day AND stay.nights_before > periods.first_day
    WHERE NOT ($has_children AND $units IS NULL AND $whose = 'ours')
    GROUP BY ALL
),

slept AS (
    SELECT
        periods.period,
        sum(night.nights)::BIGINT AS nights,
    FROM nights_in(least($previous_from::DATE, $year_before_from::DATE), $period_to, $units, $whose) AS night
    INNER JOIN periods ON night.month BETWEEN periods.first_day AND periods.last_day
    GROUP BY ALL
),

interviewed AS (
    SELECT
        periods.period,
        count_if(NOT back.is_not_yet_due)::BIGINT AS due,
        count_if(back.is_held AND back.hours_to_held <= 72)::BIGINT AS held_72h,
        count(DISTINCT back.child_number) FILTER (WHERE NOT back.is_not_yet_due) AS children,
    FROM returns_in(least($previous_from::DATE, $year_before_from::DATE), $period_to, $category, $units, $whose) AS back
    INNER JOIN periods ON back.ended_on BETWEEN periods.first_day AND periods.last_day
    GROUP BY ALL
),

open_now AS (
    SELECT count(*) AS open_episodes
    FROM episodes_in('-infinity'::DATE, 'infinity'::DATE, $category, $units, $whose)
    WHERE
        is_open
        AND started_at < (SELECT ends_at FROM coverage)
),

whole AS (
    SELECT
        periods.period,
        coalesce(went.episodes, 0) AS episodes,
        coalesce(went.children, 0) AS children,
        coalesce(went.children_again, 0) AS children_again,
        coalesce(looked_after.looked_after, placed.placed, 0) AS looked_after,
        coalesce(slept.nights, 0) AS nights,
        coalesce(went.over_24h, 0) AS over_24h,
        CASE WHEN $has_times OR went.episodes IS NULL THEN coalesce(went.overnight, 0) END AS overnight,
        coalesce(went.police_called, 0) AS police_called,
        coalesce(went.police_recorded, 0) AS police_recorded,
        coalesce(went.police_children, 0) AS police_children,
        CASE WHEN $has_interview_times THEN coalesce(interviewed.held_72h, 0) END AS held_72h,
        coalesce(interviewed.due, 0) AS due,
        coalesce(interviewed.children, 0) AS due_children,
    FROM periods
    LEFT JOIN episodes_by_period AS went ON periods.period = went.period
    LEFT JOIN looked_after ON periods.period = looked_after.period
    LEFT JOIN placed ON periods.period = placed.period
    LEFT JOIN slept ON periods.period = slept.period
    LEFT JOIN interviewed ON periods.period = interviewed.period
),

measured AS (
    SELECT
        period,
        unnest([
            { 'position': 1, 'measure': 'episodes', 'value': episodes::DOUBLE, 'numerator': NULL::BIGINT, 'denominator': NULL::BIGINT },
            { 'position': 2, 'measure': 'children', 'value': children, 'numerator': NULL, 'denominator': NULL },
            { 'position': 3, 'measure': 'looked_after', 'value': looked_after, 'numerator': NULL, 'denominator': NULL },
            {
                'position': 4,
                'measure': 'percent_missing',
                'value': CASE WHEN looked_after >= $smallest_children THEN children / looked_after END,
                'numerator': children,
                'denominator': looked_after
            },
            {
                'position': 5,
                'measure': 'episodes_per_child',
                'value': CASE WHEN children >= $smallest_children THEN episodes / children END,
                'numerator': episodes,
                'denominator': children
            },
            {
                'position': 6,
                'measure': 'repeat_share',
                'value': CASE WHEN children >= $smallest_children THEN children_again / children END,
                'numerator': children_again,
                'denominator': children
            },
            { 'position': 7, 'measure': 'placement_nights', 'value': nights, 'numerator': NULL, 'denominator': NULL },
            {
                'position': 8,
                'measure': 'rate',
                'value': CASE WHEN nights >= $smallest_nights THEN episodes * 1000 / nights END,
                'numerator': episodes,
                'denominator': nights
            },
            { 'position': 9, 'measure': 'over_24h', 'value': over_24h, 'numerator': over_24h, 'denominator': episodes },
            { 'position': 10, 'measure': 'overnight', 'value': overnight, 'numerator': overnight, 'denominator': episodes },
            {
                'position': 11,
                'measure': 'open_now',
                'value': CASE WHEN period = 'now' THEN (SELECT open_episodes FROM open_now) END,
                'numerator': NULL,
                'denominator': NULL
            },
            {
                'position': 12,
                'measure': 'interviews_72h',
                'value': CASE WHEN due_children >= $smallest_children THEN held_72h / due END,
                'numerator': held_72h,
                'denominator': due
            },
            {
                'position': 13,
                'measure': 'police_called',
                'value': CASE WHEN police_children >= $smallest_children THEN police_called / police_recorded END,
                'numerator': police_called,
                'denominator': police_recorded
            }
        ]) AS made,
    FROM whole
),

final AS (
    SELECT
        made.position,
        made.measure,
        any_value(made.value) FILTER (WHERE period = 'now') AS value,
        any_value(made.numerator) FILTER (WHERE period = 'now') AS numerator,
        any_value(made.denominator) FILTER (WHERE period = 'now') AS denominator,
        any_value(made.value) FILTER (WHERE period = 'previous') AS previous,
        any_value(made.value) FILTER (WHERE period = 'year_before') AS year_before,
    FROM measured
    GROUP BY ALL
)

SELECT * EXCLUDE (position) FROM final
ORDER BY position;
