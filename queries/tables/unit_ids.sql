-- A type whose values are the ids of the units that the export names, in the order of the alphabet, as text is: a column of them takes a
-- byte or two a row, and is joined and counted by in half the time.
CREATE TYPE unit AS ENUM ( -- noqa: CP05, CV07
    WITH named AS (
        SELECT unit_id FROM recorded_units
        UNION
        SELECT unit_id FROM recorded_episodes
        UNION
        SELECT unit_id FROM recorded_placements
        UNION
        SELECT unit_id FROM recorded_police_calls
    ),

    final AS (
        SELECT unit_id FROM named
        WHERE unit_id IS NOT NULL
    )

    SELECT unit_id FROM final
    ORDER BY unit_id
);
