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

-- Episodes that ended in the period, with their return interview.
CREATE MACRO all_returns_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    SELECT * FROM returns
    WHERE
        ended_on BETWEEN first_day AND last_day
        AND (of_category IS NULL OR category = of_category)
        AND is_one_of(of_units, unit_id)
        AND is_whose(whose, is_ours, is_here);

-- Those of them that need an interview.
CREATE MACRO returns_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    SELECT * FROM all_returns_in(first_day, last_day, of_category, of_units, whose)
    WHERE NOT is_not_required;

-- Return interviews that were held, and the returns of the period that each covers: a row for each of both. Held as in `returns`.
CREATE MACRO interviews_held_in(first_day, last_day, of_category, of_units, whose) AS TABLE
    SELECT
        interview.interview_number,
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

-- Kinds of day set against one of them, the measure: one row a kind that the period has. `kind` is an expression over the columns of
-- `days`; days on which it is null are in no row. Days, nights in placement, episodes that began on such a day, at whatever hour, and
-- the different children with one. The rate is per 1,000 nights, and null below `smallest_nights` nights or `smallest_children` children.
-- For the interval of the ratio to the measure: `exposure` (nights, or days where no placements are known), `children_compared` (with
-- an episode on such a day or on one of the measure's), and `unevenness`: over those children, the squares of what each has more or
-- fewer on such days than its share of all would be.
-- Left out: days before the latest rebase event in the period, from the month of which a new stretch begins: `stretch_from`. An event of
-- one unit counts where the scope names that unit.
CREATE MACRO kinds_of_day_in(kind, measure, first_day, last_day, of_category, of_units, whose, smallest_nights, smallest_children) AS TABLE
    WITH rebased AS (
        SELECT max(date_trunc('month', happened_on))::DATE AS month -- noqa: CP05
        FROM events
        WHERE
            is_rebase
            AND (unit_id IS NULL OR list_contains(of_units, unit_id))
            AND happened_on BETWEEN first_day AND last_day
    ),

    stretch AS (
        SELECT greatest(first_day, month) AS stretch_from
        FROM rebased
    ),

    sorted AS (
        SELECT
            days.date,
            kind AS kind_of_day,
        FROM days
        CROSS JOIN stretch
        WHERE days.date BETWEEN stretch.stretch_from AND last_day
    ),

    moves AS (
        SELECT
            nights_from AS date,
            1 AS children,
        FROM placements_in(first_day, last_day, of_units, whose)
        UNION ALL
        SELECT
            nights_before,
            -1,
        FROM placements_in(first_day, last_day, of_units, whose)
    ),

    moved_ever AS (
        SELECT
            date,
            sum(children) AS children,
        FROM moves
        GROUP BY ALL
    ),

    -- Those who were there before the first day are so from that day on.
    moved AS (
        SELECT
            greatest(date, (SELECT min(date) FROM sorted)) AS date,
            sum(children) AS children,
        FROM moved_ever
        GROUP BY ALL
    ),

    slept AS (
        SELECT
            sorted.kind_of_day,
            coalesce(sum(moved.children) OVER (ORDER BY sorted.date), 0) AS nights,
        FROM sorted
        LEFT JOIN moved ON sorted.date = moved.date
    ),

    nights AS (
        SELECT
            kind_of_day,
            count(*) AS days,
            sum(nights)::BIGINT AS nights, -- noqa: CP05
        FROM slept
        WHERE kind_of_day IS NOT NULL
        GROUP BY ALL
    ),

    by_child AS (
        SELECT
            episode.child_number,
            sorted.kind_of_day,
            count(*) AS episodes,
        FROM episodes_in(first_day, last_day, of_category, of_units, whose) AS episode
        INNER JOIN sorted ON episode.started_on = sorted.date
        WHERE sorted.kind_of_day IS NOT NULL
        GROUP BY ALL
    ),

    by_child_and_measure AS (
        SELECT
            nights.kind_of_day,
            by_child.child_number,
            coalesce(sum(by_child.episodes) FILTER (WHERE by_child.kind_of_day = nights.kind_of_day), 0) AS episodes,
            sum(by_child.episodes) AS episodes_compared,
        FROM nights
        INNER JOIN by_child ON by_child.kind_of_day IN (nights.kind_of_day, measure)
        GROUP BY ALL
    ),

    shared AS (
        SELECT
            *,
            sum(episodes) OVER by_kind / sum(episodes_compared) OVER by_kind AS share,
        FROM by_child_and_measure
        WINDOW by_kind AS (PARTITION BY kind_of_day)
    ),

    counted AS (
        SELECT
            kind_of_day,
            sum(episodes)::BIGINT AS episodes, -- noqa: CP05
            count(*) FILTER (WHERE episodes > 0) AS children,
            count(*) AS children_compared,
            sum(pow(episodes - share * episodes_compared, 2)) AS unevenness,
        FROM shared
        GROUP BY ALL
    )

    SELECT
        nights.kind_of_day,
        nights.days,
        nights.nights,
        coalesce(counted.episodes, 0) AS episodes,
        CASE
            WHEN nights.nights >= smallest_nights AND counted.children >= smallest_children
                THEN counted.episodes * 1000 / nights.nights
        END AS rate,
        coalesce(counted.children, 0) AS children,
        CASE WHEN sum(nights.nights) OVER () > 0 THEN nights.nights ELSE nights.days END AS exposure,
        coalesce(counted.children_compared, 0) AS children_compared,
        coalesce(counted.unevenness, 0) AS unevenness,
        stretch.stretch_from,
    FROM nights
    CROSS JOIN stretch
    LEFT JOIN counted ON nights.kind_of_day = counted.kind_of_day;
