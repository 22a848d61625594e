-- One row per day that the export covers, with the light and the school calendar on it.
-- `sunrise` and `sunset` are local hours after midnight (20.5 is half past eight in the evening) at the authority's point.
-- `is_term` is null on days that the term dates do not reach.
CREATE TABLE days AS
WITH term_days AS (
    SELECT
        sun.date,
        bool_or(term_dates.kind = 'term') AND NOT bool_or(term_dates.kind = 'holiday') AS is_term,
    FROM sun_and_bank_holidays AS sun
    INNER JOIN term_dates ON sun.date BETWEEN term_dates.first_day AND term_dates.last_day
    GROUP BY ALL
),

final AS (
    SELECT
        sun.date,
        date_trunc('month', sun.date)::DATE AS month,
        isodow(sun.date)::TINYINT AS weekday,
        term_days.is_term,
        sun.is_bank_holiday,
        sun.sunrise,
        sun.sunset,
    FROM sun_and_bank_holidays AS sun
    LEFT JOIN term_days ON sun.date = term_days.date
)

SELECT * FROM final
ORDER BY date;
