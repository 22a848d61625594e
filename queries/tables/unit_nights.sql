-- One row per unit, month and whose children: nights that children were placed there. Scopes are whole months, so that every
-- rate is a sum over this small table and not over the placements.
--
-- Counted by arrivals and departures, not stay by stay and month by month: a child who comes on a day adds the nights from then to the
-- month's end and all those of every later month; one who leaves takes them away again.
CREATE TABLE unit_nights AS
WITH moves AS (
    SELECT
        unit_id,
        is_ours,
        is_here,
        nights_from AS moved_on,
        1 AS children,
    FROM placements
    WHERE nights_from < nights_before
    UNION ALL
    SELECT
        unit_id,
        is_ours,
        is_here,
        nights_before,
        -1,
    FROM placements
    WHERE nights_from < nights_before
),

by_month AS (
    SELECT
        unit_id,
        is_ours,
        is_here,
        last_day(moved_on) AS month_end,
        sum(children) AS children,
        sum(children * (last_day(moved_on) + 1 - moved_on)) AS nights,
    FROM moves
    GROUP BY ALL
),

months AS (
    SELECT month::DATE AS month
    FROM generate_series(
        (SELECT date_trunc('month', covers_from) FROM coverage),
        (SELECT covers_to FROM coverage),
        INTERVAL 1 MONTH
    ) AS spine (month)
),

counted AS (
    SELECT DISTINCT
        unit_id,
        is_ours,
        is_here,
    FROM by_month
),

spine AS (
    SELECT
        unit.unit_id,
        unit.is_ours,
        unit.is_here,
        months.month,
        last_day(months.month) AS month_end,
    FROM counted AS unit
    CROSS JOIN months
),

final AS (
    SELECT
        spine.unit_id,
        spine.month,
        spine.is_ours,
        spine.is_here,
        (
            coalesce(by_month.nights, 0)
            + (spine.month_end + 1 - spine.month) * coalesce(sum(by_month.children) OVER (
                PARTITION BY spine.unit_id, spine.is_ours, spine.is_here
                ORDER BY spine.month
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
            ), 0)
        )::BIGINT AS nights,
    FROM spine
    LEFT JOIN by_month
        ON
            spine.unit_id = by_month.unit_id
            AND spine.is_ours = by_month.is_ours
            AND spine.is_here = by_month.is_here
            AND spine.month_end = by_month.month_end
)

SELECT * FROM final
WHERE nights > 0
ORDER BY unit_id, month;
