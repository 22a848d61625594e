-- One row per financial year, by the calendar year in which it ends: what the Department for Education publishes for England.
CREATE TABLE national_figures AS
WITH final AS (
    SELECT
        year::INTEGER AS year,
        england_percent_missing::DOUBLE AS england_percent_missing,
        england_episodes_per_child::DOUBLE AS england_episodes_per_child,
    FROM published_national_figures
)

SELECT * FROM final
ORDER BY year;
