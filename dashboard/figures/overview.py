"""The figures of the Overview page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import polars as pl

from dashboard.charts.control_chart import control_chart
from dashboard.charts.national import national as national_chart
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.units_past import clear_changes, units_by_attention
from dashboard.figures.words import capital, day_words, many, month_words, number, per_thousand, percent
from dashboard.statistics.intervals import rate_interval, wilson_interval
from dashboard.statistics.spc import ONE_SERIES, control_limits, latest_change

_GUIDANCE = "Department for Education, statutory guidance on children who run away or go missing from home or care, January 2014."

MEASURES = {
    "episodes": "Episodes",
    "children": "Children who went",
    "looked_after": "Children looked after",
    "percent_missing": "Of those looked after",
    "episodes_per_child": "Episodes a child",
    "repeat_share": "Went more than once",
    "placement_nights": "Nights in placement",
    "rate": "Episodes per 1,000 nights",
    "over_24h": "Over 24 hours",
    "overnight": "Overnight",
    "open_now": "Open now",
    "interviews_72h": "Interview in 72 hours",
    "police_called": "Police called",
}

# Shares whose denominator is a number of separate children or episodes, so that a score interval means something.
_SHARES = ("percent_missing", "repeat_share", "interviews_72h", "police_called")


def measure_words(measure: str, value: float | None) -> str:
    """A headline value as it is read: "979", "7%", "4.9"; "not known" for None."""
    if measure in _SHARES:
        return percent(value)
    if measure == "rate":
        return per_thousand(value)
    return number(value, 1 if measure == "episodes_per_child" else 0)


def value_words(row: Mapping[str, Any]) -> str:
    """The value of a row of overview/headline as it is read: as `measure_words`, and "too few" where too few children or nights
    are behind it."""
    is_too_few = row["value"] is None and row["numerator"] is not None and row["denominator"]
    return "too few" if is_too_few else measure_words(row["measure"], row["value"])


@figure(
    Definition(
        name="overview/headline",
        title="The period in figures",
        counts="Episodes that began in the period by local date, open ones included; the children they were of; how long they lasted.",
        over="Children looked after on any day of the period (where the scope is of units, those placed there), and nights in placement "
        "(a night counts for the unit where the child was placed at midnight).",
        matters="The whole on one line, beside the period before and the same months a year earlier.",
        source=f"{_GUIDANCE} Intervals: Poisson (exact, and Byar's from 10 episodes) for the rate, Wilson for shares.",
        caveat="More or fewer episodes can also mean that recording has changed.",
        columns={
            "measure": "what is measured",
            "value": "its value in the period; shares from 0 to 1",
            "numerator": "what a share or rate is made of",
            "denominator": "what it is set over",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "previous": "value in the period of the same length just before",
            "year_before": "value in the same period a year earlier",
        },
    )
)
def headline(asked: Asked) -> Shown:
    given = asked.snapshot.given
    parameters: dict[str, Any] = {
        "has_children": "children.looked_after_from" in given,
        "has_times": {"times of episodes.started_at", "times of episodes.ended_at"} <= given,
        "has_interview_times": {"times of episodes.ended_at", "times of return_interviews.held_at"} <= given,
    }
    rows = asked.rows(**parameters)
    intervals = [_interval(row) for row in rows.iter_rows(named=True)]
    frame = rows.with_columns(
        pl.Series("lower", [lower for lower, _ in intervals], pl.Float64), pl.Series("upper", [upper for _, upper in intervals], pl.Float64)
    )
    value = {row["measure"]: row for row in frame.iter_rows(named=True)}
    episodes, children = int(value["episodes"]["value"]), int(value["children"]["value"])
    finding = f"{many(children, 'child', 'children')} had {many(episodes, 'episode')} in {asked.scope.period.words}"
    caveats = []
    if value["rate"]["value"] is None:
        caveats.append(f"No rate: fewer than {asked.settings.smallest_nights} nights in placement are known.")
    if not parameters["has_times"]:
        caveats.append("Overnight needs times, not dates alone. Over 24 hours is then: ended two dates or more later.")
    if value["interviews_72h"]["value"] is None:
        lacking = (
            "times of return_interviews.held_at and of episodes.ended_at"
            if not parameters["has_interview_times"]
            else "five children or more who came back"
        )
        caveats.append(f"The share interviewed within 72 hours needs {lacking}.")
    if value["children"]["value"] > value["looked_after"]["value"]:
        caveats.append("More children went than are known as looked after or placed, so that their share cannot be right.")
    if "episodes.police_called" not in given:
        caveats.append("The share of police calls needs column police_called of table episodes.")
    return Shown(
        frame=frame,
        finding=finding,
        alt="; ".join(f"{MEASURES[name]}: {value_words(row)}" for name, row in value.items()) + ".",
        caveats=tuple(caveats),
        parameters=parameters,
        as_read=pl.DataFrame([_as_read(row) for row in value.values()], schema=dict.fromkeys(frame.columns, pl.String)),
    )


def _as_read(row: dict[str, Any]) -> dict[str, str | None]:
    def words(column: str) -> str | None:
        if row[column] is None:
            return None
        return number(row[column]) if column in ("numerator", "denominator") else measure_words(row["measure"], row[column])

    return {column: MEASURES[row["measure"]] if column == "measure" else words(column) for column in row}


def _interval(row: dict[str, Any]) -> tuple[float | None, float | None]:
    if row["value"] is None:
        return None, None
    if row["measure"] == "rate":
        return rate_interval(row["numerator"], row["denominator"])
    if row["measure"] in _SHARES and row["numerator"] <= row["denominator"]:
        return wilson_interval(row["numerator"], row["denominator"])
    return None, None


@figure(
    Definition(
        name="overview/open_episodes",
        title="Children who are not back",
        counts="Episodes of the scope with no end at the export's end, whenever they began.",
        matters="Each of these is a child whose return nobody has recorded. Either the child is still away or the ending was not entered.",
        source=_GUIDANCE,
        columns={
            "episode_id": "the episode",
            "child_id": "the child's pseudonym",
            "unit_id": "the unit where the child was placed when it began",
            "category": "missing or away",
            "started_at": "when the child left or was last seen",
            "hours_open": "hours from then to the export's end; whole days × 24 from a source with dates only",
            "risk": "risk as agreed with the police",
        },
        is_child_level=True,
    )
)
def open_episodes(asked: Asked) -> Shown:
    frame = asked.rows()
    end = day_words(asked.snapshot.coverage.last_day)
    if frame.is_empty():
        return Shown(frame=frame, finding=f"Every child is recorded as back on {end}", alt="No open episode.")
    long = frame.filter(pl.col("hours_open") > 28 * 24).height
    longest = frame.row(0, named=True)
    of_them = "" if frame.height == 1 else "all of them " if long == frame.height else f"{number(long)} of them "
    finding = f"{many(frame.height, 'episode')} {'is' if frame.height == 1 else 'are'} open on {end}" + (
        f", {of_them}for over 28 days" if long else ""
    )
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Table of {many(frame.height, 'open episode')}, the longest open for {number(longest['hours_open'])} hours.",
        caveats=(f"{many(long, 'episode')} open for over 28 days: check whether the return was recorded.",) if long else (),
    )


@figure(
    Definition(
        name="overview/national",
        title="Beside England",
        counts="Our children with a missing episode in each financial year that the export covers whole, and the episodes; one open on "
        "1 April counts in the new year too.",
        over="Our children looked after on any day of that year.",
        matters="How common going missing is here, by the rule that every authority in England reports by.",
        source="Department for Education, children looked after in England including adoptions: children who were missing.",
        caveat="National figures may overstate missing by 10 to 13%, because some authorities record every absence as missing.",
        columns={
            "year": "the year in which the financial year ends",
            "percent_missing": "percent of our looked-after children with a missing episode, 0 to 100",
            "episodes_per_child": "missing episodes for each of them",
            "england_percent_missing": "the same for England, 0 to 100",
            "england_episodes_per_child": "the same for England",
            "children": "our children with a missing episode",
            "episodes": "their missing episodes",
            "looked_after": "our children looked after on any day of the year",
        },
        needs=("children.looked_after_from",),
    )
)
def national(asked: Asked) -> Shown:
    frame = asked.rows()
    compared = frame.drop_nulls(["percent_missing", "england_percent_missing"])
    if compared.is_empty():
        return Shown(frame=frame, finding="No financial year is covered whole and published for England", alt="No year to compare.")
    latest = compared.row(-1, named=True)
    # The table of children may list fewer than went; a share over all of them has no interval.
    went = min(latest["children"], latest["looked_after"])
    england = latest["england_percent_missing"]
    beside = beside_england(went, latest["looked_after"], england)
    year = f"{latest['year'] - 1}-{latest['year'] % 100:02d}"
    return Shown(
        frame=frame,
        finding=f"{number(latest['percent_missing'])}% of our children went missing in {year}, {beside} England's {number(england)}%",
        measure="Percent of looked-after children with a missing episode in the financial year, whole authority",
        alt="Line chart by financial year, ours beside England's: "
        f"{number(latest['percent_missing'], 1)}% against {number(england)}% in {year}.",
        draw=lambda palette: national_chart(frame, palette),
        caveats=("This figure is of the whole authority, whatever the scope.",),
    )


def beside_england(children: int, looked_after: int, england: float) -> str:
    """How our share of looked-after children who went missing stands to England's percentage: "above", "below" or "close to" it.

    England's is published as a whole percentage, so that it lies within half a point of what is printed.
    """
    lower, upper = (100 * limit for limit in wilson_interval(children, looked_after))
    return "below" if upper < england - 0.5 else "above" if lower > england + 0.5 else "close to"


@figure(
    Definition(
        name="overview/months",
        title="Episodes month by month",
        counts="Episodes that began in the month by local date, open ones included, and the different children they were of.",
        over="Nights that children spent in placement that month, for the rate per 1,000. Limits are from this series' own past: its "
        "average and 2.66 times the mean difference from one month to the next.",
        matters="A month alone says little. Set against the months before it, it shows whether something has changed.",
        source=f"{_GUIDANCE} NHS England, Making Data Count: XmR charts.",
        columns={
            "month": "first day of the month",
            "episodes": "episodes that began in the month",
            "children": "different children with one",
            "nights": "nights in placement",
            "rate": "episodes per 1,000 nights in placement; empty below the smallest number of nights",
            "is_provisional": "part of the month is in the latest four weeks, which are still being recorded",
        },
    )
)
def months(asked: Asked) -> Shown:
    frame = asked.rows()
    past = asked.rows(period_from=asked.parameters["history_from"])
    # A month that the export covers in part would look low beside whole ones.
    whole = past.filter(
        (pl.col("month") >= asked.snapshot.coverage.first_day) & (pl.col("month").dt.month_end() <= asked.snapshot.coverage.last_day)
    )
    # An event of one unit counts where the scope names that unit.
    events = asked.rows("units/events").filter(pl.col("unit_id").is_null() | pl.col("unit_id").is_in(list(asked.scope.units or ())))
    rebases = events.filter(pl.col("is_rebase"))["happened_on"].to_list()
    series = control_limits(whole["episodes"].to_list(), whole["month"].to_list(), rebases)
    change = latest_change(series, asked.scope.period.first_month)
    if change is not None and change.is_clear(ONE_SERIES):
        finding = f"{capital(asked.episodes)} {change.verb} {change.latest_words}"
    elif series["mean"].is_null().all():
        finding = "Too few months or episodes to tell a change"
    else:
        finding = f"{capital(asked.episodes)} show no clear change in the period"
    step = "quarter" if series.height and series["months_spanned"][0] == 3 else "month"
    busiest = frame.row(int(frame["episodes"].arg_max() or 0), named=True) if frame.height else None
    described = (
        f"Control chart of {asked.episodes} a month from {month_words(series['month'][0])} to {month_words(series['month'][-1])}. "
        f"In the period the most were {many(busiest['episodes'], 'episode')} in {month_words(busiest['month'])}. {finding}."
        if busiest and series.height
        else finding
    )
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} a {step}, with the {step}s before for comparison",
        alt=described,
        draw=lambda palette: control_chart(
            series,
            palette,
            events=list(events.select("happened_on", "text").iter_rows()),
            provisional_from=asked.snapshot.coverage.last_day - timedelta(27),
        ),
        caveats=("Hollow points hold some of the latest four weeks, which are still being recorded.",)
        if frame["is_provisional"].any()
        else (),
    )


@figure(
    Definition(
        name="overview/changes",
        title="What is new",
        counts="Children who newly meet a rule for going again and again, units whose episodes are unlike their own past, places that are "
        "new, units opened or closed, and dated events of the period.",
        over="The period of the same length just before, for the rules; each unit's own past, for its episodes.",
        matters="What a reader who was here last time has not seen yet.",
        source="Rules, control charts and new places as on the Repeat runners, Units and Hotspots pages.",
        columns={
            "kind": "rule, unlike its past, new place, unit opened, unit closed or event",
            "happened_on": "the day, or the first day of the month; empty for counts over the period",
            "unit_id": "the unit that it concerns; empty for the whole authority",
            "what": "what is new, in words",
        },
    )
)
def changes(asked: Asked) -> Shown:
    recorded = asked.rows()
    rules = asked.figure("repeat_runners/trigger_counts").frame
    new = [
        {
            "kind": "rule",
            "happened_on": None,
            "unit_id": None,
            "what": f"{many(row['new'], 'child', 'children')} newly met “{row['rule']}”",
        }
        for row in rules.iter_rows(named=True)
        if row["new"]
    ]
    charts = asked.figure("units/control_chart").frame
    attention = units_by_attention(charts, asked.scope.period.first_month, asked.snapshot.unit_names)
    changed = clear_changes(attention)
    unlike = [
        {"kind": "unlike its past", "happened_on": change.first, "unit_id": unit, "what": f"{asked.unit(unit)}: {change.words}"}
        for unit, change in changed.items()
    ]
    emerging = asked.figure("hotspots/emerging")
    places = [
        {
            "kind": "new place",
            "happened_on": None,
            "unit_id": None,
            "what": f"{many(row['children_latest'], 'child', 'children')} near "
            f"{row['nearest_place']} in three months, where {number(row['children_expected'])} were expected",
        }
        for row in (emerging.frame.filter("is_emerging").iter_rows(named=True) if emerging.needs is None else ())
    ]
    # What is of one unit or place first: rules have rows of their own on the Repeat runners page.
    frame = pl.concat([pl.DataFrame([*unlike, *places], schema=recorded.schema), recorded, pl.DataFrame(new, schema=recorded.schema)])
    said = []
    if changed:
        latest = asked.unit(next(iter(changed)))
        differ = "differs from its own past:" if len(changed) == 1 else "differ from their own past, latest"
        said = [f"{len(changed)} of {many(len(attention), 'unit')} {differ} {latest}"]
    if places:
        where = dict.fromkeys(emerging.frame.filter("is_emerging")["nearest_place"])
        said += [f"new place near {next(iter(where))}" if len(where) == 1 else f"{len(where)} new places"]
    opened = recorded.filter(pl.col("kind") != "event").height
    said += [f"{opened} opened or closed"] if opened else []
    finding = capital("; ".join(said)) if said else "No unit differs from its own past, and none opened or closed"
    return Shown(frame=frame, finding=finding, alt=f"Table of {many(frame.height, 'change')}. {finding}.")
