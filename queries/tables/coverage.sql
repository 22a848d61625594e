-- One row: what the export covers, first and last day included, the instant at which that ends (24:00 local), which of its
-- moments are instants and not dates alone, and what else is known of it: whose it is, whether it is synthetic or sealed, and its
-- fingerprint.
-- Where the manifest is silent: from the first start to the latest instant in any file.
-- Parameters: $covers_from, $covers_to (dates, or null where no manifest says them), $starts_have_times, $ends_have_times,
-- $holds_have_times, $fingerprint, $release (of this software), $authority, $is_synthetic, $is_sealed.
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
        $fingerprint::VARCHAR AS fingerprint,
        $release::VARCHAR AS release,
        $authority::VARCHAR AS authority,
        $is_synthetic::BOOLEAN AS is_synthetic,
        $is_sealed::BOOLEAN AS is_sealed,
        $covers_from IS NULL AS is_inferred,
    FROM days
)

SELECT * FROM final;
