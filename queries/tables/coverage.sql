-- One row: what the export covers, first and last day included, and the instant at which that ends (24:00 local).
-- Where the manifest is silent: from the first start to the latest instant in any file.
-- Parameters: $covers_from, $covers_to (dates, or null where there is no manifest).
CREATE TABLE coverage AS
WITH instants AS (
    SELECT started_at AS seen_at FROM recorded_episodes
    UNION ALL
    SELECT unnest([ended_at, police_called_at, reclassified_at, police_checked_at]) FROM recorded_episodes
    UNION ALL
    SELECT unnest([offered_at, held_at]) FROM return_interviews
    UNION ALL
    SELECT called_at FROM police_calls
),

days AS (
    SELECT
        coalesce($covers_from::DATE, (SELECT min(started_at)::DATE FROM recorded_episodes)) AS covers_from,
        coalesce($covers_to::DATE, max(seen_at)::DATE) AS covers_to,
    FROM instants
),

final AS (
    SELECT
        covers_from,
        covers_to,
        (covers_to + 1)::TIMESTAMPTZ AS ends_at,
    FROM days
)

SELECT * FROM final;
