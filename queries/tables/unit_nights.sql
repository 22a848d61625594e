-- One row per unit, month and whose children: nights that children were placed there. Scopes are whole months, so that every
-- rate is a sum over this small table and not over the placements.
CREATE TABLE unit_nights AS
WITH months AS (
    SELECT month::DATE AS month
    FROM generate_series(
        (SELECT date_trunc('month', covers_from) FROM coverage),
        (SELECT covers_to FROM coverage),
        INTERVAL 1 MONTH
    ) AS spine (month)
),

final AS (
    SELECT
        placements.unit_id,
        months.month,
        placements.is_ours,
        placements.is_here,
        sum(
            least(placements.nights_before, (months.month + INTERVAL 1 MONTH)::DATE)
            - greatest(placements.nights_from, months.month)
        )::BIGINT AS nights,
    FROM placements
    INNER JOIN months
        ON
            placements.nights_from < months.month + INTERVAL 1 MONTH
            AND placements.nights_before > months.month
            AND placements.nights_from < placements.nights_before
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY unit_id, month;
