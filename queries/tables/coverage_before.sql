-- The days that the export before this one covered, first and last included: one row, or none where there was no export before.
CREATE TABLE coverage_before AS
SELECT
    covers_from,
    covers_to,
FROM previous_coverage;
