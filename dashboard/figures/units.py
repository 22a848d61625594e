"""The figures of the Units page: how often children go from each unit, beside its own past and beside other units of its kind."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from dashboard.charts.control_chart import control_chart as control_chart_drawn
from dashboard.charts.funnel import funnel as funnel_drawn
from dashboard.charts.ranked_shares import MOST_ROWS, busiest
from dashboard.charts.rates import RateRow, rates
from dashboard.charts.unit_months import unit_months as unit_months_drawn
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import capital, code_words, day_words, listed, many, month_words, number
from dashboard.statistics.funnel import FEWEST_COMPARED, Dispersion, compared
from dashboard.statistics.intervals import rate_interval
from dashboard.statistics.spc import FEWEST_EPISODES, FEWEST_POINTS, Change, cause_words, control_limits, latest_change

_GUIDANCE = (
    "Department for Education, statutory guidance on children who run away or go missing from home or care, January 2014; local "
    "authority circular of 2002: monitor patterns of absence from individual children's homes and foster carers."
)
_MOST_WORDS = 15
_MONTHS_SHOWN = 12
# Units with episodes that no unit is known for are in no figure of this page.
_NEEDS_UNITS = ("episodes.unit_id or placements",)


@figure(
    Definition(
        name="units/unit_rates",
        title="Rates of units",
        counts="Episodes that began in the period while the child was placed at the unit, and the same without the child who has most.",
        over="Nights that children were placed there: a night counts for the unit where the child was placed at midnight.",
        matters="Most homes have a handful of children, and one who goes often can make the whole of a home's rate. The rate without "
        "that child shows how the others fare.",
        source=f"{_GUIDANCE} Interval: exact Poisson below 10 episodes, Byar's approximation from 10.",
        columns={
            "unit_id": "the unit",
            "name": "what it is called",
            "kind": "kind of setting",
            "sector": "who runs it",
            "in_area": "it is in our area",
            "beds": "beds",
            "nights": "nights that children were placed there in the period",
            "children_placed": "different children placed there for a night or more",
            "children_missing": "different children with an episode",
            "episodes": "episodes that began in the period",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights",
            "lower": "lower 95% limit of the rate",
            "upper": "upper 95% limit of the rate",
            "busiest_child_share": "share of the episodes that were of the child with most; empty below the smallest number of children",
            "rate_without_busiest": "the rate without that child's episodes and nights; empty below the smallest number of nights",
            "busiest_episodes": "episodes of the child with most",
        },
        caveat="The interval takes episodes as independent of each other. Those of one child are not, so that it is rather too narrow.",
        needs=("placements",),
    )
)
def unit_rates(asked: Asked) -> Shown:
    rows = asked.rows()
    limits = [
        rate_interval(episodes, nights) if rate is not None else (None, None)
        for episodes, nights, rate in rows.select("episodes", "nights", "rate").iter_rows()
    ]
    frame = rows.with_columns(
        lower=pl.Series([lower for lower, _ in limits], dtype=pl.Float64),
        upper=pl.Series([upper for _, upper in limits], dtype=pl.Float64),
    )
    if not frame["episodes"].sum():
        return Shown(frame=frame, finding=f"No {asked.episodes} at any unit in {asked.scope.period.words}", alt="No episodes to draw.")
    finding = _of_one_child(frame)
    with_rate = frame.drop_nulls("rate")
    rated = busiest(with_rate, "episodes")
    small = frame["rate"].null_count()
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} per 1,000 nights in placement, by kind of unit{_only_the_most(with_rate.height)}",
        alt=_rates_alt(rated, finding),
        draw=(lambda palette: rates(_rate_rows(rated), palette)) if rated.height else None,
        caveats=(f"{many(small, 'unit')} with fewer than {asked.settings.smallest_nights:,} nights: no rate.",) if small else (),
    )


def _of_one_child(frame: pl.DataFrame) -> str:
    """How much one child makes of a unit's count: of the units where that is half or more, the one where it is most episodes."""
    halved = frame.filter((pl.col("busiest_child_share") >= 0.5) & (pl.col("busiest_episodes") > 1))
    if halved.height:
        unit = halved.sort("busiest_episodes", "unit_id", descending=[True, False]).row(0, named=True)
        return f"One child had {unit['busiest_episodes']:,} of the {unit['episodes']:,} episodes at {unit['name']}"
    if frame["busiest_child_share"].count():
        return "No child had half of the episodes of a unit"
    return f"{many(int(frame['episodes'].sum()), 'episode')} at {many(frame.filter(pl.col('episodes') > 0).height, 'unit')}"


def _rate_rows(rated: pl.DataFrame) -> list[RateRow]:
    """Units under the headings of their kinds, kinds in order of their highest rate."""
    rows = []
    for kind in rated["kind"].unique(maintain_order=True):
        rows.append(RateRow(capital(code_words(kind))))
        rows += [
            RateRow(
                label=unit["name"],
                rate=unit["rate"],
                lower=unit["lower"],
                upper=unit["upper"],
                without_busiest=unit["rate_without_busiest"],
                number=f"{unit['rate']:,.1f} · {many(unit['episodes'], 'episode')}",
            )
            for unit in rated.filter(pl.col("kind").eq_missing(kind)).iter_rows(named=True)
        ]
    return rows


def _rates_alt(rated: pl.DataFrame, finding: str) -> str:
    if rated.is_empty():
        return f"No unit has enough nights for a rate. {finding}."
    highest, lowest = rated.row(0, named=True), rated.row(-1, named=True)
    return (
        f"A point with its interval for each of {many(rated.height, 'unit')}, episodes per 1,000 nights: from "
        f"{number(lowest['rate'], 1)} at {lowest['name']} to {number(highest['rate'], 1)} at {highest['name']}. {finding}."
    )


def _only_the_most(units: int) -> str:
    return f"; the {MOST_ROWS} units with the most episodes" if units > MOST_ROWS else ""


@figure(
    Definition(
        name="units/unit_months",
        title="Units month by month",
        counts="Episodes that began in the month, and the different children they were of. Every month from the unit's opening to its "
        "closing is given; without an opening date, from its first placement or episode.",
        over="Nights that children were placed there that month, for the rate per 1,000.",
        matters="A month in which a unit's count stands out can be set beside who lived and worked there.",
        source=_GUIDANCE,
        columns={
            "unit_id": "the unit",
            "month": "first day of the month",
            "episodes": "episodes that began in the month",
            "children": "different children with one",
            "nights": "nights that children were placed there",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights, as in most homes' months",
        },
        needs=_NEEDS_UNITS,
    )
)
def unit_months(asked: Asked) -> Shown:
    frame = asked.rows()
    totals = (
        frame.group_by("unit_id")
        .agg(total=pl.col("episodes").sum())
        .with_columns(name=pl.col("unit_id").map_elements(asked.unit, return_dtype=pl.String))
        .sort("total", "name", "unit_id", descending=[True, False, False])
    )
    total = int(totals["total"].sum())
    if not total:
        return Shown(frame=frame, finding=f"No {asked.episodes} at any unit in {asked.scope.period.words}", alt="No episodes to draw.")
    most = totals.row(0, named=True)
    finding = f"{most['name']} had the most episodes: {most['total']:,} of {total:,}"
    latest = frame["month"].unique().sort().tail(_MONTHS_SHOWN)
    shown = totals.head(MOST_ROWS).with_row_index("place").join(frame.filter(pl.col("month").is_in(latest.to_list())), on="unit_id")
    top = shown.sort("episodes", "month", descending=True).row(0, named=True)
    is_cut = frame["month"].n_unique() > _MONTHS_SHOWN
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} that began in the month"
        + (f", the latest {_MONTHS_SHOWN} months" if is_cut else "")
        + _only_the_most(totals.height),
        alt=f"Heat map of {many(shown['unit_id'].n_unique(), 'unit')} by month, {month_words(latest[0])} to {month_words(latest[-1])}: "
        f"most in one month {many(top['episodes'], 'episode')}, at {top['name']} in {month_words(top['month'])}. {finding}.",
        draw=lambda palette: unit_months_drawn(shown.sort("place", "month"), palette),
        caveats=tuple(_still_being_recorded(asked)),
    )


def _still_being_recorded(asked: Asked) -> list[str]:
    first = _provisional_from(asked)
    return [f"From {day_words(first)} on, episodes are still being recorded."] if first <= asked.scope.period.last_day else []


def _provisional_from(asked: Asked) -> date:
    """The first of the latest four weeks of the export."""
    return asked.snapshot.coverage.last_day - timedelta(27)


@figure(
    Definition(
        name="units/control_chart",
        title="Each unit beside its own past",
        counts="Episodes that began in the month; in the quarter at a unit with under five a month. The chart shows one unit, the table "
        "all of them.",
        over="The unit's own average. Limits are 2.66 times the mean moving range on either side of it, and not below 0; moving ranges "
        "over 3.267 times their mean are left out once. They start anew at events marked so.",
        matters="A count goes up and down without anything having happened. The rules mark what that alone would seldom give.",
        source="NHS England, Making Data Count: XmR charts (Shewhart).",
        columns={
            "unit_id": "the unit",
            "month": "first day of the point's first month",
            "value": "episodes that began in the point",
            "mean": "average of the points that share limits; empty, like the limits, with fewer than "
            f"{FEWEST_POINTS} points or {FEWEST_EPISODES} episodes",
            "lower_limit": "lower limit",
            "upper_limit": "upper limit",
            "cause": "usual; outside_high, outside_low (beyond a limit); run_high, run_low (7 or more in a row on one side of the mean); "
            "trend_up, trend_down (7 or more in a row, each above or below the one before); near_high, near_low (2 of 3 in a row beyond "
            "two thirds of the way to a limit)",
            "months_spanned": "months in the point: 1, or 3 for a quarter",
            "is_provisional": "part of it is in the latest four weeks, which are still being recorded",
        },
        caveat="Among many units a few are marked in any year though nothing has changed there. A mark is a reason to ask.",
        needs=_NEEDS_UNITS,
    )
)
def control_chart(asked: Asked) -> Shown:
    history_from = asked.parameters["history_from"]
    # From the start of a quarter: points that are quarters are whole ones, and a unit needs twelve.
    parameters = {"history_from": history_from.replace(month=(history_from.month - 1) // 3 * 3 + 1)}
    rows = asked.rows(**parameters)
    events = asked.rows("units/events", **parameters)
    frame = _with_limits(rows, events, asked)
    period = asked.scope.period
    if frame.is_empty():
        return Shown(frame=frame, finding=f"No unit has a whole month up to {period.words}", alt="No month to draw.", parameters=parameters)
    changes = units_by_attention(frame, period.first_month)
    chosen = asked.extra.get("unit_id")
    unit = chosen if chosen in changes else next(iter(changes))
    series = frame.filter(pl.col("unit_id") == unit)
    finding = _of_unit(asked, unit, series, changes[unit]) if chosen in changes else _of_units(asked, frame, changes)
    happened = events.filter(pl.col("unit_id").is_null() | (pl.col("unit_id") == unit)).sort(
        "is_rebase", "happened_on", descending=True, maintain_order=True
    )
    shown = [(happened_on, said) for happened_on, said in happened.select("happened_on", "text").iter_rows()]
    step = "quarter" if series["months_spanned"][0] == 3 else "month"
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} a {step} at {asked.unit(unit)}, from {month_words(series['month'][0])}",
        alt=_control_alt(asked, unit, series, step, finding),
        draw=lambda palette: control_chart_drawn(series, palette, events=shown, provisional_from=_provisional_from(asked)),
        caveats=tuple(_control_caveats(series, happened, step)),
        parameters=parameters,
    )


def units_by_attention(frame: pl.DataFrame, since: date) -> dict[str, Change | None]:
    """The units of a control chart's frame with their latest change from `since` on.

    First those with a change, the latest to end first; then by episodes since.
    """
    found = []
    for (unit_id,), series in frame.group_by("unit_id", maintain_order=True):
        change = latest_change(series, since)
        episodes = int(series.filter(pl.col("month") >= since)["value"].sum())
        found.append(((change is None, -change.last.toordinal() if change else 0, -episodes, str(unit_id)), change))
    return {key[-1]: change for key, change in sorted(found, key=lambda one: one[0])}


def _with_limits(rows: pl.DataFrame, events: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    rebases = events.filter(pl.col("is_rebase"))
    frames = []
    for (unit_id,), months in rows.group_by("unit_id", maintain_order=True):
        of_unit = rebases.filter(pl.col("unit_id").is_null() | (pl.col("unit_id") == unit_id))["happened_on"].to_list()
        limits = control_limits(months["value"].to_list(), months["month"].to_list(), of_unit)
        frames.append(limits.select(pl.lit(unit_id).alias("unit_id"), pl.all()))
    empty = control_limits([], []).select(pl.lit("").alias("unit_id"), pl.all())
    last_day = pl.col("month").dt.offset_by(pl.format("{}mo", "months_spanned")).dt.offset_by("-1d")
    return pl.concat([empty, *frames]).with_columns(is_provisional=last_day >= _provisional_from(asked))


def _of_unit(asked: Asked, unit: str, series: pl.DataFrame, change: Change | None) -> str:
    if change is not None:
        return f"{asked.unit(unit)}: episodes {change.words}"
    if series["mean"].is_null().all():
        return f"{asked.unit(unit)}: too few months or episodes to tell a change"
    return f"{asked.unit(unit)}: no clear change in episodes"


def _of_units(asked: Asked, frame: pl.DataFrame, changes: dict[str, Change | None]) -> str:
    """What stands out among all units: when and how at the first one, and which others; as many words as a finding has."""
    if frame["mean"].is_null().all():
        return "No unit has enough months or episodes to tell a change"
    changed = [unit for unit, change in changes.items() if change]
    if not changed:
        return "No unit's episodes differ clearly from its own past"
    first, *others = changed
    finding = _of_unit(asked, first, frame, changes[first])
    others_said = [f"{many(len(others), 'more unit')} changed"]
    if others:
        second = asked.unit(others[0])
        others_said.insert(0, f"{second} and {len(others) - 1} more changed" if len(others) > 1 else f"{second} changed too")
    fitting = [f"{finding}; {said}" for said in others_said if others and len(f"{finding}; {said}".split()) <= _MOST_WORDS]
    return next(iter(fitting), finding)


def _control_alt(asked: Asked, unit: str, series: pl.DataFrame, step: str, finding: str) -> str:
    last = series.row(-1, named=True)
    said = (
        f"Control chart of {asked.episodes} a {step} at {asked.unit(unit)}, {many(series.height, step)} from "
        f"{month_words(series['month'][0])}: from {number(series['value'].min())} to {number(series['value'].max())}"  # type: ignore[arg-type]
    )
    if last["mean"] is not None:
        said += f", average {number(last['mean'], 1)}, limits {number(last['lower_limit'], 1)} and {number(last['upper_limit'], 1)}"
    marked = series.filter(pl.col("cause") != "usual").tail(1)
    if marked.height:
        point = marked.row(0, named=True)
        said += f". The latest point marked, {month_words(point['month'])} with {number(point['value'])}, is {cause_words(point['cause'])}"
    recorded = " The latest is still being recorded." if last["is_provisional"] else ""
    return f"{said}.{recorded} {finding}."


def _control_caveats(series: pl.DataFrame, happened: pl.DataFrame, step: str) -> list[str]:
    caveats = [
        f"Limits start anew on {day_words(happened_on)}: {said}."
        for happened_on, said in happened.filter(pl.col("is_rebase")).select("happened_on", "text").iter_rows()
    ]
    if series["mean"][-1] is None:
        caveats.append(f"No limits: fewer than {FEWEST_POINTS} {step}s, or fewer than {FEWEST_EPISODES} episodes in them.")
    return caveats


@figure(
    Definition(
        name="units/events",
        title="What happened",
        counts="Dated events of the export, of the whole authority or of a unit, as far back as the control charts reach.",
        matters="A change in a count that begins with an event may be the event's. One in how episodes are recorded is no change in what "
        "children do, and limits start anew there.",
        source="The export's table of events.",
        columns={
            "happened_on": "the day",
            "text": "what happened",
            "unit_id": "the unit that it concerns; empty for the whole authority",
            "is_rebase": "limits of control charts start anew there",
        },
        needs=("events",),
    )
)
def events(asked: Asked) -> Shown:
    frame = asked.rows()
    anew = frame.filter(pl.col("is_rebase"))
    finding = f"{many(frame.height, 'event')} recorded since {month_words(asked.parameters['history_from'])}"
    if anew.height:
        where = f"on {day_words(anew['happened_on'][0])}" if anew.height == 1 else f"at {anew.height} of them"
        finding += f"; limits start anew {where}"
    return Shown(frame=frame, finding=finding, alt=f"Table of {many(frame.height, 'event')}.")


@figure(
    Definition(
        name="units/funnel_episodes",
        title="Units beside others of their kind",
        counts="Episodes that began in the period at the unit.",
        over="Episodes expected of it: its nights in placement times the rate of all units of its kind together, whichever units the scope "
        "asks for. Kinds are not compared with each other: children are placed in them for different reasons.",
        matters="A small home's rate is far from the average now and then by chance alone. The limits say how far is too far for that.",
        source="Spiegelhalter 2005, Handling over-dispersion of performance indicators: Poisson limits on the square-root scale, widened "
        "for the scatter between units (z-scores winsorised at 10%; a variance between units from 10 of them, else a factor).",
        columns={
            "unit_id": "the unit",
            "nights": "nights that children were placed there in the period",
            "episodes": "episodes that began in the period",
            "expected": "its nights times the rate of its kind",
            "ratio": "episodes ÷ expected",
            "lower_95": "lower 95% limit of the ratio; limits are empty for a unit that is not compared",
            "upper_95": "upper 95% limit of the ratio",
            "lower_998": "lower 99.8% limit of the ratio",
            "upper_998": "upper 99.8% limit of the ratio",
            "outside": "beyond the 99.8% limits: high or low; else usual",
            "phi": "mean squared z-score of the units of its kind, winsorised; not above 1 where chance alone is at work",
            "tau2": "variance between units of its kind on the square-root scale; empty with fewer than 10 units",
            "kind": "kind of setting: what it is compared within",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights",
            "outside_without_busiest": "as outside, without the episodes and nights of the child with most episodes",
        },
        caveat="A unit outside the limits is unlike others of its kind. The reason can be whom it cares for, or how it records.",
        needs=("placements",),
    )
)
def funnel_episodes(asked: Asked) -> Shown:
    units, scatter = compared(asked.rows())
    frame = units.filter(pl.col("is_asked"))
    judged = frame.drop_nulls("outside")
    finding = _beside_others(asked, judged)
    kind = _kind_shown(judged, asked.extra.get("kind"))
    caveats = _funnel_caveats(asked, frame, judged)
    if kind is None:
        return Shown(frame=frame, finding=finding, alt=f"No unit to draw. {finding}.", caveats=tuple(caveats))
    shown = units.filter(pl.col("kind") == kind).drop_nulls("outside")
    average = shown["kind_rate"][0] * 1000
    names = shown.with_columns(
        name=pl.col("unit_id").map_elements(asked.unit, return_dtype=pl.String),
        is_ringed=pl.col("is_asked") & (asked.scope.units is not None),
    ).select("name", "episodes", "nights", "rate", "outside", "is_ringed")

    curves = _curves(shown, scatter[kind])
    lowest, highest = shown["rate"].min(), shown["rate"].max()
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} per 1,000 nights in placement, {many(shown.height, 'unit')} of one kind: {code_words(kind)}",
        alt=f"Funnel plot of {many(shown.height, 'unit')} ({code_words(kind)}): episodes per 1,000 nights over nights, from "
        f"{number(lowest, 1)} to {number(highest, 1)}, average {number(average, 1)}. {finding}.",  # type: ignore[arg-type]
        draw=lambda palette: funnel_drawn(names, curves, average, palette),
        caveats=tuple(caveats),
    )


def kinds_compared(frame: pl.DataFrame) -> dict[str, str]:
    """Kinds of setting whose units a funnel's frame compares, in words, the one that is shown by itself first."""
    kinds = frame.drop_nulls("outside").group_by("kind").agg((pl.col("outside") != "usual").sum().alias("outside"), pl.len().alias("units"))
    ordered = kinds.sort("outside", "units", "kind", descending=[True, True, False])["kind"]
    return {kind: capital(code_words(kind)) for kind in ordered}


def _kind_shown(judged: pl.DataFrame, wanted: str | None) -> str | None:
    kinds = kinds_compared(judged)
    return wanted if wanted in kinds else next(iter(kinds), None)


def _curves(shown: pl.DataFrame, scatter: Dispersion) -> pl.DataFrame:
    """Limits as rates per 1,000 nights, at numbers of nights up to a little beyond the largest unit's."""
    kind_rate = shown["kind_rate"][0]
    # Closer together where the limits bend.
    nights = 1.05 * shown["nights"].max() * np.linspace(0.08, 1, 60) ** 2  # type: ignore[operator]
    limits = {name: scatter.limits(nights * kind_rate, level) for name, level in (("95", 0.95), ("998", 0.998))}
    return pl.DataFrame(
        {"nights": nights}
        | {
            f"{side}_{name}": limits[name][index] * kind_rate * 1000
            for name in ("95", "998")
            for index, side in enumerate(("lower", "upper"))
        }
    )


def _beside_others(asked: Asked, judged: pl.DataFrame) -> str:
    """Which units lie outside the limits of their kind, those that do so because of one child apart."""
    if judged.is_empty():
        return "Too few units of one kind, or too small ones, to compare"
    high = judged.filter(pl.col("outside") == "high")
    of_one_child = _of_one_child_only(judged)
    more = high.join(of_one_child, on="unit_id", how="anti")
    fewer = judged.filter(pl.col("outside") == "low")
    if more.is_empty() and fewer.is_empty():
        if of_one_child.is_empty():
            return f"No unit lies outside the limits of its kind ({many(judged.height, 'unit')} compared)"
        return f"{_has_rate(asked, of_one_child, 'higher')} only because of one child{' each' if of_one_child.height > 1 else ''}"
    said = [_has_rate(asked, units, word) for units, word in ((more, "higher"), (fewer, "lower")) if units.height]
    return f"{' and '.join(said)} than others of {'its' if more.height + fewer.height == 1 else 'their'} kind"


def _has_rate(asked: Asked, units: pl.DataFrame, word: str) -> str:
    """ "Willow House has a higher rate", "Willow House and Ash Lodge have higher rates", "3 units have higher rates"."""
    names = [asked.unit(unit) for unit in units["unit_id"]]
    if len(names) == 1:
        return f"{names[0]} has a {word} rate"
    return f"{listed(names) if len(names) == 2 else many(len(names), 'unit')} have {word} rates"


def _of_one_child_only(judged: pl.DataFrame) -> pl.DataFrame:
    """Units above the limits that are not without their busiest child."""
    return judged.filter((pl.col("outside") == "high") & pl.col("outside_without_busiest").is_in(["usual", "low"]))


def _funnel_caveats(asked: Asked, frame: pl.DataFrame, judged: pl.DataFrame) -> list[str]:
    caveats = []
    of_one_child = _of_one_child_only(judged)
    if of_one_child.height:
        names = listed(asked.unit(unit) for unit in of_one_child["unit_id"])
        caveats.append(f"Without the child who has most episodes, {names} would lie within the limits.")
    if (judged["phi"] > 1).any():
        caveats.append("The limits are widened, because a few children go often and units scatter more than chance alone would have them.")
    if left_out := frame.height - judged.height:
        caveats.append(
            f"{many(left_out, 'unit is', 'units are')} not compared: fewer than {asked.settings.smallest_nights:,} nights, or fewer than "
            f"{FEWEST_COMPARED} units of the kind that have as many."
        )
    return caveats
