"""The questions of the Repeat runners page."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl

from benchmarks.exports import Export, midnight
from benchmarks.in_polars.shared import (
    DAY,
    HOURS_24,
    HOURS_72,
    Asked,
    age_on,
    answers,
    covered,
    episodes_in,
    episodes_of,
    hours,
    is_open,
    is_overnight,
    is_provisional,
    known_code,
    large_enough,
    lasted,
    local_day,
    month_of,
    months_of,
    ours,
    placements_in,
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


_GROUPS = ("all", "1st episode", "2nd episode", "3rd to 5th episode", "6th episode or later")
_HELD, _NOT_HELD = "interview within 72 hours", "no interview within 72 hours"


@answers("repeat_runners/return_to_missing")
def return_to_missing(export: Export, asked: Asked) -> pl.DataFrame:
    """Of all our children and every unit, with times of everything."""
    longest = 24 * asked["longest_days"]
    ended_to = pl.coalesce("ended_at", pl.max_horizontal(pl.lit(export.ends_at, pl.Datetime("us", "UTC")), "started_at"))
    began, number = pl.col("started_at"), pl.int_range(1, pl.len() + 1).over("child_id")
    episodes = (
        export.table("episodes")
        .join(episodes_of(export, asked).select("child_id").unique(), on="child_id", how="semi")
        .sort("child_id", "started_at", "episode_id")
        .with_columns(ended_to=ended_to, next_at=began.shift(-1).over("child_id"), number=number)
        .with_columns(
            overlaps=(pl.col("ended_to").cum_max().shift(1).over("child_id") > began).fill_null(False)
            | (pl.col("next_at") < pl.col("ended_to")).fill_null(False)
        )
    )
    care_ends = pl.min_horizontal(pl.lit(asked["covers_to"]), "looked_after_to") + DAY
    known_to = care_ends.cast(pl.Datetime("us")).dt.replace_time_zone(LOCAL_TIME).dt.convert_time_zone("UTC")
    followed = (
        ours(episodes.filter(within("started_at", asked["period_from"], asked["period_to"])), export)
        .filter(~is_open(export), ~pl.col("overlaps"), lasted(export).is_not_null())
        .join(export.table("children").select("child_id", known_to=known_to), on="child_id", how="left")
        .with_columns(known_to=pl.coalesce("known_to", pl.lit(export.ends_at, pl.Datetime("us", "UTC"))))
        .filter(pl.col("ended_at") < pl.col("known_to"))
        .with_columns(is_again=(pl.col("next_at") < pl.col("known_to")).fill_null(False))
        .with_columns(followed=pl.when("is_again").then("next_at").otherwise("known_to") - pl.col("ended_at"))
        .with_columns(hours=-(-pl.col("followed").dt.total_microseconds() // 3_600_000_000))
        .join(_interviews(export), on="episode_id", how="left")
    )
    by_number = pl.when(pl.col("number") <= 2).then(pl.col("number")).when(pl.col("number") <= 5).then(3).otherwise(4)
    in_time = (pl.col("held_at") - pl.col("ended_at")) <= HOURS_72
    by_interview = (
        pl.when((pl.col("hours") <= 72) | pl.col("is_not_required").fill_null(False))
        .then(None)
        .when(in_time)
        .then(pl.lit(_HELD))
        .when(~pl.col("is_held").fill_null(False) | pl.col("held_at").is_not_null())
        .then(pl.lit(_NOT_HELD))
    )
    names = {place: pl.lit(name) for place, name in enumerate(_GROUPS)}
    named = pl.when(by_number == 1).then(names[1]).when(by_number == 2).then(names[2]).when(by_number == 3).then(names[3])
    found = followed.select(
        "child_id",
        again=(pl.col("is_again") & (pl.col("hours") <= longest)).cast(pl.Int64),
        length=pl.min_horizontal("hours", longest),
        by_number=named.otherwise(names[4]),
        by_interview=by_interview,
    )
    parts = [
        found.select("child_id", "again", hours="length", group=group) for group in (names[0], pl.col("by_number"), pl.col("by_interview"))
    ]
    rows = pl.concat(parts).filter(pl.col("group").is_not_null())
    sizes = rows.group_by("group").agg(children=pl.col("child_id").n_unique())
    counted = rows.group_by("group", "hours").agg(again=pl.col("again").sum(), until_then=pl.len() - pl.col("again").sum())
    return counted.join(sizes, on="group").collect()


def _interviews(export: Export) -> pl.LazyFrame:
    """What became of each episode's interviews together."""
    offered = pl.col("offered")
    is_held = pl.when(pl.col("outcome").is_null()).then(pl.col("held_at").is_not_null()).otherwise(pl.col("outcome") == "completed")
    return (
        export.table("return_interviews")
        .with_columns(is_held=is_held)
        .join(export.table("episodes").select("episode_id", "ended_at"), on="episode_id")
        .group_by("episode_id")
        .agg(
            is_not_required=(offered == "not_required").any() & ~((offered == "yes") | pl.col("is_held")).any(),
            is_held=pl.col("is_held").any(),
            held_at=pl.col("held_at").filter(pl.col("is_held") & (pl.col("held_at") >= pl.col("ended_at"))).min(),
        )
    )


@answers("repeat_runners/without_top")
def without_top(export: Export, asked: Asked) -> pl.DataFrame:
    by_child = episodes_of(export, asked).group_by("child_id", month=month_of("started_at")).agg(episodes=pl.len().cast(pl.Int64))
    most = by_child.group_by("child_id").agg(pl.col("episodes").sum()).sort("episodes", "child_id", descending=[True, False]).head(5)
    rest = by_child.join(most, on="child_id", how="anti")
    counted = by_child.group_by("month").agg(pl.col("episodes").sum())
    without = rest.group_by("month").agg(episodes_without_top_5=pl.col("episodes").sum())
    return (
        months_of(asked)
        .join(counted, on="month", how="left")
        .join(without, on="month", how="left")
        .with_columns(pl.col("episodes", "episodes_without_top_5").fill_null(0), is_provisional=is_provisional(asked))
        .collect()
    )


def _together(export: Export, asked: Asked) -> pl.LazyFrame:
    """Pairs of episodes that two children had together, as `shared_in` has them."""
    gone = (
        with_unit(episodes_of(export, asked), export)
        .select("child_id", "episode_id", "unit_id", "started_at", day=local_day("started_at"), ends=pl.col("started_at") + lasted(export))
        .collect()
        .lazy()
    )
    days = (asked["period_to"] - asked["period_from"]).days + 1
    is_dense = gone.select(pl.len()).collect().item() > 20 * days
    apart = (pl.col("started_at_right") - pl.col("started_at")).abs() <= timedelta(hours=2)
    overlap = pl.min_horizontal("ends", "ends_right") - pl.max_horizontal("started_at", "started_at_right") >= timedelta(hours=1)
    overlap = overlap & pl.col("ends").is_not_null() & pl.col("ends_right").is_not_null()
    in_order = pl.col("child_id") < pl.col("child_id_right")
    columns = ("child_id", "child_id_right", "episode_id", "episode_id_right")
    known = gone.filter(pl.col("unit_id").is_not_null())
    on_a_day = known.join(known, on=["unit_id", "day"]).filter(in_order & (overlap | apart)).select(*columns, "unit_id", "day")
    over_midnight = (
        known.with_columns(day=pl.col("day") + DAY)
        .join(known, on=["unit_id", "day"])
        .filter(pl.col("child_id") != pl.col("child_id_right"))
    ).filter(apart)
    swapped = over_midnight.select(
        child_id=pl.min_horizontal("child_id", "child_id_right"),
        child_id_right=pl.max_horizontal("child_id", "child_id_right"),
        episode_id=pl.when(in_order).then("episode_id").otherwise("episode_id_right"),
        episode_id_right=pl.when(in_order).then("episode_id_right").otherwise("episode_id"),
        unit_id="unit_id",
        day="day",
    )
    pairs = [on_a_day, swapped]
    if not is_dense:
        differ = (pl.col("unit_id") != pl.col("unit_id_right")).fill_null(True)
        anywhere = gone.join(gone, on="day").filter(in_order & differ & overlap)
        pairs.append(anywhere.select(*columns, pl.lit(None, pl.String).alias("unit_id"), "day"))
    return pl.concat(pairs)


@answers("repeat_runners/together")
def together(export: Export, asked: Asked) -> pl.DataFrame:
    pairs = (
        _together(export, asked)
        .group_by(child_a="child_id", child_b="child_id_right")
        .agg(
            shared=pl.min_horizontal(pl.col("episode_id").n_unique(), pl.col("episode_id_right").n_unique()).cast(pl.Int64),
            unit_id=pl.col("unit_id").sort_by("day", "unit_id").drop_nulls().last(),
            last_on=pl.col("day").max(),
        )
        .filter(pl.col("shared") >= 2)
        .collect()
        .lazy()
    )
    children = pl.concat([pairs.select(child_id="child_a"), pairs.select(child_id="child_b")]).unique()
    first_day, last_day = covered(asked["period_from"], asked["period_to"])
    until = pl.min_horizontal(pl.coalesce("ended_on", last_day + DAY), last_day + DAY)
    stays = (
        placements_in(export, first_day, last_day)
        .join(children, on="child_id", how="semi")
        .select("child_id", begins=pl.max_horizontal("started_on", first_day), ends=until)
    )
    slept = stays.group_by("child_id").agg(nights=(pl.col("ends") - pl.col("begins")).dt.total_days().sum())
    daily = counts_by_child(export, asked).join(slept, on="child_id").select("child_id", rate=pl.col("episodes") / pl.col("nights"))
    both = pl.min_horizontal("ends", "ends_right") - pl.max_horizontal("begins", "begins_right")
    nights = (
        pairs.select("child_a", "child_b")
        .join(stays, left_on="child_a", right_on="child_id")
        .join(stays, left_on="child_b", right_on="child_id")
        .group_by("child_a", "child_b")
        .agg(nights=both.dt.total_days().clip(0).sum())
    )
    return (
        pairs.join(nights, on=["child_a", "child_b"], how="left")
        .join(daily, left_on="child_a", right_on="child_id", how="left")
        .join(daily, left_on="child_b", right_on="child_id", how="left")
        .with_columns(expected=pl.col("nights") * pl.col("rate") * pl.col("rate_right"))
        .collect()
    )


@answers("repeat_runners/together_summary")
def together_summary(export: Export, asked: Asked) -> pl.DataFrame:
    pairs = _together(export, asked).with_columns(is_same=pl.col("unit_id").is_not_null())
    shared = (
        pl.concat(
            [pairs.select("episode_id", "is_same"), pairs.select("is_same", episode_id="episode_id_right").select("episode_id", "is_same")]
        )
        .group_by("episode_id")
        .agg(pl.col("is_same").any())
    )
    is_same = pl.col("is_same")
    return (
        with_unit(episodes_of(export, asked), export)
        .filter(pl.col("unit_id").is_not_null())
        .join(shared, on="episode_id", how="left")
        .group_by("unit_id", quarter=local_day("started_at").dt.truncate("1q"))
        .agg(
            episodes=pl.len().cast(pl.Int64),
            episodes_shared=is_same.count().cast(pl.Int64),
            episodes_same_unit=is_same.sum().cast(pl.Int64),
            children=pl.col("child_id").n_unique().cast(pl.Int64),
        )
        .with_columns(
            episodes_shared_share=large_enough(asked, pl.col("episodes_shared") / pl.col("episodes")),
            episodes_same_unit_share=large_enough(asked, pl.col("episodes_same_unit") / pl.col("episodes")),
        )
        .collect()
    )


@answers("repeat_runners/after_move")
def after_move(export: Export, asked: Asked) -> pl.DataFrame:
    first_day, last_day = covered(asked["period_from"], asked["period_to"])
    episodes, placements = export.table("episodes"), export.table("placements")
    began = local_day("started_at")
    earliest = episodes.group_by("child_id").agg(earliest=pl.col("started_at").min())
    firsts = (
        episodes_of(export, asked)
        .join(earliest, on="child_id")
        .filter(pl.col("started_at") == pl.col("earliest"))
        .select("child_id", day=began)
        .unique("child_id")
        .join(placements, on="child_id")
        .filter(pl.col("day") >= pl.col("started_on"), pl.col("ended_on").is_null() | (pl.col("day") < pl.col("ended_on")))
        .group_by("child_id", "day")
        .agg(since=pl.col("started_on").max())
        .select(
            measure=pl.lit("first_within_28"),
            numerator=((pl.col("day") - pl.col("since")) < 28 * DAY).sum().cast(pl.Int64),
            denominator=pl.len().cast(pl.Int64),
            children=pl.len().cast(pl.Int64),
            spread=pl.lit(None, pl.Float64),
        )
    )
    until = pl.min_horizontal(pl.coalesce("ended_on", last_day + DAY), last_day + DAY)
    begins = pl.max_horizontal("started_on", first_day)
    settled = pl.min_horizontal(until, pl.col("started_on") + 28 * DAY)
    nights = placements_in(export, first_day, last_day).select(
        measure=pl.lit("nights_within_28"),
        numerator=(settled - begins).dt.total_days().clip(0).sum(),
        denominator=(until - begins).dt.total_days().sum(),
        children=pl.col("child_id").n_unique().cast(pl.Int64),
        spread=pl.lit(None, pl.Float64),
    )
    moved = (
        placements.sort("child_id", "started_on", "ended_on", "unit_id", nulls_last=True)
        .with_columns(before=pl.col("unit_id").shift(1).over("child_id"))
        .filter(
            pl.col("before") != pl.col("unit_id"),
            pl.col("started_on").is_between(asked["period_from"], asked["period_to"]),
            pl.col("started_on") >= asked["covers_from"] + 28 * DAY,
            pl.col("started_on") <= asked["covers_to"] - 27 * DAY,
        )
    )
    windows = pl.concat(
        [
            ours(moved, export).select("child_id", begin=pl.col("started_on") + offset * DAY, measure=pl.lit(measure))
            for measure, offset in (("before_move", -28), ("after_move", 0))
        ]
    ).with_columns(end=pl.col("begin") + 28 * DAY)
    close, open_ = pl.lit(asked["covers_to"] + DAY), pl.lit(asked["covers_from"])
    sleeping = pl.min_horizontal(pl.coalesce("ended_on", close), close, "end") - pl.max_horizontal("started_on", open_, "begin")
    slept = (
        windows.join(placements, on="child_id")
        .with_columns(nights=sleeping.dt.total_days())
        .filter(pl.col("nights") > 0)
        .group_by("measure", "child_id")
        .agg(pl.col("nights").sum())
    )
    went = (
        windows.join(episodes.select("child_id", day=began), on="child_id")
        .filter(pl.col("day") >= pl.col("begin"), pl.col("day") < pl.col("end"))
        .group_by("measure", "child_id")
        .agg(episodes=pl.len().cast(pl.Int64))
    )
    each, of = pl.col("episodes"), pl.col("nights")
    rates = (
        slept.join(went, on=["measure", "child_id"], how="full", coalesce=True)
        .with_columns(pl.col("episodes", "nights").fill_null(0))
        .group_by("measure")
        .agg(
            numerator=each.sum(),
            denominator=of.sum(),
            children=pl.len().cast(pl.Int64),
            spread=((each - each.sum() / of.sum() * of) ** 2).sum(),
        )
    )
    is_rate = pl.col("spread").is_not_null()
    known = (pl.col("children") >= asked["smallest_children"]) & (~is_rate | (pl.col("denominator") >= asked["smallest_nights"]))
    value = pl.col("numerator") / pl.col("denominator") * pl.when(is_rate).then(100).otherwise(1)
    return pl.concat([firsts, nights, rates]).with_columns(value=pl.when(known).then(value)).collect()
