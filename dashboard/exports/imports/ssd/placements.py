"""ssd_cla_placement: where children were, made into stays and units as of an SSDA903 return, whose codes the dataset has."""

from __future__ import annotations

from datetime import date

import polars as pl

from dashboard.exports.imports.codes import KINDS, PROVIDERS, SECTORS, URN_IS_A_HOME, WITH_URN, WITHOUT_URN
from dashboard.exports.imports.moments import read_moments
from dashboard.exports.imports.report import RuleFound

_KEPT = "It is kept as recorded."
_STILL_THERE = date(9999, 12, 31)  # stands for no end while ends are compared


def placed(recorded: pl.DataFrame, file: str, rules: list[RuleFound], assumed: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The stays (CHILD, unit_id, started_on, ended_on) and the units with one (unit_id, name, kind, sector)."""

    def rule(rows: pl.DataFrame, name: str, meaning: str, then: str) -> None:
        rules.append(RuleFound.by(rows, file, name, meaning, then))

    rows = dated(recorded, file, rules)
    is_again = pl.col("id").is_not_null() & ~pl.col("id").is_first_distinct()
    again = "Another row before it has the same clap_cla_placement_id."
    rule(rows.filter(is_again), "clap_cla_placement_id twice", again, "The first is read.")
    kind = pl.col("PLACE").replace_strict(KINDS, default=None, return_dtype=pl.String)
    has_urn = (pl.col("PLACE").is_in(URN_IS_A_HOME) | (kind == "foster")).fill_null(False)
    rows = rows.filter(~is_again).with_columns(
        kind=kind.fill_null("other"),
        provider=pl.when(pl.col("PLACE_PROVIDER").is_in(list(PROVIDERS))).then("PLACE_PROVIDER"),
        urn=pl.when(has_urn & ~pl.col("URN").str.contains("^X+$")).then("URN"),  # XXXXXXX: not registered
        to=pl.col("to").fill_null(_STILL_THERE),
    )
    unknown = "The type of placement is blank or not known."
    rule(
        rows.filter(~pl.col("PLACE").is_in(list(KINDS)).fill_null(False)),
        "placement type not known",
        unknown,
        "Its kind of unit is other.",
    )
    nameless = "It is in foster care or in a home, without the URN."
    rule(rows.filter(has_urn & pl.col("urn").is_null()), "no URN", nameless, "It is counted by kind and provider.")
    unit = pl.coalesce("URN-" + pl.col("urn"), pl.col("kind") + "-" + pl.col("provider").fill_null("unknown"))
    rows = rows.with_columns(unit_id=unit).sort("CHILD", "from", "to", "row")
    rows = rows.with_columns(last_end=pl.col("to").cum_max().shift(1).over("CHILD"))
    overlapping = rows.filter(pl.col("from") < pl.col("last_end"))
    rule(
        overlapping, "placements overlap", "It starts before an earlier one of the child has ended.", f"{_KEPT} Those nights count in both."
    )
    stays = _stays(rows, assumed)
    return stays, _units(rows.join(stays, on="unit_id", how="semi"), assumed)


def dated(recorded: pl.DataFrame, file: str, rules: list[RuleFound]) -> pl.DataFrame:
    """The rows with a child and a start, and `from` and `to`, the dates."""
    start, end = read_moments(recorded["start"]), read_moments(recorded["end"])
    rows = recorded.with_columns(**{"from": start.days, "to": end.days}, is_unreadable=end.is_unreadable)
    is_used = pl.col("CHILD").is_not_null() & pl.col("from").is_not_null()
    found = (
        ("no child or start", "The child or the start is blank, or the start no date that can be read.", "The row is left out.", ~is_used),
        (
            "end not readable",
            "The end is no date that can be read.",
            "It is left blank: the child is taken to be still there.",
            is_used & pl.col("is_unreadable"),
        ),
        ("end before start", "The row ends before it starts.", _KEPT, is_used & (pl.col("to") < pl.col("from"))),
    )
    rules += [RuleFound.by(rows.filter(broken), file, rule, meaning, then) for rule, meaning, then, broken in found]
    return rows.filter(is_used).drop("is_unreadable")


def _stays(rows: pl.DataFrame, assumed: list[str]) -> pl.DataFrame:
    """One row per stay: rows that follow one another in the same place are one, and so is a temporary placement (T0 to T4) from which
    the child came back to it. The postcode tells two places apart, and goes no further."""
    rows = rows.with_columns(
        is_apart=(pl.col("from") > pl.col("last_end")).fill_null(True),
        is_temporary=pl.col("PLACE").str.starts_with("T").fill_null(False),
        place=pl.concat_str(pl.col("PLACE", "URN", "PL_POST").fill_null("").str.replace_all(" ", ""), separator="|"),
    ).with_columns(span=pl.col("is_apart").cum_sum())
    kept = pl.when(~pl.col("is_temporary")).then("place")
    left, came_to = kept.forward_fill().over("span"), kept.backward_fill().over("span")
    came_back = pl.col("is_temporary") & (left == came_to).fill_null(False)
    rows = rows.with_columns(came_back=came_back, place=pl.when(came_back).then(left).otherwise("place"))
    back = rows["came_back"].sum()
    if back:
        assumed.append(
            f"Temporary placements (T0 to T4) from which the child came back: {back:,}. Their nights count for the place that was kept."
        )
    is_new = pl.col("is_apart") | (pl.col("place") != pl.col("place").shift(1)).fill_null(True)
    stays = rows.with_columns(stay=is_new.cum_sum()).group_by("stay", maintain_order=True)
    return stays.agg(pl.col("CHILD", "unit_id").first(), started_on=pl.col("from").first(), ended_on=pl.col("to").max()).select(
        "CHILD", "unit_id", "started_on", ended_on=pl.when(pl.col("ended_on") < _STILL_THERE).then("ended_on")
    )


def _units(rows: pl.DataFrame, assumed: list[str]) -> pl.DataFrame:
    """One row per unit, with the kind and the provider that most of its rows say, of equally many the first by name."""
    units = rows.group_by("unit_id").agg(
        pl.col("urn").first(),
        *(pl.col(column).drop_nulls().mode().sort().first() for column in ("kind", "provider")),
        answers=pl.struct("kind", "provider").n_unique(),
    )
    disagree = units.filter(pl.col("answers") > 1).height
    if disagree:
        assumed.append(f"Units whose rows disagree about their kind or provider: {disagree:,}. The most frequent of each is used.")
    provider = pl.col("provider").replace_strict(PROVIDERS, default="provider not given", return_dtype=pl.String)
    with_urn = pl.col("kind").replace_strict(WITH_URN, default="Unit") + " URN " + pl.col("urn")
    without = pl.col("kind").replace_strict(WITHOUT_URN) + ", " + provider
    return units.select(
        "unit_id",
        pl.coalesce(with_urn, without).alias("name"),
        "kind",
        sector=pl.col("provider").replace_strict(SECTORS, default=None, return_dtype=pl.String),
    ).sort("unit_id")
