-- One row per H3 cell in which a child was found or last seen: its number in `episodes`, its 15 hexadecimal digits, its centre and
-- the nearest named place.
-- Distances are great-circle, on a sphere of 6,371 km.
CREATE TABLE cells AS
WITH measured AS (
    SELECT
        centre.cell_number,
        centre.latitude,
        centre.longitude,
        place.name,
        kilometres_between(centre.latitude, centre.longitude, place.latitude, place.longitude) AS kilometres,
    FROM cell_centres AS centre
    CROSS JOIN places AS place
),

final AS (
    SELECT
        cell_number,
        lower(hex(cell_number)) AS cell,
        any_value(latitude) AS latitude,
        any_value(longitude) AS longitude,
        arg_min(name, (kilometres, name)) AS nearest_place,
        min(kilometres) AS kilometres_to_place,
    FROM measured
    GROUP BY cell_number
)

SELECT * FROM final
ORDER BY cell_number;
