"""How often a finding tells of a change or a difference where there is none.

    python -m benchmarks.false_alarms           # prints the table
    python -m benchmarks.false_alarms --keep    # and keeps it where the Definitions page reads it

Findings are tried on authorities in which nothing changes (`benchmarks.unchanging`), so that any that tells of a change or a difference
is a false alarm. Where the statistics alone decide they are asked by themselves; where the SQL has a part in it, the figure itself is.
Quarters of one authority share months, so that the limits given are a little too narrow.

Where a finding is of equal risk for all children, of one share, or of England, that is simulated instead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import click
import numpy as np
import polars as pl

from benchmarks.questions import table
from benchmarks.unchanging import FIRST_DAY, HISTORY, LAST_DAY, MONTHS, QUARTERS, World
from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.exports.demo.county import SETTINGS
from dashboard.exports.demo.days import MIDDLE_OF_THE_COUNTY
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.false_alarms import FILE
from dashboard.figures.figure import Figure
from dashboard.figures.overview import beside_england
from dashboard.figures.seasons_days import EVENINGS, SCHOOL, Kinds
from dashboard.scope import month_after
from dashboard.settings import load_settings
from dashboard.statistics.concentration import children_for_half, equal_risk_band
from dashboard.statistics.funnel import compared, compared_shares, reading
from dashboard.statistics.intervals import poisson_interval, wilson_interval
from dashboard.statistics.seasons import calendar_months, ratio_interval
from dashboard.statistics.shares import told_apart, with_comparison
from dashboard.statistics.spc import ONE_OF_MANY, ONE_SERIES, Change, control_limits, latest_change

_SMALLEST_NIGHTS, _SMALLEST_CHILDREN = 500, 5
# Looked-after children of an authority like the demo's in a year, and the share of them that England says go missing.
_LOOKED_AFTER, _ENGLAND = 2_500, 11.0


def _counts(world: World, by: str) -> np.ndarray:
    """Episodes of each of `by` in each month."""
    counts = np.zeros((world.authorities * (len(SETTINGS) if by == "unit" else 1), len(MONTHS)), dtype=int)
    place_of = {month: n for n, month in enumerate(MONTHS)}
    for key, month, episodes in world.episodes.group_by(by, "month").agg(pl.len()).iter_rows():
        counts[key, place_of[month]] = episodes
    return counts


def _busiest(world: World, every: str) -> dict[tuple[int, date], int]:
    """The most episodes that one child had from a unit in each month or quarter."""
    by_child = world.by_child.group_by("unit", "child", pl.col("month").dt.truncate(every)).agg(pl.col("episodes").sum())
    return {(unit, month): most for unit, month, most in by_child.group_by("unit", "month").agg(pl.col("episodes").max()).iter_rows()}


def _unit_changes(world: World) -> Iterator[tuple[int, int, Change | None]]:
    """The latest change of each unit that has limits, at each quarter's end: authority, end, change."""
    counts = _counts(world, "unit")
    most = {1: _busiest(world, "1mo"), 3: _busiest(world, "1q")}
    for unit in range(len(counts)):
        for end in QUARTERS:
            months = MONTHS[end - HISTORY : end]
            series = control_limits(counts[unit, end - HISTORY : end].tolist(), months)
            if series["mean"].null_count() < series.height:
                by_one = [most[span].get((unit, month), 0) for month, span in series.select("month", "months_spanned").iter_rows()]
                yield unit // len(SETTINGS), end, latest_change(series.with_columns(most_of_one_child=pl.Series(by_one)), months[-3])


def a_unit_is_marked(world: World) -> list[bool]:
    return _any_by_quarter(world, ((authority, end) for authority, end, change in _unit_changes(world) if change))


def a_unit_changed(world: World) -> list[bool]:
    clear = ((a, end) for a, end, change in _unit_changes(world) if change and change.is_clear(ONE_OF_MANY))
    return _any_by_quarter(world, clear)


def _any_by_quarter(world: World, found: Iterator[tuple[int, int]]) -> list[bool]:
    alarms = set(found)
    return [quarter in alarms for quarter in world.quarters()]


def the_authority_changed(world: World) -> list[bool]:
    counts = _counts(world, "authority")
    alarms = []
    for authority, end in world.quarters():
        months = MONTHS[end - HISTORY : end]
        change = latest_change(control_limits(counts[authority, end - HISTORY : end].tolist(), months), months[-3])
        alarms.append(change is not None and change.is_clear(ONE_SERIES))
    return alarms


def _year(world: World, end: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of the twelve months before a quarter's end: episodes by unit and child, and placements with their nights."""
    first, after = MONTHS[end - 12], month_after(MONTHS[end - 1], 1)
    gone = world.by_child.filter(pl.col("month").is_between(first, after, closed="left"))
    gone = gone.group_by("authority", "unit", "child").agg(pl.col("episodes").sum().cast(pl.Int64))
    nights = (pl.min_horizontal("ended", pl.lit(after)) - pl.max_horizontal("started", pl.lit(first))).dt.total_days()
    stays = world.placements.with_columns(nights=nights).filter(pl.col("nights") > 0)
    return gone, stays.group_by("authority", "unit", "kind", "child").agg(pl.col("nights").sum())


def a_unit_has_another_rate(world: World) -> list[bool]:
    def alarms(end: int) -> set[int]:
        gone, stays = _year(world, end)
        busiest = gone.sort("episodes", "child", descending=[True, False]).group_by("unit", maintain_order=True).first()
        busiest = busiest.join(stays, on=["unit", "child"], how="left").select("unit", most="episodes", most_nights="nights")
        units = (
            stays.group_by("authority", "unit", "kind")
            .agg(pl.col("nights").sum())
            .join(gone.group_by("unit").agg(pl.col("episodes").sum()), on="unit", how="left")
            .join(busiest, on="unit", how="left")
            .with_columns(pl.col("episodes", "most", "most_nights").fill_null(0))
            .with_columns(rate=(pl.col("episodes").sum() / pl.col("nights").sum()).over("authority", "kind"))
            .with_columns(
                kind=pl.format("{}|{}", "authority", "kind"),
                expected=pl.col("nights") * pl.col("rate"),
                is_large_enough=pl.col("nights") >= _SMALLEST_NIGHTS,
                episodes_without_busiest=pl.col("episodes") - pl.col("most"),
                expected_without_busiest=(pl.col("nights") - pl.col("most_nights")) * pl.col("rate"),
            )
        )
        judged, _ = compared(units)
        fewer = _shares(world, end).filter(pl.col("outside") == "low")["unit"].to_list()
        return set(judged.filter(reading(pl.col("unit").is_in(fewer)).is_in(["high", "low"]))["authority"])

    return _by_end(world, alarms)


def a_unit_has_another_share(world: World) -> list[bool]:
    return _by_end(world, lambda end: set(_shares(world, end).filter(pl.col("outside").is_in(["high", "low"]))["authority"]))


def _shares(world: World, end: int) -> pl.DataFrame:
    """Units by the share of their children who went in the twelve months before a quarter's end, with the limits of their kind."""
    gone, stays = _year(world, end)
    children = stays.join(gone, on=["unit", "child"], how="left")
    return compared_shares(
        children.group_by("authority", "unit", "kind")
        .agg(children_placed=pl.len(), children_missing=pl.col("episodes").is_not_null().sum())
        .with_columns(
            share=pl.col("children_missing") / pl.col("children_placed"),
            kind_share=(pl.col("children_missing").sum() / pl.col("children_placed").sum()).over("authority", "kind"),
            kind=pl.format("{}|{}", "authority", "kind"),
            is_large_enough=pl.col("children_placed") >= _SMALLEST_CHILDREN,
        )
    )


def _by_end(world: World, alarms: Callable[[int], set[int]]) -> list[bool]:
    found = {end: alarms(end) for end in QUARTERS}
    return [authority in found[end] for authority, end in world.quarters()]


def a_month_stands_apart(world: World) -> list[bool]:
    counts = _counts(world, "authority")
    alarms = []
    for authority, end in world.quarters():
        months = MONTHS[end - HISTORY : end]
        found = calendar_months(
            pl.DataFrame(
                {
                    "calendar_month": [month.month for month in months],
                    "level": [month.year for month in months],
                    "episodes": counts[authority, end - HISTORY : end],
                    "exposure": [(month_after(month, 1) - month).days for month in months],
                }
            )
        )
        alarms.append(not found.filter((pl.col("lower") > 1) | (pl.col("upper") < 1)).is_empty())
    return alarms


def a_weekday_stands_out(world: World) -> list[bool]:
    def alarms(end: int) -> set[int]:
        first, after = MONTHS[end - 12], month_after(MONTHS[end - 1], 1)
        days = np.bincount([(first + timedelta(n)).weekday() for n in range((after - first).days)], minlength=7)
        episodes = world.episodes.filter(pl.col("day").is_between(first, after, closed="left"))
        found = set()
        for (authority,), of_authority in episodes.group_by("authority"):
            counts = np.bincount(of_authority["day"].dt.weekday() - 1, minlength=7)
            most = int(counts.argmax())
            if poisson_interval(int(counts[most]), 1 - 0.05 / 7)[0] > counts.sum() * days[most] / days.sum():
                found.add(int(authority))  # type: ignore[call-overload]
        return found

    return _by_end(world, alarms)


def another_rate_on(kind: pl.Expr, others: Sequence[str], kinds: Kinds) -> Callable[[World], list[bool]]:
    """Whether in twelve months any of `others` has another rate than the measure of `kinds`, days being sorted by `kind`, an
    expression over day, sunset and is_term. Over days and not nights: as many places are filled on each."""
    term_dates = pl.read_csv(load_settings().term_dates, try_parse_dates=True).select("kind", day=pl.date_ranges("first_day", "last_day"))
    school = term_dates.explode("day").group_by("day").agg(is_term=(pl.col("kind") == "term").all())
    light = sun_and_bank_holidays(FIRST_DAY, LAST_DAY, *MIDDLE_OF_THE_COUNTY).rename({"date": "day"})
    sorted_days = light.join(school, on="day", how="left").select("day", kind_of_day=kind)

    def alarms(world: World, end: int) -> set[int]:
        days = sorted_days.filter(pl.col("day").is_between(MONTHS[end - 12], month_after(MONTHS[end - 1], 1), closed="left"))
        exposure = dict(days.group_by("kind_of_day").len().iter_rows())
        counts = [(pl.col("kind_of_day") == one).sum().cast(pl.Int64).alias(one) for one in (*others, kinds.measure)]
        by_child = world.episodes.join(days, on="day").group_by("authority", "child").agg(counts)
        found = set()
        for (authority,), children in by_child.group_by("authority"):
            for other in others:
                both = children.select(hits=other, tries=pl.col(other) + pl.col(kinds.measure)).filter(pl.col("tries") > 0)
                hits, tries = both.sum().row(0)
                unevenness = both.select(((pl.col("hits") - hits / tries * pl.col("tries")) ** 2).sum()).item()
                exposures = exposure[other], exposure[kinds.measure]
                lower, upper = ratio_interval(hits, tries - hits, *exposures, unevenness, both.height, kinds.level)
                if lower > 1 or upper < 1:
                    found.add(int(authority))  # type: ignore[call-overload]
        return found

    return lambda world: _by_end(world, lambda end: alarms(world, end))


_LIGHT = pl.when(pl.col("sunset") > 20).then(pl.lit("light")).when(pl.col("sunset") < 17).then(pl.lit("dark"))
_SUMMER = pl.col("day").dt.month().is_between(7, 9)
_SCHOOL = (
    pl.when("is_term")
    .then(pl.lit("term"))
    .when(~pl.col("is_term") & _SUMMER)
    .then(pl.lit("summer"))
    .when(~pl.col("is_term"))
    .then(pl.lit("shorter"))
)


def more_concentrated_than_chance(world: World) -> list[bool]:
    """Of as many children as go in a year, each with the same risk."""
    rng = np.random.default_rng(1)
    alarms = []
    for _ in range(world.authorities * 4):
        counts = np.sort(rng.poisson(1.9, 300))[::-1]
        counts = counts[counts > 0]
        band = equal_risk_band(len(counts), int(counts.sum()))
        half = int(np.argmax(2 * np.cumsum(counts) >= counts.sum())) + 1
        alarms.append(half < children_for_half(band, "chance_upper"))
    return alarms


def unlike_england(world: World) -> list[bool]:
    """A year of an authority in which children go as in England, whose share is published as a whole percentage."""
    rng = np.random.default_rng(4)
    shares = (_ENGLAND + rng.uniform(-0.5, 0.5, world.authorities * 4)) / 100
    went = rng.binomial(_LOOKED_AFTER, shares)
    return [beside_england(int(children), _LOOKED_AFTER, _ENGLAND) != "close to" for children in went]


def a_share_rose_or_fell(world: World) -> list[bool]:
    """A share of episodes in twelve months beside the twelve before, each child being like itself."""

    def alarms(end: int) -> set[int]:
        (now, before) = (_by_child_of(world, end - months) for months in (0, 12))
        return {a for a in range(world.authorities) if told_apart(now[a], before[a]) != "no clear difference"}

    return _by_end(world, alarms)


def _by_child_of(world: World, end: int) -> dict[int, tuple[int, int, int]]:
    """Authority → hits, tries and the children of each unit, of the twelve months before `end`."""
    year = world.alike.filter(pl.col("month").is_between(MONTHS[end - 12], MONTHS[end - 1]))
    counted = year.group_by("authority").agg(pl.col("is_hit").sum(), pl.len(), pl.struct("unit", "child").n_unique())
    return {authority: (hits, tries, children) for authority, hits, tries, children in counted.iter_rows()}


def a_unit_is_unlike_the_others(world: World) -> list[bool]:
    """A share of episodes of one unit beside all others in twelve months, each child being like itself."""

    def alarms(end: int) -> set[int]:
        year = world.alike.filter(pl.col("month").is_between(MONTHS[end - 12], MONTHS[end - 1]))
        units = year.group_by("authority", "unit").agg(hits=pl.col("is_hit").sum(), tries=pl.len(), children=pl.col("child").n_unique())
        share = pl.when(pl.col("children") >= _SMALLEST_CHILDREN).then(pl.col("hits") / pl.col("tries"))
        found = set()
        for (authority,), of_one in units.with_columns(share=share).group_by("authority"):
            told = with_comparison(of_one, "share", "hits", pl.col("tries"))
            if told["compared"].is_in(["higher", "lower"]).any():
                found.add(int(authority))  # type: ignore[call-overload]
        return found

    return _by_end(world, alarms)


def _asked(name: str, tells: Callable[[Figure], bool], world: World, *, moves_at_random: bool = False) -> list[bool]:
    """Whether the figure of that name, asked for each quarter, tells of something."""
    return [tells(world.figure(name, authority, end, moves_at_random=moves_at_random)) for authority, end in world.quarters()]


def _begins(*words: str) -> Callable[[Figure], bool]:
    return lambda figure: figure.finding.startswith(words)


def _ends(*words: str) -> Callable[[Figure], bool]:
    return lambda figure: figure.finding.endswith(words)


def _says(*words: str) -> Callable[[Figure], bool]:
    return lambda figure: any(word in figure.finding for word in words)


def _interviews_differ(figure: Figure) -> bool:
    """The caveat of two groups of returns that says how many were followed, and nothing of "no clear difference"."""
    return any("went with" in caveat and "no clear difference" not in caveat for caveat in figure.caveats)


def _any_unlike_the_others(figure: Figure) -> bool:
    return bool(figure.frame["compared"].is_in(["higher", "lower"]).any())


WORKED_OUT: tuple[tuple[str, str, Callable[[World], list[bool]]], ...] = (
    ("units/control_chart, as drawn", "a rule marks a unit in the latest quarter", a_unit_is_marked),
    ("units/control_chart, overview/changes", "a unit differs from its own past", a_unit_changed),
    ("overview/months", "the authority's episodes differ from their past", the_authority_changed),
    ("units/funnel_episodes", "a unit has a higher or lower rate than others of its kind", a_unit_has_another_rate),
    ("units/funnel_children", "more or fewer of a unit's children went than of its kind", a_unit_has_another_share),
    ("seasons/month_of_year", "a month of the year is above or below the average month", a_month_stands_apart),
    ("seasons/week_clock", "most episodes begin on one day of the week", a_weekday_stands_out),
    ("seasons/light_evenings", "light evenings have another rate than dark ones", another_rate_on(_LIGHT, ["light"], EVENINGS)),
    ("seasons/holidays", "a kind of school holidays has another rate than term", another_rate_on(_SCHOOL, ["summer", "shorter"], SCHOOL)),
    (
        "repeat_runners/concentration",
        "fewer children have half of the episodes than equal risk would give, of children at equal risk",
        more_concentrated_than_chance,
    ),
    (
        "police_calls/months, police_calls/called, return_interviews/coverage",
        "a share rose or fell, each child being like itself",
        a_share_rose_or_fell,
    ),
    (
        "police_calls/known_whereabouts, police_calls/missing_not_called, return_interviews/unit_coverage, return_interviews/declined",
        "a unit's share is unlike that of the others, each child being like itself",
        a_unit_is_unlike_the_others,
    ),
    ("overview/national", "children go missing more or less often than in England", unlike_england),
)

# To ask the figures themselves takes much longer.
ASKED: tuple[tuple[str, str, Callable[[World], list[bool]]], ...] = (
    (
        "repeat_runners/together",
        "two children went together more often than chance",
        partial(_asked, "repeat_runners/together", lambda figure: bool(figure.frame["is_beyond_chance"].any())),
    ),
    (
        "repeat_runners/without_top",
        "episodes without the five most frequent differ from their past",
        partial(_asked, "repeat_runners/without_top", _begins("Without the top five, episodes")),
    ),
    (
        "repeat_runners/after_move",
        "more or fewer episodes after a move than before it, moves being on random days",
        partial(_asked, "repeat_runners/after_move", _ends(": higher", ": lower"), moves_at_random=True),
    ),
    (
        "repeat_runners/return_to_missing",
        "an interview in time goes with more or fewer who go again, in a note",
        partial(_asked, "repeat_runners/return_to_missing", _interviews_differ),
    ),
    (
        "return_interviews/gone_again",
        "an interview in time goes with more or fewer who go again",
        partial(_asked, "return_interviews/gone_again", _begins("An interview went with")),
    ),
    (
        "seasons/season_strength",
        "the months of the year differ",
        partial(_asked, "seasons/season_strength", _begins("The months of the year differ")),
    ),
    (
        "seasons/night_starts",
        "a unit is marked for how many of its episodes begin at night",
        partial(_asked, "seasons/night_starts", _any_unlike_the_others),
    ),
    (
        "hotspots/emerging",
        "a place is new",
        partial(_asked, "hotspots/emerging", _says("New near", "more children than expected")),
    ),
    (
        "police_calls/funnel_called",
        "a unit reports more or fewer of its episodes than others, each child being like itself",
        partial(_asked, "police_calls/funnel_called", _says("of its episodes than others", "of their episodes than units usually do")),
    ),
)


@click.command()
@click.option("--authorities", type=int, default=100, show_default=True, help="Authorities like the demo's, six years of each.")
@click.option("--asked", type=int, default=31, show_default=True, help="How many for the findings that are asked of the figure itself.")
@click.option("--seed", type=int, default=2026, show_default=True)
@click.option("--keep", is_flag=True, help="Keep the table where the Definitions page reads it.")
def main(authorities: int, asked: int, seed: int, keep: bool) -> None:
    """Measure and print how often each finding is given where there is nothing to find."""
    many, few = World.of(seed, authorities), World.of(seed, asked)
    rows = []
    for finding, says, alarms_of, world in [*((*one, many) for one in WORKED_OUT), *((*one, few) for one in ASKED)]:
        alarms = alarms_of(world)
        lower, upper = wilson_interval(sum(alarms), len(alarms))
        rows.append({"finding": finding, "says": says, "looked_at": len(alarms), "alarms": sum(alarms), "lower": lower, "upper": upper})
        click.echo(f"{finding}: {sum(alarms)} of {len(alarms):,}", err=True)
    measured = pl.DataFrame(rows).with_columns(pl.col("lower", "upper").round(4), share=(pl.col("alarms") / pl.col("looked_at")).round(4))
    said = [
        (row["finding"], row["says"], f"{row['looked_at']:,}", f"{row['share']:.1%}", f"{row['lower']:.1%} to {row['upper']:.1%}")
        for row in measured.iter_rows(named=True)
    ]
    click.echo(table(["finding", "says", "quarters", "false alarms", "95% limits"], said))
    if keep:
        measured.write_csv(Path(FILE))


if __name__ == "__main__":
    main()
