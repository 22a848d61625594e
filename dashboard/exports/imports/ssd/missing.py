"""ssd_missing: the times that children were missing or away, and whether a return interview was offered and accepted."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.exports.imports.episodes import assumed_of_times, rules_of_times, usable, with_times
from dashboard.exports.imports.moments import read_moments
from dashboard.exports.imports.report import RuleFound

_CALLED = {
    "told": "miss_table_id",
    "CHILD": "miss_person_id",
    "category": "miss_missing_episode_type",
    "start": "miss_missing_episode_start_date",
}
_CATEGORIES = {"M": "missing", "MISSING": "missing", "A": "away", "AWAY": "away", "ABSENT": "away"}
_YES, _NO, _NA = ("Y", "YES", "TRUE"), ("N", "NO", "FALSE"), ("NA", "N/A")
_OFFERED = dict.fromkeys(_YES, "yes") | dict.fromkeys(_NO, "no") | dict.fromkeys(_NA, "not_required")
# Of an interview that was offered. To accept it is not to hold it, and the dataset does not say whether it was held.
_OUTCOMES = dict.fromkeys(_YES, None) | dict.fromkeys(_NO, "declined") | dict.fromkeys(_NA, "not_held")


def missing_episodes(recorded: pl.DataFrame, file: str, saved_on: date, rules: list[RuleFound], assumed: list[str]) -> pl.DataFrame:
    """One row per episode: row, CHILD, told (what tells it from every other), category, started_at, ended_at, day and end_day (local
    dates of these), and as far as the file has them offered and outcome.

    Raises:
        Refusal: half of the rows or more cannot be used.
    """

    rows = with_times(recorded, read_moments(recorded["start"]), read_moments(recorded["end"])).with_columns(
        category=pl.col("type").replace_strict(_CATEGORIES, default=None, return_dtype=pl.String)
    )
    used = usable(rows, file, _CALLED, rules)
    rules += rules_of_times(used, file, saved_on)
    assumed += assumed_of_times(used)
    absent = used.filter(pl.col("type") == "ABSENT").height
    if absent:
        assumed.append(
            f"Episodes of the type Absent: {absent:,}. They are read as away, the return's code A: the police's category of absence, which "
            "the word comes from, meant a child not where expected and not thought to be at risk."
        )
    if "offered" in used.columns:
        used = _with_answers(used, file, rules, assumed)
    return used


def interviews_of(episodes: pl.DataFrame, assumed: list[str]) -> pl.DataFrame:
    """One row per episode of which it is said whether an interview was offered: interview_id, episode_id, offered, and outcome where any
    answer to an offer is recorded."""
    said = episodes.drop_nulls("offered")
    unsaid = episodes.height - said.height
    if unsaid:
        assumed.append(
            f"Episodes of which it is not said whether an interview was offered: {unsaid:,}. They have no interview in the export."
        )
    outcome = ["outcome"] if "outcome" in said.columns else []
    return said.select(pl.col("episode_id").alias("interview_id"), "episode_id", "offered", *outcome).sort("interview_id")


def _with_answers(rows: pl.DataFrame, file: str, rules: list[RuleFound], assumed: list[str]) -> pl.DataFrame:
    """`rows` with offered and outcome in the contract's codes; outcome only where any answer to an offer is recorded.

    Y, N, NA and nothing stay four things: offered is yes, no, not_required or null; of an interview that was offered, an answer of Y is
    an outcome of null (accepted, and not known whether held), N declined, NA not_held, and none recorded pending.
    """
    has_answers = "accepted" in rows.columns and rows["accepted"].count() > 0
    if "accepted" not in rows.columns:
        rows = rows.with_columns(accepted=pl.lit(None, pl.String))
    for column, codes in (("offered", _OFFERED), ("accepted", _OUTCOMES)):
        unknown = rows.filter(pl.col(column).is_not_null() & ~pl.col(column).is_in(list(codes)))
        meaning = f"miss_missing_rhi_{column} is none of Y, N and NA."
        rules.append(RuleFound.by(unknown, file, f"rhi_{column} not known", meaning, "It is read as not recorded."))
    offered = pl.col("offered").replace_strict(_OFFERED, default=None, return_dtype=pl.String)
    accepted = pl.col("accepted").is_in(_YES).fill_null(False)
    rows = rows.with_columns(
        offered=offered,
        accepted=accepted,
        outcome=pl.when(offered == "yes").then(pl.col("accepted").replace_strict(_OUTCOMES, default="pending", return_dtype=pl.String)),
    )
    unoffered = rows.filter(pl.col("accepted") & (pl.col("offered") != "yes").fill_null(True))
    meaning = "An interview is recorded as accepted, and not as offered."
    rules.append(
        RuleFound.by(unoffered, file, "accepted without an offer", meaning, "The offer is kept as recorded, and the answer left out.")
    )
    count = rows.filter(pl.col("offered") == "yes")["outcome"].fill_null("accepted").value_counts()
    of = dict(count.rows()) if has_answers else {}
    assumed.append(
        "The dataset has no dates of return interviews, and does not say whether one was held. An interview that was accepted is shown as "
        "accepted, never as held, and nothing is said of 72 hours."
    )
    if of.get("accepted"):
        assumed.append(f"Interviews offered and accepted: {of['accepted']:,}. Their outcome is left empty: not known.")
    if of.get("not_held"):
        assumed.append(f"Interviews offered, to which the answer does not apply (NA): {of['not_held']:,}. Their outcome is not held.")
    if of.get("pending"):
        assumed.append(
            f"Interviews offered whose answer is not recorded: {of['pending']:,}. Their outcome is pending. A figure of those accepted "
            "counts whatever was offered and not declined, and so counts these and those to which the answer does not apply."
        )
    return rows if has_answers else rows.drop("outcome")
