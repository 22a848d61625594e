-- What several tables and questions say in the same way, said once.

-- A code with a known meaning as it is; another kept and shown as "other: CODE".
CREATE MACRO known_code(code, codes) AS CASE
    WHEN code IS NULL OR list_contains(codes, code) THEN code
    ELSE 'other: ' || code
END;

-- Great-circle kilometres between two points in WGS 84 degrees, on a sphere of 6,371 km (haversine formula). Null where a
-- coordinate is: `least` alone would pass over a null, and give half the way round the Earth.
CREATE MACRO kilometres_between(latitude_a, longitude_a, latitude_b, longitude_b) AS CASE
    WHEN latitude_a + longitude_a + latitude_b + longitude_b IS NOT NULL
        THEN 2 * 6371 * asin(sqrt(least(
            1,
            pow(sin(radians(latitude_b - latitude_a) / 2), 2)
            + cos(radians(latitude_a)) * cos(radians(latitude_b)) * pow(sin(radians(longitude_b - longitude_a) / 2), 2)
        )))
END;

-- Hours that passed from one instant to another. Not `epoch(to_at - from_at)`: the difference of two instants is taken by the local
-- calendar, which makes a day of 24 hours of the 23 and 25 hours of a clock change.
CREATE MACRO hours_between(from_at, to_at) AS (epoch_us(to_at) - epoch_us(from_at)) / 3.6e9;

-- The financial year (April to March) of a day, by the calendar year in which it ends: from 1 April to 1 January it is 275 days, with no
-- 29 February between.
CREATE MACRO financial_year(on_day) AS year(on_day + 275);

-- The H3 cell of a point, as a number; null for a point that is not on the globe.
CREATE MACRO cell_of(latitude, longitude) AS CASE
    WHEN latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180 THEN cell_number(latitude, longitude)
END;

-- How many rows of a table as recorded fill each of its columns.
CREATE MACRO filled_columns(recorded) AS TABLE
    SELECT
        "column",
        filled,
        "rows",
    FROM (
        UNPIVOT (
            SELECT
                count(*) AS "rows",
                count(COLUMNS(*)),
            FROM query_table(recorded)
        )
        ON COLUMNS(* EXCLUDE ("rows")) INTO NAME "column" VALUE filled
    );

-- Whether a point in WGS 84 degrees lies where a child of an English council could be found. Null where a coordinate is not known.
CREATE MACRO is_in_british_isles(latitude, longitude) AS latitude BETWEEN 49 AND 61 AND longitude BETWEEN -11 AND 2;

-- A return interview was held: its outcome says so, or where none is recorded, its time.
CREATE MACRO was_held(outcome, held_at) AS coalesce(outcome = 'completed', held_at IS NOT NULL);
