-- What became of the rows of the export before this one: one row per table, fate (added, changed, gone, unchanged) and the days on which
-- an episode begins now and began before (null where it is not an episode or not in that export), with how many they are.
-- Empty where there was no export before.
CREATE TABLE comparison AS
WITH compared AS (
    SELECT
        coalesce(now."table", before."table") AS "table",
        CASE
            WHEN before.id IS NULL THEN 'added'
            WHEN now.id IS NULL THEN 'gone'
            WHEN now.content <> before.content THEN 'changed'
            ELSE 'unchanged'
        END AS fate,
        now.started_on,
        before.started_on AS started_on_before,
    FROM told AS now
    FULL OUTER JOIN previous_told AS before ON now."table" = before."table" AND now.id = before.id
    WHERE EXISTS (FROM coverage_before)
),

final AS (
    SELECT
        "table",
        fate,
        started_on,
        started_on_before,
        count(*) AS "rows",
    FROM compared
    GROUP BY ALL
)

SELECT * FROM final;
