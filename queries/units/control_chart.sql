-- One row per unit per month, zeros included: episodes that began in it. Averages, limits and causes are added to these.
-- From $history_from, or the unit's opening, to the period's end, or its closing. A unit without an opening date counts from its
-- first placement or episode in the export. A month that the export covers only in part is left out: it would look low.
-- Parameters: the scope, $history_from, $covers_from, $covers_to.
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series($history_from::DATE, $period_to::DATE, INTERVAL 1 MONTH) AS spine (month)
    WHERE
        month >= $covers_from::DATE
        AND month + INTERVAL 1 MONTH <= $covers_to::DATE + 1
),

undated AS (
    SELECT unit_id FROM units
    WHERE opened_on IS NULL
),

starts AS (
    SELECT
        episode.unit_id,
        episode.started_on,
    FROM episodes AS episode
    SEMI JOIN undated ON episode.unit_id = undated.unit_id
    UNION ALL
    SELECT
        stay.unit_id,
        stay.started_on,
    FROM placements AS stay
    SEMI JOIN undated ON stay.unit_id = undated.unit_id
),

seen AS (
    SELECT
        unit_id,
        min(started_on) AS first_on,
    FROM starts
    GROUP BY ALL
),

unit_spine AS (
    SELECT
        units.unit_id,
        months.month,
    FROM units
    LEFT JOIN seen ON units.unit_id = seen.unit_id
    INNER JOIN months
        ON
            months.month >= date_trunc('month', coalesce(units.opened_on, seen.first_on))
            AND (units.closed_on IS NULL OR months.month <= units.closed_on)
    WHERE
        is_one_of($units, units.unit_id)
        AND ($whose = 'ours' OR units.in_area)
),

counted AS (
    SELECT
        unit_id,
        started_month AS month,
        count(*) AS episodes,
    FROM episodes_in($history_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
),

final AS (
    SELECT
        unit_spine.unit_id,
        unit_spine.month,
        coalesce(counted.episodes, 0) AS value,
    FROM unit_spine
    LEFT JOIN counted ON unit_spine.unit_id = counted.unit_id AND unit_spine.month = counted.month
)

SELECT * FROM final
ORDER BY unit_id, month;
