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
