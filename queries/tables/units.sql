-- One row per unit: those that the export lists, and any other that an episode, a placement or a police call names.
-- A unit that is not listed is called by its id; one listed twice keeps its first row. `counted_from` is when it opened, or where that is
-- not known its first placement or episode in the export.
-- Parameters: $kind_codes, $sector_codes.
CREATE TABLE units AS
WITH listed AS (
    SELECT unit.*
    FROM recorded_units AS unit
    LEFT JOIN listed_twice AS twice ON unit.unit_id = twice.id AND twice."table" = 'units'
    WHERE unit.file_row = coalesce(twice.first_row, unit.file_row)
),

mentioned AS (
    SELECT
        unit_id,
        min(started_at)::DATE AS first_on,
    FROM recorded_episodes
    GROUP BY ALL
    UNION ALL
    SELECT
        unit_id,
        min(started_on),
    FROM recorded_placements
    GROUP BY ALL
    UNION ALL
    SELECT DISTINCT
        unit_id,
        NULL::DATE,
    FROM recorded_police_calls
),

named AS (
    SELECT
        unit_id,
        min(first_on) AS first_on,
    FROM mentioned
    GROUP BY ALL
),

final AS (
    SELECT
        coalesce(listed.unit_id, named.unit_id)::UNIT AS unit_id,
        coalesce(listed.name, named.unit_id) AS name,
        known_code(listed.kind, $kind_codes) AS kind,
        known_code(listed.sector, $sector_codes) AS sector,
        listed.beds,
        listed.in_area,
        listed.area,
        listed.opened_on,
        listed.closed_on,
        coalesce(listed.opened_on, named.first_on) AS counted_from,
        listed.latitude,
        listed.longitude,
        listed.unit_id IS NOT NULL AS is_listed,
    FROM listed
    FULL OUTER JOIN named ON listed.unit_id = named.unit_id
    WHERE coalesce(listed.unit_id, named.unit_id) IS NOT NULL
)

SELECT * FROM final
ORDER BY unit_id;
