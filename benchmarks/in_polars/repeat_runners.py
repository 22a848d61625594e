"""The questions of the Repeat runners page."""

from __future__ import annotations

from datetime import date

import polars as pl

from benchmarks.exports import Export, midnight
from benchmarks.in_polars.shared import (
    DAY,
    HOURS_24,
    Asked,
    age_on,
    answers,
    episodes_in,
    episodes_of,
    hours,
    is_open,
    is_overnight,
    known_code,
    lasted,
    local_day,
    ours,
    with_unit,
    within,
)
from dashboard.exports.contract import LOCAL_TIME

_BANDS = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6–10": 6, "11–20": 11, "21–50": 21, "over 50": 51}


def counts_by_child(export: Export, asked: Asked) -> pl.LazyFrame:
    return episodes_of(export, asked).group_by("child_id").agg(episodes=pl.len().cast(pl.Int64))


@answers("repeat_runners/distribution")
def distribution(export: Export, asked: Asked) -> pl.DataFrame:
    bands = pl.LazyFrame({"band": list(_BANDS), "fewest": list(_BANDS.values())}, {"band": pl.String, "fewest": pl.Int64})
    counted = counts_by_child(export, asked).sort("episodes").join_asof(bands, left_on="episodes", right_on="fewest")
    by_band = counted.group_by("band").agg(children=pl.len(), episodes=pl.col("episodes").sum())
    return bands.join(by_band, on="band", how="left").sort("fewest").select("band", pl.col("children", "episodes").fill_null(0)).collect()


def ranked(export: Export, asked: Asked) -> pl.LazyFrame:
    most_first = counts_by_child(export, asked).sort("episodes", "child_id", descending=[True, False])
    return most_first.with_columns(rank=pl.int_range(1, pl.len() + 1), running=pl.col("episodes").cum_sum())


@answers("repeat_runners/concentration")
def concentration(export: Export, asked: Asked) -> pl.DataFrame:
    is_large_enough = pl.len() >= asked["smallest_children"]
    return (
        ranked(export, asked)
        .select(
            "rank",
            "child_id",
            "episodes",
            share_of_children=pl.when(is_large_enough).then(pl.col("rank") / pl.len()),
            share_of_episodes=pl.when(is_large_enough).then(pl.col("running") / pl.col("episodes").sum()),
        )
        .collect()
    )


@answers("repeat_runners/concentration_summary")
def concentration_summary(export: Export, asked: Asked) -> pl.DataFrame:
    children, episodes, rank, each = pl.len(), pl.col("episodes").sum(), pl.col("rank"), pl.col("episodes")
    top_tenth = (children / 10).ceil().cast(pl.Int64)
    shares = {
        "gini": (children + 1 - 2 * (rank * each).sum() / episodes) / children,
        "top_1_share": each.filter(rank <= 1).sum() / episodes,
        "top_5_share": each.filter(rank <= 5).sum() / episodes,
        "top_tenth_share": each.filter(rank <= top_tenth).sum() / episodes,
    }
    return (
        ranked(export, asked)
        .select(
            children=children,
            episodes=episodes,
            top_tenth_children=top_tenth,
            children_for_half=rank.filter(pl.col("running") * 2 >= episodes).min(),
            **{name: pl.when(children >= asked["smallest_children"]).then(share) for name, share in shares.items()},
        )
        .collect()
    )


def rules_of(asked: Asked) -> list[tuple[int, str, int, int | None, str]]:
    """Position, name, episodes, days and kind of each rule."""
    rules = zip(asked["rule_names"], asked["rule_episodes"], asked["rule_days"], asked["rule_kinds"], strict=True)
    return [(position, *rule) for position, rule in enumerate(rules, 1)]


def of_kind(kind: str, export: Export) -> pl.Expr:
    return {"over_24h": lasted(export) > HOURS_24, "overnight": is_overnight(export), "any": pl.lit(True)}[kind]


def starts_of(export: Export, asked: Asked, first_day: date) -> pl.LazyFrame:
    """Child and local date of each start, as far back as a window that ends on `first_day` reaches, in order."""
    longest = max(days for _, _, _, days, _ in rules_of(asked) if days is not None)
    starts = episodes_in(export, first_day - longest * DAY, asked["period_to"])
    return starts.select("child_id", started_on=local_day("started_at")).sort("child_id", "started_on")


@answers("repeat_runners/triggers")
def triggers(export: Export, asked: Asked) -> pl.DataFrame:
    starts = starts_of(export, asked, asked["period_from"])
    parts = [
        _crossings(starts, position, rule, k, days, asked) if days is not None else _crossed_once(export, asked, position, rule, kind)
        for position, rule, k, days, kind in rules_of(asked)
    ]
    rows = pl.concat(parts).sort(
        "crossed_on", "position", "child_id", "holds_at_end", descending=[True, False, False, True], nulls_last=True
    )
    return rows.drop("position").collect()


def _crossings(starts: pl.LazyFrame, position: int, rule: str, k: int, days: int, asked: Asked) -> pl.LazyFrame:
    last_day = min(asked["period_to"], asked["covers_to"])
    start, window = pl.col("started_on"), days * DAY
    met = (
        starts.with_columns(reached_from=start.shift(k - 1).over("child_id"))
        .rolling("started_on", period=f"{days}d", group_by="child_id")
        .agg(in_window=pl.len(), reached_from=pl.last("reached_from"))
        .filter(pl.col("in_window") >= k)
        # Starts on one date see the same window: one row of them is enough.
        .unique(["child_id", "started_on"], keep="last", maintain_order=True)
        .with_columns(met_from=pl.col("reached_from").shift(1).over("child_id"))
    )
    crossed = met.with_columns(
        is_crossing=(start >= asked["period_from"]) & (pl.col("met_from").is_null() | (start - pl.col("met_from") > window))
    ).with_columns(crossing=pl.col("is_crossing").cum_sum().over("child_id"))
    holding = (
        starts.filter(start > last_day - window, start <= last_day).group_by("child_id").agg(at_end=pl.len()).filter(pl.col("at_end") >= k)
    )
    return (
        crossed.filter(pl.col("crossing") > 0)
        .group_by("child_id", "crossing")
        .agg(crossed_on=start.min(), most_in_window=pl.col("in_window").max().cast(pl.Int64))
        .join(holding, on="child_id", how="left")
        .select(
            "child_id",
            "crossed_on",
            "most_in_window",
            holds_at_end=pl.col("at_end").is_not_null(),
            position=pl.lit(position),
            rule=pl.lit(rule),
        )
    )


def _crossed_once(export: Export, asked: Asked, position: int, rule: str, kind: str) -> pl.LazyFrame:
    started_on = local_day("started_at")
    lasts = is_open(export) | (local_day("ended_at") > asked["period_to"])
    return (
        episodes_of(export, asked)
        .filter(of_kind(kind, export))
        .select(
            "child_id",
            crossed_on=started_on,
            most_in_window=pl.lit(None, pl.Int64),
            holds_at_end=(started_on <= asked["covers_to"]) & lasts,
            position=pl.lit(position),
            rule=pl.lit(rule),
        )
    )


@answers("repeat_runners/trigger_counts")
def trigger_counts(export: Export, asked: Asked) -> pl.DataFrame:
    starts = starts_of(export, asked, asked["previous_from"])
    lately = episodes_in(export, asked["previous_from"], asked["period_to"])
    start = pl.col("started_on")
    is_compared = asked["previous_from"] >= asked["covers_from"]
    parts = []
    for position, rule, k, days, kind in rules_of(asked):
        if days is None:
            met = lately.filter(of_kind(kind, export)).select("child_id", started_on=local_day("started_at"))
        else:
            met = starts.filter((start - start.shift(k - 1).over("child_id") < days * DAY) & (start >= asked["previous_from"]))
        by_child = met.group_by("child_id").agg(
            is_now=(start >= asked["period_from"]).any(), is_before=(start < asked["period_from"]).any()
        )
        is_now, is_before = pl.col("is_now"), pl.col("is_before")
        compared = {"previous": is_before, "new": is_now & ~is_before, "continuing": is_now & is_before, "ceased": is_before & ~is_now}
        parts.append(
            by_child.select(
                position=pl.lit(position),
                rule=pl.lit(rule),
                children=is_now.sum(),
                **{name: pl.when(is_compared).then(flag.sum()) for name, flag in compared.items()},
            )
        )
    return pl.concat(parts).sort("position").drop("position").collect()


@answers("repeat_runners/children")
def children(export: Export, asked: Asked) -> pl.DataFrame:
    last_day = min(asked["period_to"], asked["covers_to"])
    started_on = local_day("started_at")
    gone = (
        with_unit(episodes_of(export, asked), export)
        .sort("started_at", "episode_id")
        .group_by("child_id", maintain_order=True)
        .agg(
            pl.col("unit_id").last(),
            episodes=pl.len(),
            over_24h=(lasted(export) > HOURS_24).sum(),
            hours_missing=pl.when(lasted(export).count() > 0).then(hours(lasted(export)).sum()),
            last_on=started_on.last(),
        )
        .join(export.table("children").select("child_id", "birth_month"), on="child_id", how="left", maintain_order="left")
        .with_columns(age=age_on("last_on"))
    )
    before = episodes_in(export, asked["previous_from"], asked["previous_to"]).group_by("child_id").agg(previous=pl.len())
    unit = pl.col("unit_id")
    moved = (
        export.table("placements")
        .join(gone.select("child_id"), on="child_id", how="semi")
        .sort("child_id", "started_on", "ended_on", "unit_id", nulls_last=True)
        .with_columns(is_move=unit != unit.shift(1).over("child_id"))
        .filter(pl.col("is_move") & pl.col("started_on").is_between(asked["period_from"], asked["period_to"]))
        .group_by("child_id")
        .agg(moves=pl.len())
    )
    previous = pl.col("previous").fill_null(0) if asked["previous_from"] >= asked["covers_from"] else pl.lit(None)
    return (
        gone.join(before, on="child_id", how="left")
        .join(moved, on="child_id", how="left")
        .join(_rules_met(export, asked, last_day), on="child_id", how="left")
        .with_columns(previous=previous, moves=pl.col("moves").fill_null(0), triggers=pl.col("triggers").fill_null([]))
        .sort("episodes", "child_id", descending=[True, False])
        .drop("birth_month")
        .collect()
    )


def _rules_met(export: Export, asked: Asked, last_day: date) -> pl.LazyFrame:
    """The rules that each child meets on `last_day`."""
    longest = max(days for _, _, _, days, _ in rules_of(asked) if days is not None)
    is_lasting = is_open(export) | (local_day("ended_at") > last_day)
    until_then = ours(export.table("episodes").filter(pl.col("started_at") < midnight(last_day + DAY)), export)
    lately = until_then.with_columns(is_lasting=is_lasting).filter(
        pl.col("is_lasting") | (pl.col("started_at") >= midnight(last_day - (longest - 1) * DAY))
    )
    met = []
    for position, rule, k, days, kind in rules_of(asked):
        if days is not None:
            counts = pl.col("started_at") >= midnight(last_day - (days - 1) * DAY)
        else:
            counts = pl.col("is_lasting") & of_kind(kind, export)
        met.append(
            lately.filter(counts)
            .group_by("child_id")
            .agg(times=pl.len())
            .filter(pl.col("times") >= k)
            .select("child_id", position=pl.lit(position), rule=pl.lit(rule))
        )
    return pl.concat(met).group_by("child_id").agg(triggers=pl.col("rule").sort_by("position"))


@answers("repeat_runners/trajectory")
def trajectory(export: Export, asked: Asked) -> pl.DataFrame:
    child_id = asked["child_id"]
    if child_id is None:
        child_id = (
            counts_by_child(export, asked).sort("episodes", "child_id", descending=[True, False]).head(1).collect()["child_id"].item()
        )
    is_chosen = pl.col("child_id") == child_id
    gone = with_unit(export.table("episodes").filter(is_chosen), export).sort("started_at", "episode_id")
    instant = pl.Datetime("us", "UTC")
    stays = (
        export.table("placements")
        .filter(
            is_chosen,
            pl.col("started_on") <= asked["period_to"],
            pl.col("ended_on").is_null() | (pl.col("ended_on") > asked["period_from"]),
        )
        .join(export.table("units").select("unit_id", "kind"), on="unit_id", how="left")
        .select(
            kind=pl.lit("placement"),
            starts_at=_instant_of("started_on"),
            ends_at=_instant_of("ended_on"),
            unit_id="unit_id",
            category=pl.lit(None, pl.String),
            detail=known_code("units", "kind"),
            hours=pl.lit(None, pl.Float64),
        )
    )
    went = gone.filter(within("started_at", asked["period_from"], asked["period_to"])).select(
        kind=pl.lit("episode"),
        starts_at="started_at",
        ends_at="ended_at",
        unit_id="unit_id",
        category="category",
        detail=known_code("episodes", "risk"),
        hours=hours(lasted(export)),
    )
    nothing = {"ends_at": pl.lit(None, instant), "hours": pl.lit(None, pl.Float64)}
    columns = ("kind", "starts_at", "ends_at", "unit_id", "category", "detail", "hours")
    interviewed = (
        gone.select("episode_id", "unit_id", "category")
        .join(export.table("return_interviews"), on="episode_id", maintain_order="left")
        .group_by("interview_id", maintain_order=True)
        .agg(
            starts_at=pl.coalesce(pl.col("held_at").min(), pl.col("offered_at").min()),
            unit_id=pl.col("unit_id").last(),
            category=pl.col("category").last(),
            detail=pl.col("outcome").last(),
        )
        .filter(within("starts_at", asked["period_from"], asked["period_to"]))
        .with_columns(kind=pl.lit("interview"), **nothing)
        .select(columns)
    )
    called = (
        gone.select("episode_id", "category", "police_called_at", from_unit="unit_id")
        .join(export.table("police_calls"), on="episode_id", how="left")
        .select(
            "category",
            kind=pl.lit("police_call"),
            starts_at=pl.coalesce("called_at", "police_called_at"),
            unit_id=pl.coalesce("unit_id", "from_unit"),
            detail=known_code("police_calls", "reason"),
            **nothing,
        )
        .filter(within("starts_at", asked["period_from"], asked["period_to"]))
        .select(columns)
    )
    return (
        pl.concat([stays, went, interviewed, called])
        .with_columns(child_id=pl.lit(child_id))
        .sort("starts_at", "kind", "ends_at", "unit_id", "detail", nulls_last=True)
        .collect()
    )


def _instant_of(day: str) -> pl.Expr:
    return pl.col(day).cast(pl.Datetime("us")).dt.replace_time_zone(LOCAL_TIME).dt.convert_time_zone("UTC")
