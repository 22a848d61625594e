-- One row per kind of week (term or school holidays), weekday and two hours of the day, zeros included: episodes that began then.
-- `weeks` is how many such days the period and the export have; `dark_share` is how much of the two hours is before sunrise or
-- after sunset, over those days.
-- Days of which the term dates know nothing are left out. Where they know none of the period's days, all are taken as one kind,
-- with `is_term` null.
-- Parameters: the scope.
WITH known_days AS (
    SELECT * FROM days
    WHERE date BETWEEN $period_from AND $period_to
    QUALIFY is_term IS NOT NULL OR NOT bool_or(is_term IS NOT NULL) OVER ()
),

slots AS (
    SELECT hour_from::TINYINT AS hour_from
    FROM generate_series(0, 22, 2) AS spine (hour_from)
),

grid AS (
    SELECT
        kinds.is_term,
        weekdays.weekday::TINYINT AS weekday,
        slots.hour_from,
    FROM (SELECT DISTINCT is_term FROM known_days) AS kinds
    CROSS JOIN generate_series(1, 7) AS weekdays (weekday)
    CROSS JOIN slots
),

lit AS (
    SELECT
        known_days.is_term,
        known_days.weekday,
        slots.hour_from,
        count(*) AS weeks,
        avg(
            greatest(0, least(slots.hour_from + 2, known_days.sunrise) - slots.hour_from)
            + greatest(0, slots.hour_from + 2 - greatest(slots.hour_from, known_days.sunset))
        ) / 2 AS dark_share,
    FROM known_days
    CROSS JOIN slots
    GROUP BY ALL
),

counted AS (
    SELECT
        known_days.is_term,
        episode.weekday,
        (episode.started_hour // 2 * 2)::TINYINT AS hour_from,
        count(*) AS episodes,
        count(DISTINCT episode.child_number) AS children,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose) AS episode
    INNER JOIN known_days ON episode.started_on = known_days.date
    GROUP BY ALL
),

final AS (
    SELECT
        grid.weekday,
        grid.hour_from,
        grid.is_term,
        coalesce(counted.episodes, 0) AS episodes,
        coalesce(counted.children, 0) AS children,
        coalesce(lit.weeks, 0) AS weeks,
        coalesce(counted.episodes, 0) * 10 / lit.weeks AS per_10_weeks,
        lit.dark_share,
    FROM grid
    LEFT JOIN lit
        ON
            grid.is_term IS NOT DISTINCT FROM lit.is_term
            AND grid.weekday = lit.weekday
            AND grid.hour_from = lit.hour_from
    LEFT JOIN counted
        ON
            grid.is_term IS NOT DISTINCT FROM counted.is_term
            AND grid.weekday = counted.weekday
            AND grid.hour_from = counted.hour_from
)

SELECT * FROM final
ORDER BY is_term DESC, weekday, hour_from;
