-- One row per begun hour after the return in which anything came of a return, up to $longest hours and one beyond: in how many returns
-- the interview was held, was declined, or the child went again, whichever came first, and in how many the data end with none of them.
-- What comes at 71.5 hours and at 72 hours exactly is in hour 72; hour 0 is the moment of the return. Whatever comes later than
-- $longest hours is still open there, in the one hour beyond.
-- An interview is declined when it was offered; without a time of offer after the return (or with dates alone, $offers_have_times),
-- at the return. The child goes again with the next episode of either category that starts after the return.
-- Left out: returns that need no interview, and interviews held at no recorded time after the return.
-- Parameters: the scope, $offers_have_times, $longest.
WITH due AS (
    SELECT
        episode_row,
        ended_at,
        gone_again_at,
        hours_to_held,
        is_declined,
    FROM returns_in($period_from, $period_to, $category, $units, $whose)
    WHERE NOT is_held OR hours_to_held IS NOT NULL
),

refused AS (
    SELECT
        due.episode_row,
        min(hours_between(due.ended_at, interview.offered_at)) AS hours_to_declined,
    FROM return_interviews AS interview
    INNER JOIN due ON interview.episode_row = due.episode_row
    WHERE
        $offers_have_times
        AND interview.outcome = 'declined'
        AND interview.ended_on BETWEEN $period_from AND $period_to
        AND interview.offered_at >= due.ended_at
    GROUP BY ALL
),

timed AS (
    SELECT
        due.hours_to_held,
        CASE WHEN due.is_declined THEN coalesce(refused.hours_to_declined, 0) END AS hours_to_declined,
        hours_between(due.ended_at, due.gone_again_at) AS hours_to_again,
        hours_between(due.ended_at, coverage.ends_at) AS hours_to_end,
    FROM due
    CROSS JOIN coverage
    LEFT JOIN refused ON due.episode_row = refused.episode_row
),

first AS (
    SELECT
        *,
        least(hours_to_held, hours_to_declined, hours_to_again) AS hours_to_first,
    FROM timed
),

final AS (
    SELECT
        least(ceil(coalesce(hours_to_first, hours_to_end)), $longest + 1)::INTEGER AS hours,
        count(*) FILTER (hours_to_held = hours_to_first AND hours_to_first <= $longest) AS held,
        count(*) FILTER (
            hours_to_declined = hours_to_first AND coalesce(hours_to_held > hours_to_first, TRUE) AND hours_to_first <= $longest
        ) AS declined,
        count(*) FILTER (
            least(hours_to_held, hours_to_declined) > hours_to_first AND hours_to_first <= $longest
            OR coalesce(hours_to_held, hours_to_declined) IS NULL AND hours_to_first <= $longest
        ) AS missing_again,
        count(*) FILTER (coalesce(hours_to_first > $longest, TRUE)) AS still_open,
    FROM first
    GROUP BY ALL
)

SELECT * FROM final
ORDER BY hours;
