-- One row per two children who had two episodes or more together in the period, most above what is expected first.
--
-- `shared`: the episodes that they had together, as `shared_in` in queries/tables/scope.sql says; where one episode of a child goes with
-- two of the other it is one. `expected`: on how many dates both would start if each started on any night alike: nights when both were
-- placed × episodes a night of the one × episodes a night of the other; null where one has no night in placement.
-- `unit_id`: the unit from which both went, the last time that it was one; null where it never was.
-- Parameters: the scope.
WITH paired AS (
    SELECT
        child_a,
        child_b,
        least(count(DISTINCT episode_a), count(DISTINCT episode_b)) AS shared,
        arg_max(unit_id, (started_on, unit_id)) AS unit_id,
        max(started_on) AS last_on,
    FROM shared_in($period_from, $period_to, $category, $units, $whose)
    GROUP BY ALL
    HAVING shared >= 2
),

pairing AS (
    SELECT child_a AS child_number FROM paired
    UNION
    SELECT child_b FROM paired
),

stays AS (
    SELECT
        child_number,
        greatest(nights_from, $period_from::DATE) AS from_on,
        least(nights_before, $period_to::DATE + 1) AS before_on,
    FROM placements_in($period_from, $period_to, $units, $whose)
    WHERE child_number IN (SELECT child_number FROM pairing)
),

slept AS (
    SELECT
        child_number,
        sum(before_on - from_on) AS nights,
    FROM stays
    GROUP BY ALL
),

gone AS (
    SELECT
        child_number,
        any_value(child_id) AS child_id,
        count(*) AS episodes,
    FROM episodes_in($period_from, $period_to, $category, $units, $whose)
    WHERE child_number IN (SELECT child_number FROM pairing)
    GROUP BY child_number
),

daily AS (
    SELECT
        slept.child_number,
        gone.episodes / slept.nights AS rate,
    FROM slept
    INNER JOIN gone ON slept.child_number = gone.child_number
),

both_placed AS (
    SELECT
        paired.child_a,
        paired.child_b,
        sum(greatest(least(stay_a.before_on, stay_b.before_on) - greatest(stay_a.from_on, stay_b.from_on), 0)) AS nights,
    FROM paired
    INNER JOIN stays AS stay_a ON paired.child_a = stay_a.child_number
    INNER JOIN stays AS stay_b ON paired.child_b = stay_b.child_number
    GROUP BY ALL
),

final AS (
    SELECT
        a.child_id AS child_a,
        b.child_id AS child_b,
        paired.shared,
        both_placed.nights * daily_a.rate * daily_b.rate AS expected,
        paired.unit_id,
        paired.last_on,
    FROM paired
    INNER JOIN gone AS a ON paired.child_a = a.child_number
    INNER JOIN gone AS b ON paired.child_b = b.child_number
    LEFT JOIN both_placed ON paired.child_a = both_placed.child_a AND paired.child_b = both_placed.child_b
    LEFT JOIN daily AS daily_a ON paired.child_a = daily_a.child_number
    LEFT JOIN daily AS daily_b ON paired.child_b = daily_b.child_number
)

SELECT * FROM final
ORDER BY shared - coalesce(expected, 0) DESC, child_a ASC, child_b ASC;
