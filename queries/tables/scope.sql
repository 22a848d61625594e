-- What a scope lets in, said once. Every question reads its rows through these.
-- The scope: its first and last day (always whole months), a category (null: both), unit ids (null: all), and whose children:
-- 'ours' (our children wherever placed) or 'here' (every child placed in our area).

CREATE MACRO is_whose(whose, is_ours, is_here) AS CASE WHEN whose = 'here' THEN is_here ELSE is_ours END;

CREATE MACRO is_one_of(units, unit_id) AS units IS NULL OR coalesce(list_contains(units, unit_id), FALSE);

-- Episodes that began in the period.
CREATE MACRO episodes_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    SELECT * FROM episodes
    WHERE
        started_on BETWEEN first_day AND last_day
        AND (of_category IS NULL OR category = of_category)
        AND is_one_of(of_units, unit_id)
        AND is_whose(whose, is_ours, is_here);

-- Episodes that ended in the period, with their return interview. Those that need none are left out.
CREATE MACRO returns_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    SELECT * FROM returns
    WHERE
        ended_on BETWEEN first_day AND last_day
        AND NOT is_not_required
        AND (of_category IS NULL OR category = of_category)
        AND is_one_of(of_units, unit_id)
        AND is_whose(whose, is_ours, is_here);

-- Return interviews that were held, and the returns of the period that each covers: a row for each of both. Held as in `returns`.
CREATE MACRO interviews_held_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    SELECT
        interview.interview_id,
        interview.interviewer,
        interview.reasons,
        interview.follow_up,
        covered.*,
    FROM return_interviews AS interview
    INNER JOIN returns_in(first_day, last_day, of_category, of_units, whose) AS covered ON interview.episode_row = covered.episode_row
    WHERE
        interview.is_held
        -- So says the join already; said of the interviews too, they are not all read.
        AND interview.ended_on BETWEEN first_day AND last_day;

-- Nights in placement by unit and month.
CREATE MACRO nights_in(first_day, last_day, of_units, whose) AS TABLE
    SELECT * FROM unit_nights
    WHERE
        month BETWEEN first_day AND last_day
        AND is_one_of(of_units, unit_id)
        AND is_whose(whose, is_ours, is_here);

-- Placements with at least one night in the period.
CREATE MACRO placements_in(first_day, last_day, of_units, whose) AS TABLE
    SELECT * FROM placements
    WHERE
        nights_from <= last_day
        AND nights_before > first_day
        AND nights_from < nights_before
        AND is_one_of(of_units, unit_id)
        AND is_whose(whose, is_ours, is_here);

-- The units of the scope month by month, from the one in which each opened to the one in which it closed.
CREATE MACRO unit_months_in(first_month, last_month, of_units, whose) AS TABLE
    SELECT
        units.unit_id,
        spine.month::DATE AS month, -- noqa: CP05
    FROM units
    CROSS JOIN generate_series(first_month::DATE, last_month::DATE, INTERVAL 1 MONTH) AS spine (month) -- noqa: CP05
    WHERE
        spine.month >= date_trunc('month', units.counted_from)
        AND (units.closed_on IS NULL OR spine.month <= units.closed_on)
        AND is_one_of(of_units, units.unit_id)
        AND (whose = 'ours' OR units.in_area);

-- Pairs of episodes in the scope that two children had together: they began within two hours of each other from the same unit, or on
-- the same date and then lasted for an hour or more at the same time. One row a pair of episodes, children and episodes by their numbers,
-- child_a before child_b.
-- Where there are more than 20 starts a day, as of many authorities together, any child's episodes overlap with someone's: then only
-- those from the same unit are paired.
CREATE MACRO shared_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    WITH gone AS MATERIALIZED (
        SELECT
            child_number,
            episode_row,
            unit_id,
            started_on,
            started_hour,
            epoch_us(started_at) AS from_us,
            -- Null where the end comes before the start. `least` of two ends would pass over it.
            epoch_us(started_at) + hours * 3600000000 AS to_us,
        FROM episodes_in(first_day, last_day, of_category, of_units, whose)
    ),

    density AS (
        SELECT count(*) / (1 + last_day - first_day) AS starts_a_day
        FROM gone
    ),

    gone_anywhere AS (
        SELECT gone.* FROM gone
        CROSS JOIN density
        WHERE density.starts_a_day <= 20
    ),

    paired AS (
        SELECT
            a.child_number AS child_a,
            b.child_number AS child_b,
            a.episode_row AS episode_a,
            b.episode_row AS episode_b,
            a.unit_id,
            b.started_on,
        FROM gone AS a
        INNER JOIN gone AS b ON a.unit_id = b.unit_id AND a.started_on = b.started_on
        WHERE
            a.child_number < b.child_number
            AND (
                (a.to_us - greatest(a.from_us, b.from_us) >= 3600000000 AND b.to_us - greatest(a.from_us, b.from_us) >= 3600000000)
                OR abs(a.from_us - b.from_us) <= 7200000000
            )
        UNION ALL
        -- One before midnight and one after. The hours leave room for a clock change; without them this join takes most of the time.
        SELECT
            least(a.child_number, b.child_number),
            greatest(a.child_number, b.child_number),
            CASE WHEN a.child_number < b.child_number THEN a.episode_row ELSE b.episode_row END,
            CASE WHEN a.child_number < b.child_number THEN b.episode_row ELSE a.episode_row END,
            a.unit_id,
            b.started_on,
        FROM gone AS a
        INNER JOIN gone AS b ON a.unit_id = b.unit_id AND a.started_on + 1 = b.started_on
        WHERE a.child_number <> b.child_number AND b.from_us - a.from_us <= 7200000000 AND a.started_hour >= 21 AND b.started_hour < 4
        UNION ALL
        SELECT
            a.child_number AS child_a,
            b.child_number AS child_b,
            a.episode_row AS episode_a,
            b.episode_row AS episode_b,
            NULL,
            b.started_on,
        FROM gone_anywhere AS a
        INNER JOIN gone_anywhere AS b ON a.started_on = b.started_on
        WHERE
            a.child_number < b.child_number
            -- Those from one unit are paired above. Where a unit is not known, they are not.
            AND (a.unit_id = b.unit_id) IS NOT TRUE
            AND a.to_us - greatest(a.from_us, b.from_us) >= 3600000000
            AND b.to_us - greatest(a.from_us, b.from_us) >= 3600000000
    )

    SELECT * FROM paired;
