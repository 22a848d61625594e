-- One row per dated thing that explains a change. `unit_id` is null where it concerns the whole authority.
CREATE TABLE events AS
WITH final AS (
    SELECT
        happened_on,
        "text",
        unit_id,
        coalesce(rebase, FALSE) AS is_rebase,
    FROM recorded_events
)

SELECT * FROM final
ORDER BY happened_on, "text";
