-- One row: what the export covers, first and last day included, the instant at which that ends (24:00 local), and which of its
-- moments are instants and not dates alone.
-- Where the manifest is silent: from the first start to the latest instant in any file.
-- Parameters: $covers_from, $covers_to (dates, or null where there is no manifest), $starts_have_times, $ends_have_times,
-- $holds_have_times.
CREATE TABLE coverage AS
WITH latest AS (
    SELECT greatest(max(started_at), max(ended_at), max(police_called_at), max(reclassified_at), max(police_checked_at)) AS seen_at
    FROM recorded_episodes
    WHERE $covers_to IS NULL
    UNION ALL
    SELECT greatest(max(offered_at), max(held_at)) FROM recorded_return_interviews
    WHERE $covers_to IS NULL
    UNION ALL
    SELECT max(called_at) FROM recorded_police_calls
    WHERE $covers_to IS NULL
),

days AS (
    SELECT
        coalesce($covers_from::DATE, (SELECT min(started_at)::DATE FROM recorded_episodes)) AS covers_from,
        coalesce($covers_to::DATE, max(seen_at)::DATE) AS covers_to,
    FROM latest
),

final AS (
    SELECT
        covers_from,
        covers_to,
        (covers_to + 1)::TIMESTAMPTZ AS ends_at,
        $starts_have_times::BOOLEAN AS starts_have_times,
        $ends_have_times::BOOLEAN AS ends_have_times,
        $holds_have_times::BOOLEAN AS holds_have_times,
    FROM days
)

SELECT * FROM final;
