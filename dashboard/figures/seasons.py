"""The figures of the Seasons page: the months of the year and how strong they are, the clock of the week, the night staff's share of
it, the calendar."""

from __future__ import annotations

import calendar as calendars
from datetime import date, timedelta
from typing import Any

import polars as pl

from dashboard.charts.calendar import calendar as calendar_chart
from dashboard.charts.month_of_year import month_of_year as month_of_year_chart
from dashboard.charts.ranked_shares import MOST_ROWS, ShareRow, busiest, ranked_shares
from dashboard.charts.week_clock import KINDS
from dashboard.charts.week_clock import week_clock as week_clock_chart
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import day_words, listed, many, month_words, number, per_thousand, percent
from dashboard.statistics.intervals import poisson_interval, rate_interval
from dashboard.statistics.seasons import (
    FEWEST_MONTHS,
    FEWEST_MONTHS_FOR_STRENGTH,
    calendar_months,
    season_strength,
)
from dashboard.statistics.shares import with_comparison, with_limits

_NO_SEASON = "No seasonal pattern can be told from chance"
# Below this no season is spoken of, whatever chance gives.
_WEAK = 0.3


@figure(
    Definition(
        name="seasons/month_of_year",
        title="Months of the year",
        counts="Episodes that began in the month by local date, open ones included, in each whole month of the period; of 36 months "
        "where the period is shorter.",
        over="Nights in placement that month, for the rate per 1,000 with its 95% interval.",
        matters="Staff rotas and holiday plans can be set to a season, if there is one. Most areas have none that is strong.",
        source="Interval: exact Poisson below 10 episodes, Byar's approximation from 10. Season: each calendar month against the average "
        "month of its own year, fitted by maximum likelihood, with quasi-Poisson limits at 95% for the twelve months together.",
        columns={
            "calendar_month": "1 January to 12 December",
            "year": "calendar year",
            "episodes": "episodes that began in the month",
            "nights": "nights in placement",
            "rate": "episodes per 1,000 nights in placement; empty below the smallest number of nights",
            "lower": "lower 95% limit of the rate",
            "upper": "upper 95% limit of the rate",
            "run": "stretch of months between changes of recording, from 1; months of two runs are not compared",
        },
        caveat="A month is named only when it stands apart from the average month in its own years by more than chance.",
    )
)
def month_of_year(asked: Asked) -> Shown:
    frame = _with_limits(asked.rows())
    total = int(frame["episodes"].sum())
    if not total:
        return Shown(frame=frame, finding=f"No {asked.episodes} in these years", alt="No episodes to draw.")
    has_nights = "placements" in asked.snapshot.given
    without_rate = frame["rate"].null_count()
    finding = _season(frame, has_nights)
    value, title = (
        ("episodes", "Episodes a month") if 2 * without_rate > frame.height else ("rate", "Episodes per 1,000 nights in placement")
    )
    caveats = [
        f"Recording changed in {month_words(month)}: months before it are not compared with those after, and dashed where drawn."
        for month in _rebased(frame)
    ]
    if not has_nights:
        caveats.append("Without placements there is no rate: episodes are counted, and set against the days of the month.")
    elif without_rate:
        caveats.append(f"{many(without_rate, 'month')} with fewer than {asked.settings.smallest_nights:,} nights in placement: no rate.")
    return Shown(
        frame=frame,
        finding=finding,
        alt=_months_alt(frame, value, title, finding),
        measure="By calendar month, a line a year",
        draw=lambda palette: month_of_year_chart(frame, value, title, palette),
        caveats=(*caveats, *still_being_recorded(asked)),
    )


def _with_limits(rows: pl.DataFrame) -> pl.DataFrame:
    limits = [
        rate_interval(episodes, nights) if rate is not None else (None, None)
        for episodes, nights, rate in rows.select("episodes", "nights", "rate").iter_rows()
    ]
    return rows.with_columns(
        lower=pl.Series([lower for lower, _ in limits], dtype=pl.Float64),
        upper=pl.Series([upper for _, upper in limits], dtype=pl.Float64),
    )


def _season(frame: pl.DataFrame, has_nights: bool) -> str:
    """The months that stand apart, or the words why none is named."""
    if frame.height < FEWEST_MONTHS:
        return f"Too few months to tell a season: {frame.height} of the {FEWEST_MONTHS} needed"
    days = [calendars.monthrange(year, month)[1] for year, month in frame.select("year", "calendar_month").iter_rows()]
    compared = calendar_months(
        frame.select(
            "calendar_month",
            "episodes",
            level=pl.col("year") * 1000 + pl.col("run"),
            exposure=pl.col("nights") if has_nights else pl.Series(days),
        )
    )
    if compared.is_empty():
        return "Too few episodes to tell a season"
    # The two that stand out most on each side: a finding is one short sentence.
    higher = compared.filter(pl.col("lower") > 1).sort("ratio", descending=True)["calendar_month"].head(2).sort()
    lower = compared.filter(pl.col("upper") < 1).sort("ratio")["calendar_month"].head(2).sort()
    sides = [
        f"{side} in {listed(calendars.month_name[month] for month in months)}"
        for side, months in (("above the average month", higher), ("below it" if len(higher) else "below the average month", lower))
        if len(months)
    ]
    return f"Episodes are {listed(sides)}" if sides else _NO_SEASON


def _rebased(frame: pl.DataFrame) -> list[date]:
    """The first month of each run but the first."""
    starts = frame.group_by("run", maintain_order=True).first().filter(pl.col("run") > 1)
    return [date(year, month, 1) for year, month in starts.select("year", "calendar_month").iter_rows()]


def _months_alt(frame: pl.DataFrame, value: str, title: str, finding: str) -> str:
    known = frame.drop_nulls(value).sort(value)
    if known.is_empty():
        return f"Line chart without a line: {finding}."

    def said(row: dict) -> str:
        much = per_thousand(row[value]) if value == "rate" else number(row[value])
        return f"{much} in {month_words(date(row['year'], row['calendar_month'], 1))}"

    lowest, highest = known.row(0, named=True), known.row(-1, named=True)
    first_year, last_year = frame["year"][0], frame["year"][-1]
    return (
        f"Line chart of {title[0].lower()}{title[1:]} by calendar month, a line a year from {first_year} to {last_year}. "
        f"The lowest is {said(lowest)}, the highest {said(highest)}. {finding}."
    )


@figure(
    Definition(
        name="seasons/week_clock",
        title="Clock of the week",
        counts="Episodes by weekday and two hours of the day, local time, in which they began, in term and in school holidays apart. "
        "A weekend counts as term when the weeks about it do.",
        over="Days of that weekday in term or in holidays, for the number in every 10 weeks.",
        matters="Two staff at night, and when children are out of school: the hours to plan for.",
        source="Term dates: the authority's settings. Sunrise and sunset: worked out for the authority's point.",
        columns={
            "weekday": "1 Monday to 7 Sunday",
            "hour_from": "first of the two hours, local time, 0 to 22",
            "is_term": "school term; empty where no term dates are known for the period",
            "episodes": "episodes that began then",
            "children": "different children with one",
            "weeks": "days of that weekday and kind in the period",
            "per_10_weeks": "episodes for every 10 such weeks",
            "dark_share": "share of the two hours before sunrise or after sunset, over those days",
        },
        caveat="The hour is when the child left or was last seen, which is later noticed for some.",
        needs=("times of episodes.started_at",),
    )
)
def week_clock(asked: Asked) -> Shown:
    frame = asked.rows()
    total = int(frame["episodes"].sum())
    finding = _busiest_hours(frame, total) or f"No {asked.episodes} in {asked.scope.period.words}"
    weeks = ", ".join(
        f"{KINDS[kind].lower()} {many(round(days / 7), 'week')}"
        for kind, days in frame.filter(pl.col("hour_from") == 0)
        .group_by("is_term", maintain_order=True)
        .agg(pl.col("weeks").sum())
        .iter_rows()
    )
    return Shown(
        frame=frame,
        finding=finding,
        alt=_clock_alt(frame, finding) if total else "No episodes to draw.",
        measure=f"Episodes that began, for every 10 weeks: {weeks}. Blank: none",
        draw=(lambda palette: week_clock_chart(frame, palette)) if total else None,
        caveats=days_left_out(asked),
    )


def _busiest_hours(frame: pl.DataFrame, total: int) -> str:
    """The shortest stretch of the day in which half of the episodes began, and the weekday with most of
    them where it stands out from the others."""
    if not total:
        return ""
    if total < 12:
        return f"{many(total, 'episode')}: too few to show a time of day"
    by_hour = dict(frame.group_by("hour_from").agg(pl.col("episodes").sum()).iter_rows())
    # From 06:00 on, so that of two equal stretches the one earlier in the day is named.
    stretches = [
        (length, -sum(by_hour[(6 + start + 2 * step) % 24] for step in range(length)), start)
        for length in range(1, 13)
        for start in range(0, 24, 2)
    ]
    length, began, start = min(stretch for stretch in stretches if -2 * stretch[1] >= total)
    if length > 4:
        hours = "Episodes begin at all hours: no third of the day has half of them"
    else:
        first = (6 + start) % 24
        hours = f"{-began:,} of {total:,} episodes began between {first:02d}:00 and {(first + 2 * length) % 24:02d}:00"
    by_day = frame.group_by("weekday").agg(pl.col("episodes").sum(), pl.col("weeks").sum()).sort("episodes", descending=True)
    day, most, weeks = by_day.row(0)
    # Seven days are looked at together, so that each has a seventh of the doubt (Bonferroni).
    stands_out = poisson_interval(most, 1 - 0.05 / 7)[0] > total * weeks / by_day["weeks"].sum()
    return hours + (f"; most on {calendars.day_name[day - 1]}s, {most:,}" if stands_out else "")


def _clock_alt(frame: pl.DataFrame, finding: str) -> str:
    busiest = frame.sort("per_10_weeks", descending=True, nulls_last=True).row(0, named=True)
    kinds = " and ".join(KINDS[kind].lower() for kind in frame["is_term"].unique(maintain_order=True))
    return (
        f"Heat map of weekdays by two hours of the day, {kinds}, with the share of darkness beneath. The fullest cell is "
        f"{calendars.day_name[busiest['weekday'] - 1]} from {busiest['hour_from']:02d}:00 in {KINDS[busiest['is_term']].lower()}, with "
        f"{number(busiest['per_10_weeks'], 1)} episodes for every 10 weeks. {finding}."
    )


def days_left_out(asked: Asked) -> tuple[str, ...]:
    days = asked.rows("seasons/calendar")
    unknown = days.filter(pl.col("is_term").is_null())
    if unknown.is_empty():
        return ()
    if unknown.height == days.height:
        return ("No term dates are known for this period, so that all weeks are taken together.",)
    return (
        f"The term dates do not reach {many(unknown.height, 'day')} of the period, with {many(int(unknown['episodes'].sum()), 'episode')}: "
        "they are left out.",
    )


@figure(
    Definition(
        name="seasons/calendar",
        title="Calendar",
        counts="Episodes that began on each day by local date, open ones included.",
        matters="Shows the days behind a month: a run of days by one group, a bank holiday, a school break.",
        source="Bank holidays: England. Term dates: the authority's settings. Sunset: worked out for the authority's point.",
        columns={
            "date": "day",
            "episodes": "episodes that began on it",
            "is_term": "school term; empty where the term dates do not reach",
            "is_bank_holiday": "bank holiday in England",
            "sunset": "local time of sunset, hours and minutes",
        },
    )
)
def calendar(asked: Asked) -> Shown:
    frame = asked.rows()
    total = int(frame["episodes"].sum())
    if not total:
        return Shown(frame=frame, finding=f"No {asked.episodes} in {asked.scope.period.words}", alt="No episodes to draw.")
    most, none = max(frame["episodes"]), int((frame["episodes"] == 0).sum())
    busiest = frame.filter(pl.col("episodes") == most)["date"].to_list()
    when = f"on {day_words(busiest[0])}" if len(busiest) == 1 else f"on {len(busiest)} days"
    finding = f"The most in one day was {most:,}, {when}; {many(none, 'day')} had none"
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Calendar of {many(frame.height, 'day')}, {asked.scope.period.words}, with {many(total, 'episode')}. {finding}.",
        measure="Episodes that began on each day. Outlined: school holidays. Dot: bank holiday",
        draw=lambda palette: calendar_chart(frame, palette),
        caveats=still_being_recorded(asked),
    )


def still_being_recorded(asked: Asked) -> tuple[str, ...]:
    since = asked.snapshot.coverage.last_day - timedelta(27)
    if asked.scope.period.last_day < since:
        return ()
    return (f"Days from {day_words(since)} on are still being recorded.",)


@figure(
    Definition(
        name="seasons/season_strength",
        title="Strength of the season",
        counts="How much of what episodes vary by, beside their trend, goes with the month of the year: 0 none of it, 1 all of it.",
        over="Whole months of the period, or 36 where it is shorter, since recording last changed; 36 at least.",
        matters="A season that is weak is no ground for a plan: another year's months will differ.",
        source="STL (Cleveland and others 1990) with a seasonal window of 7; strength by Wang, Smith and Hyndman 2006. A "
        "decomposition finds some season in anything: the second number is what 99% of 499 series stay under that have the same trend "
        "and no season.",
        columns={
            "strength": "share of the variance of season and remainder that the season makes, 0 to 1; empty under 36 months",
            "months": "months that it was worked out of",
            "strength_by_chance": "what 99% of series without a season stay under; empty under 36 months",
        },
        caveat="Not read across a change of recording.",
    )
)
def strength(asked: Asked) -> Shown:
    rows = asked.rows()
    months = rows.height
    is_enough = months >= FEWEST_MONTHS_FOR_STRENGTH and int(rows["episodes"].sum()) > 0
    value = "per_day" if rows["rate"].null_count() else "rate"
    found, by_chance = season_strength(rows[value].to_list()) if is_enough else (None, None)
    frame = pl.DataFrame(
        {"strength": [found], "months": [months], "strength_by_chance": [by_chance]},
        schema={"strength": pl.Float64, "months": pl.Int64, "strength_by_chance": pl.Float64},
    )
    caveats: tuple[str, ...] = ()
    if found is None or by_chance is None:
        finding = (
            f"Too few months for the strength of a season: {months} of {FEWEST_MONTHS_FOR_STRENGTH}"
            if months < FEWEST_MONTHS_FOR_STRENGTH
            else f"No {asked.episodes} in these months"
        )
    else:
        is_season = found >= _WEAK and found > by_chance
        finding = f"The months of the year differ: strength {found:.2f}, {by_chance:.2f} by chance" if is_season else _NO_SEASON
        of = "episodes per 1,000 nights in placement" if value == "rate" else "episodes a day: some months have too few nights for a rate"
        first, last = rows["month"][0], rows["month"][-1]
        caveats = (f"Worked out of {month_words(first)} to {month_words(last)}, from {of}.",)
    return Shown(frame=frame, finding=finding, alt=f"{finding}.", measure="0: no season. 1: nothing but season and trend", caveats=caveats)


@figure(
    Definition(
        name="seasons/night_starts",
        title="Episodes that begin while nights are staffed",
        counts="Episodes that began in the hours of night staffing, local time, by the unit at the time.",
        over="Episodes that began at a known hour.",
        matters="Most units have two staff at night: one who goes out to look leaves one behind.",
        source="Hours of night staffing: settings. Interval: Wilson, 95%. A unit is told from all others together at 99.8%, "
        "each child counted once in each unit (Newcombe 1998).",
        columns={
            "unit_id": "unit; empty for all together, those with no unit known too",
            "episodes": "episodes that began at a known hour",
            "night_episodes": "of these, those that began while nights are staffed",
            "children": "different children with one",
            "share": "night episodes ÷ episodes; empty below the smallest number of children",
            "lower": "lower 95% limit of the share",
            "upper": "upper 95% limit of the share",
            "compared": "how the share stands to that of all other units together; empty where there is none to compare",
        },
        caveat="The hour is when the child left or was last seen, which is later noticed for some.",
        needs=("times of episodes.started_at",),
    )
)
def night_starts(asked: Asked) -> Shown:
    first, last = asked.settings.night_from, asked.settings.night_to
    hours: dict[str, Any] = {"night_from": first, "night_to": last}
    rows = asked.rows(**hours)
    frame = with_limits(rows, "share", "night_episodes", pl.col("episodes"))
    of_units = with_comparison(frame.filter(~pl.col("is_whole")), "share", "night_episodes", pl.col("episodes"))
    frame = pl.concat([frame.filter("is_whole").with_columns(compared=pl.lit(None, pl.String)), of_units])
    if frame.is_empty():
        return Shown(
            frame=frame, finding=f"No {asked.episodes} in {asked.scope.period.words}", alt="No episodes to draw.", parameters=hours
        )
    whole = frame.row(0, named=True)
    night = f"between {first:02d}:00 and {last:02d}:00"
    finding = f"{whole['night_episodes']:,} of {whole['episodes']:,} episodes began {night}, when nights are staffed"
    shown = busiest(of_units, "episodes").sort(pl.col("share"), "episodes", descending=True, nulls_last=True)
    chart_rows = [
        ShareRow(
            asked.unit(row["unit_id"]),
            row["night_episodes"],
            row["episodes"],
            row["share"],
            row["lower"],
            row["upper"],
            row["compared"],
        )
        for row in shown.iter_rows(named=True)
    ]
    even = ((last - first) % 24 or 24) / 24
    lines = [(whole["share"], f"All units {percent(whole['share'])}")] if whole["share"] is not None else []
    told = of_units.filter(pl.col("compared").is_in(["higher", "lower"])).height
    small = of_units["share"].null_count()
    caveats = [f"{many(small, 'unit')} with fewer than {asked.settings.smallest_children} children: counts and no share."] if small else []
    if of_units.height > MOST_ROWS:
        caveats.append(f"The chart shows the {MOST_ROWS} units with most episodes; the table has all {of_units.height}.")
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Shares with 95% limits of {many(shown.height, 'unit')}, of episodes that began {night}. {finding}. "
        + (f"{many(told, 'unit')} can be told from the others." if told else "No unit can be told from the others."),
        measure=f"Share of each unit's episodes that began {night}, with its 95% interval. These hours are {percent(even)} of the day",
        draw=(lambda palette: ranked_shares(chart_rows, palette, lines=lines)) if chart_rows else None,
        caveats=tuple(caveats),
        parameters=hours,
    )
