"""The Seasons figures, against plain Python and by their rules."""

from __future__ import annotations

import random
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given

from dashboard.charts.theme import LIGHT
from dashboard.figures.figure import build
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import seasons as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc

YEAR = Scope(Period.parse("2024-01-01..2024-12-31"))
FOUR_YEARS = (date(2020, 7, 1), date(2024, 6, 30))


@given(exports(), scopes())
def test_month_of_year(tables: Tables, scope: Scope) -> None:
    """Every whole month from 36 months before the period's end, or from its start, with episodes and nights; limits around a rate."""
    made = agree("seasons/month_of_year", tables, scope, oracle.month_of_year)
    for row in made.frame.iter_rows(named=True):
        assert (row["rate"] is None) == (row["lower"] is None) == (row["upper"] is None)
        assert row["rate"] is None or row["lower"] <= row["rate"] <= row["upper"]


@given(exports(), scopes())
def test_week_clock(tables: Tables, scope: Scope) -> None:
    """Every weekday and two hours of each kind of week in the period, zeros included; weeks count only days that the export covers."""
    # Without an episode no column shows that it would have times.
    if tables["episodes"]:
        agree("seasons/week_clock", tables, scope, oracle.week_clock)


@given(exports(), scopes())
def test_calendar(tables: Tables, scope: Scope) -> None:
    """One row a day of the period that the export covers, zeros included, with school, bank holiday and sunset."""
    agree("seasons/calendar", tables, scope, oracle.calendar)


@given(exports(), scopes())
def test_light_evenings(tables: Tables, scope: Scope) -> None:
    """Days, nights, episodes and children by the day's sunset; a ratio to dark evenings where both have enough; limits around it."""
    made = agree("seasons/light_evenings", tables, scope, oracle.light_evenings)
    for row in made.frame.iter_rows(named=True):
        assert (row["lower"] is None) == (row["ratio"] is None or row["evening"] == "dark")
        assert row["lower"] is None or row["lower"] <= row["ratio"] <= row["upper"]


@given(exports(), scopes())
def test_holidays(tables: Tables, scope: Scope) -> None:
    """Days, nights, episodes and children in term, summer holidays and shorter ones; a ratio to term where both have enough; limits
    around it."""
    made = agree("seasons/holidays", tables, scope, oracle.holidays)
    for row in made.frame.iter_rows(named=True):
        assert (row["lower"] is None) == (row["ratio"] is None or row["school"] == "term")
        assert row["lower"] is None or row["lower"] <= row["ratio"] <= row["upper"]


@given(exports(), scopes())
def test_night_starts(tables: Tables, scope: Scope) -> None:
    """Episodes that began from 22:00 to 07:00, by the unit at the time, those with no unit only in the row of all."""
    if tables["episodes"]:
        agree("seasons/night_starts", tables, scope, oracle.night_starts)


@given(exports(), scopes())
def test_season_strength_needs_36_months(tables: Tables, scope: Scope) -> None:
    """Under 36 whole months there is no strength, and the months are counted."""
    agree("seasons/season_strength", tables, scope, oracle.season_strength)


def _each_month(count: int, *, in_august: int, covers: tuple[date, date] = FOUR_YEARS) -> Rows:
    """That many episodes in every month that is covered, another number in August, at noon of different days."""
    episodes, month = [], covers[0]
    while month <= covers[1]:
        for n in range(in_august if month.month == 8 else count):
            episodes.append(
                {"episode_id": f"{month}-{n}", "child_id": f"C{n % 7}", "started_at": utc(month.year, month.month, 1 + n % 28, 12)}
            )
        month = (month + timedelta(32)).replace(day=1)
    return episodes


def test_month_that_stands_apart_is_named() -> None:
    """A calendar month is named when it stands apart from the average month in every year."""
    snapshot, _ = opened(FOUR_YEARS, episodes=_each_month(20, in_august=60))
    made = build("seasons/month_of_year", snapshot, Scope(Period.parse("2020-07-01..2024-06-30")), Settings())
    assert made.finding == "Episodes are above the average month in August"


def test_no_month_is_named_without_a_season() -> None:
    """Months that differ by little give the sentence that nothing can be told, never a highest month."""
    snapshot, _ = opened(FOUR_YEARS, episodes=_each_month(20, in_august=22))
    made = build("seasons/month_of_year", snapshot, Scope(Period.parse("2020-07-01..2024-06-30")), Settings())
    assert made.finding == "No seasonal pattern can be told from chance"


def test_season_needs_two_years() -> None:
    """Under 24 whole months the finding says how many there are, and names no month."""
    covers = (date(2023, 7, 1), date(2024, 6, 30))
    snapshot, _ = opened(covers, episodes=_each_month(20, in_august=60, covers=covers))
    made = build("seasons/month_of_year", snapshot, Scope(Period.parse("2023-07-01..2024-06-30")), Settings())
    assert made.finding == "Too few months to tell a season: 12 of the 24 needed"


def test_season_is_not_read_across_a_rebase() -> None:
    """From the month of a rebase event on, months are of a new run, which the caveats name; a step between runs is no season."""
    covers = (date(2022, 7, 1), date(2024, 6, 30))
    before = _each_month(10, in_august=10, covers=(covers[0], date(2023, 6, 30)))
    after = _each_month(40, in_august=40, covers=(date(2023, 7, 1), covers[1]))
    event = {"happened_on": date(2023, 7, 3), "text": "Away is recorded from now on", "rebase": True}
    elsewhere = {"happened_on": date(2023, 2, 1), "text": "One unit records anew", "unit_id": "U9", "rebase": True}
    snapshot, _ = opened(covers, episodes=before + after, events=[event, elsewhere])
    made = build("seasons/month_of_year", snapshot, Scope(Period.parse("2022-07-01..2024-06-30")), Settings())
    assert made.frame["run"].to_list() == [1] * 12 + [2] * 12
    assert any("Recording changed in July 2023" in caveat for caveat in made.caveats)
    assert made.finding == "No seasonal pattern can be told from chance"


def test_small_unit_gets_counts_instead_of_rates() -> None:
    """Where most months have under 500 nights there is no rate: the chart shows episodes, and a caveat says why."""
    snapshot, _ = opened(FOUR_YEARS, episodes=_each_month(3, in_august=3), placements=[{"started_on": date(2020, 1, 1)}])
    made = build("seasons/month_of_year", snapshot, Scope(Period.parse("2023-07-01..2024-06-30")), Settings())
    assert made.frame["rate"].null_count() == made.frame.height == 36
    assert "500 nights" in " ".join(made.caveats)
    assert "Episodes a month" in made.draw(LIGHT).to_json()


def test_clock_finding_is_the_shortest_stretch_with_half_of_the_episodes() -> None:
    """Half of the episodes or more, in the fewest hours, over midnight too; a weekday only where it stands out."""
    late = [{"started_at": utc(2024, 1, 1 + n, 23), "child_id": f"C{n}"} for n in range(14)]
    early = [{"started_at": utc(2024, 1, 2 + n, 0), "child_id": f"D{n}"} for n in range(14)]
    noon = [{"started_at": utc(2024, 2, 1 + n, 12), "child_id": f"E{n}"} for n in range(21)]
    snapshot, _ = opened(episodes=late + early + noon)
    made = build("seasons/week_clock", snapshot, YEAR, Settings())
    assert made.finding == "28 of 49 episodes began between 22:00 and 02:00"
    fridays = [{"started_at": utc(2024, 3, 1, 22) + timedelta(weeks=n), "child_id": f"F{n}"} for n in range(40)]
    snapshot, _ = opened(episodes=late + fridays)
    made = build("seasons/week_clock", snapshot, YEAR, Settings())
    assert made.finding == "54 of 54 episodes began between 22:00 and 00:00; most on Fridays, 42"


def test_clock_of_few_episodes_names_no_hour() -> None:
    """Fewer episodes than a day has two-hour slots show no time of day."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2024, 1, 5, 22)}])
    assert build("seasons/week_clock", snapshot, YEAR, Settings()).finding == "1 episode: too few to show a time of day"


def test_hour_is_local_time() -> None:
    """Given an episode at 21:30 UTC in July, when the clock is read, then it stands at 22:00, British Summer Time."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2024, 7, 5, 21, 30)}])
    frame = build("seasons/week_clock", snapshot, YEAR, Settings()).frame
    assert frame.filter(frame["episodes"] > 0).select("weekday", "hour_from").rows() == [(5, 22)]


def _term_dates(folder: Path, rows: str) -> Settings:
    file = folder / "terms.csv"
    file.write_text(f"school_year,kind,first_day,last_day,source\n{rows}", encoding="utf-8")
    return Settings(term_dates=file)


def test_days_beyond_the_term_dates_are_left_out_of_the_clock_and_counted(tmp_path: Path) -> None:
    """Days of which the term dates know nothing are in no cell; a caveat says how many they are and how many episodes they have."""
    settings = _term_dates(tmp_path, "2024,term,2024-01-01,2024-03-31,test\n")
    snapshot, _ = opened(settings=settings, episodes=[{"started_at": utc(2024, 3, 1, 12)}, {"started_at": utc(2024, 5, 1, 12)}])
    made = build("seasons/week_clock", snapshot, YEAR, settings)
    assert made.frame["is_term"].unique().to_list() == [True]
    assert made.frame["episodes"].sum() == 1
    assert "The term dates do not reach 275 days of the period, with 1 episode: they are left out." in made.caveats


def test_without_any_term_dates_all_weeks_are_one_kind(tmp_path: Path) -> None:
    """Where no day of the period is known as term or holiday, one heat map holds all weeks, and a caveat says so."""
    settings = _term_dates(tmp_path, "1999,term,1999-01-01,1999-03-31,test\n")
    episodes = [{"started_at": utc(2024, 3, 1 + n, 12)} for n in range(20)]
    snapshot, _ = opened(settings=settings, episodes=episodes)
    made = build("seasons/week_clock", snapshot, YEAR, settings)
    assert made.frame.height == 84
    assert made.frame["is_term"].null_count() == 84
    assert made.frame["episodes"].sum() == 20
    assert any("all weeks are taken together" in caveat for caveat in made.caveats)
    assert "All weeks" in made.draw(LIGHT).to_json()


def test_clock_needs_times() -> None:
    """From a source with dates alone the clock is not given, and says what it needs; the calendar is given."""
    snapshot, _ = opened(episodes=[{"started_at": date(2024, 7, 5)}])
    assert (
        build("seasons/week_clock", snapshot, YEAR, Settings()).needs
        == "Needs times, not dates alone, in column started_at of table episodes."
    )
    assert build("seasons/calendar", snapshot, YEAR, Settings()).frame["episodes"].sum() == 1


@pytest.mark.parametrize(
    "name",
    [
        "seasons/month_of_year",
        "seasons/week_clock",
        "seasons/calendar",
        "seasons/light_evenings",
        "seasons/holidays",
        "seasons/night_starts",
    ],
)
def test_no_episodes(name: str) -> None:
    """Without an episode the finding says so in words, and there is no chart of nothing to misread."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 6, 1, 12)}])
    made = build(name, snapshot, YEAR, Settings())
    assert made.finding.startswith("No missing and away episodes in")
    assert made.draw is None
    assert made.needs is None


def test_calendar_finding_is_a_count() -> None:
    """The most in one day and how many days had none: counts, with no word that weighs them."""
    episodes = [{"started_at": utc(2024, 7, 5, 12)}, {"started_at": utc(2024, 7, 5, 13)}, {"started_at": utc(2024, 7, 9, 12)}]
    snapshot, _ = opened(episodes=episodes)
    made = build("seasons/calendar", snapshot, Scope(Period.parse("2024-07")), Settings())
    assert made.finding == "The most in one day was 2, on 5 July 2024; 29 days had none"


@pytest.mark.parametrize(("period", "blocks"), [("2024-07", 1), ("2024-25", 1), ("2020-07-01..2024-06-30", 5)])
def test_calendar_stands_in_a_block_a_year_beyond_twelve_months(period: str, blocks: int) -> None:
    """Up to twelve months stand in one block; more in one for each calendar year, so that no week is too narrow to see."""
    snapshot, _ = opened((date(2020, 7, 1), date(2025, 3, 31)), episodes=[{"started_at": utc(2024, month, 5, 12)} for month in (1, 7)])
    chart = build("seasons/calendar", snapshot, Scope(Period.parse(period)), Settings()).draw(LIGHT).to_dict()
    rows = {row["row"].split("-")[0] for data in chart["datasets"].values() for row in data}
    assert len(rows) == blocks


def test_strength_of_a_season_is_told_from_chance() -> None:
    """A month that stands out each year gives a strength beyond chance; months alike give the sentence that none can be told."""
    whole = Scope(Period.parse("2020-07-01..2024-06-30"))
    snapshot, _ = opened(FOUR_YEARS, episodes=_each_month(20, in_august=60))
    made = build("seasons/season_strength", snapshot, whole, Settings())
    strength, months, by_chance = made.frame.row(0)
    assert months == 48
    assert strength > 0.9 > by_chance
    assert made.finding == f"The months of the year differ: strength {strength:.2f}, {by_chance:.2f} by chance"
    seeded = random.Random(7)
    evenly = [{"started_at": utc(2020, 7, 1, 12) + timedelta(seeded.randrange(1461)), "child_id": f"C{n % 9}"} for n in range(900)]
    snapshot, _ = opened(FOUR_YEARS, episodes=evenly)
    assert build("seasons/season_strength", snapshot, whole, Settings()).finding == "No seasonal pattern can be told from chance"


def test_strength_is_not_read_across_a_rebase() -> None:
    """Given 48 months with a change of recording after 13, when the strength is asked, then 35 are too few."""
    snapshot, _ = opened(
        FOUR_YEARS,
        episodes=_each_month(20, in_august=60),
        events=[{"happened_on": date(2021, 8, 9), "text": "Away is recorded from now on", "rebase": True}],
    )
    made = build("seasons/season_strength", snapshot, Scope(Period.parse("2020-07-01..2024-06-30")), Settings())
    assert made.finding == "Too few months for the strength of a season: 35 of 36"
    assert made.frame["strength"].to_list() == [None]


def _by_day(each: int, *, in_summer: int, children: int = 30) -> Rows:
    """Episodes on every day of 2024, `in_summer` in May to July and `each` on others, by `children` in turn."""
    days = [date(2024, 1, 1) + timedelta(n) for n in range(366)]
    return [
        {"started_at": utc(day.year, day.month, day.day, 12), "child_id": f"C{(index * 7 + n) % children}"}
        for index, day in enumerate(days)
        for n in range(in_summer if 5 <= day.month <= 7 else each)
    ]


PLACED = [{"child_id": f"C{n}", "started_on": date(2023, 1, 1)} for n in range(30)]


def test_light_evenings_that_differ_are_named_with_their_limits() -> None:
    """Twice the episodes on light evenings is said, with how many times and the limits; no difference is no finding."""
    snapshot, _ = opened(episodes=_by_day(2, in_summer=4), placements=PLACED)
    made = build("seasons/light_evenings", snapshot, YEAR, Settings())
    assert made.finding.startswith("Light evenings have a higher rate than dark ones: 1.")
    assert len(made.finding.split()) <= 15
    assert "rebase" not in made.alt
    # The limits are for one comparison.
    assert made.frame.filter(evening="between")["lower"].null_count() == 0
    assert made.alt.count(" times (") == 2  # at the bar and in the finding
    snapshot, _ = opened(episodes=_by_day(2, in_summer=2), placements=PLACED)
    assert build("seasons/light_evenings", snapshot, YEAR, Settings()).finding == "No clear difference between light and dark evenings"


def test_one_child_who_goes_all_summer_is_no_light_evening() -> None:
    """Episodes that one child adds on light evenings widen the limits: the difference is not told from chance."""
    busy = [{"started_at": utc(2024, 6, 1 + n % 30, n % 20), "child_id": "C0", "episode_id": f"busy{n}"} for n in range(90)]
    few = _by_day(1, in_summer=1)[::3]
    snapshot, _ = opened(episodes=[*few, *busy], placements=PLACED)
    made = build("seasons/light_evenings", snapshot, YEAR, Settings())
    light = made.frame.row(0, named=True)
    assert light["ratio"] > 1.5
    assert made.finding == "No clear difference between light and dark evenings"


def test_light_evenings_are_not_read_across_a_rebase() -> None:
    """Days before the month of the latest rebase event are left out, and a caveat says from when on they count."""
    event = {"happened_on": date(2024, 3, 20), "text": "Away is recorded from now on", "rebase": True}
    snapshot, _ = opened(episodes=_by_day(1, in_summer=1), placements=PLACED, events=[event])
    made = build("seasons/light_evenings", snapshot, YEAR, Settings())
    assert made.frame["days"].sum() == 366 - 60
    assert made.frame["nights"].sum() == 30 * (366 - 60)
    assert "Recording changed in the period: days before 1 March 2024 are left out." in made.caveats


def test_a_month_has_not_both_kinds_of_evening() -> None:
    """A period of one kind of evening compares nothing, and says so."""
    snapshot, _ = opened(episodes=_by_day(1, in_summer=1), placements=PLACED)
    made = build("seasons/light_evenings", snapshot, Scope(Period.parse("2024-06")), Settings())
    assert made.finding == "The period does not have both light and dark evenings"


def test_without_placements_light_evenings_are_compared_by_days() -> None:
    """No placements, no rate: the ratio is over days, and a caveat says so."""
    snapshot, _ = opened(episodes=_by_day(2, in_summer=4))
    made = build("seasons/light_evenings", snapshot, YEAR, Settings())
    assert made.frame["rate"].null_count() == 3
    assert made.frame["ratio"][0] > 1
    assert "Without placements there is no rate, and the ratio is over days." in made.caveats


def _by_school(in_term: int, in_summer: int, in_shorter: int) -> Rows:
    """So many episodes on each day of 2024, by thirty children in turn. Term dates are those of the reference file."""
    days = [date(2024, 1, 1) + timedelta(n) for n in range(366)]
    holidays = [(date(2024, 1, 1), date(2024, 1, 7)), (date(2024, 2, 10), date(2024, 2, 18)), (date(2024, 3, 23), date(2024, 4, 7))]
    holidays += [(date(2024, 5, 25), date(2024, 6, 2)), (date(2024, 10, 26), date(2024, 11, 3)), (date(2024, 12, 21), date(2024, 12, 31))]
    episodes = []
    for index, day in enumerate(days):
        is_summer = date(2024, 7, 23) <= day <= date(2024, 9, 2)
        is_shorter = any(first <= day <= last for first, last in holidays)
        count = in_summer if is_summer else in_shorter if is_shorter else in_term
        episodes += [{"started_at": utc(day.year, day.month, day.day, 12), "child_id": f"C{(index * 7 + n) % 30}"} for n in range(count)]
    return episodes


@pytest.mark.parametrize(
    ("in_term", "in_summer", "in_shorter", "finding"),
    [
        (2, 2, 2, "No clear difference between school holidays and term"),
        (2, 4, 2, "Summer holidays have a higher rate than term: 2.00 times ("),
        (4, 4, 2, "Shorter holidays have a lower rate than term: 0.50 times ("),
        (2, 4, 4, "School holidays have a higher rate than term, the shorter ones too"),
        (4, 8, 2, "The rate is higher in summer holidays and lower in shorter ones than in term"),
    ],
)
def test_holidays_that_differ_from_term_are_named(in_term: int, in_summer: int, in_shorter: int, finding: str) -> None:
    """A kind of holiday is named only where its limits leave term's rate out, in 15 words at most."""
    snapshot, _ = opened(episodes=_by_school(in_term, in_summer, in_shorter), placements=PLACED)
    made = build("seasons/holidays", snapshot, YEAR, Settings())
    assert made.finding.startswith(finding)
    assert len(made.finding.split()) <= 15
    assert made.frame["school"].to_list() == ["term", "summer", "shorter"]
    assert made.frame["days"].sum() == 366


def test_one_child_who_goes_all_holidays_is_no_holiday_effect() -> None:
    """Episodes that one child adds in holidays widen the limits: the difference is not told from chance."""
    busy = [{"started_at": utc(2024, 8, 1 + n % 30, n % 20), "child_id": "C0", "episode_id": f"busy{n}"} for n in range(90)]
    snapshot, _ = opened(episodes=[*_by_school(1, 1, 1)[::3], *busy], placements=PLACED)
    made = build("seasons/holidays", snapshot, YEAR, Settings())
    assert made.frame["ratio"][1] > 1.5
    assert made.finding == "No clear difference between school holidays and term"


def test_holidays_are_not_read_across_a_rebase() -> None:
    """Days before the month of the latest rebase event are left out, episodes and nights too, and a caveat says so."""
    event = {"happened_on": date(2024, 3, 20), "text": "Away is recorded from now on", "rebase": True}
    snapshot, _ = opened(episodes=_by_school(1, 1, 1), placements=PLACED, events=[event])
    made = build("seasons/holidays", snapshot, YEAR, Settings())
    assert made.frame["days"].sum() == made.frame["episodes"].sum() == 366 - 60
    assert made.frame["nights"].sum() == 30 * (366 - 60)
    assert "Recording changed in the period: days before 1 March 2024 are left out." in made.caveats


@pytest.mark.parametrize(
    ("period", "finding"),
    [
        ("2024-06", "No clear difference between school holidays and term"),
        ("2024-08", "The period does not have both term and school holidays"),
        ("2024-11", "Too few episodes to compare school holidays with term"),
    ],
)
def test_short_periods_compare_what_they_have(period: str, finding: str) -> None:
    """A month of holidays alone compares nothing; one with a few days of either says that they are too few for limits."""
    snapshot, _ = opened(episodes=_by_school(4, 4, 4), placements=PLACED)
    smallest = Settings(smallest_nights=50)
    assert (
        build("seasons/holidays", snapshot, Scope(Period.parse(period)), smallest if period == "2024-06" else Settings()).finding == finding
    )


def test_holidays_beyond_the_term_dates_are_left_out(tmp_path: Path) -> None:
    """Days of which the term dates know nothing are in no row and counted in a caveat; where they know none, the finding says so."""
    settings = _term_dates(tmp_path, "2024,term,2024-01-01,2024-03-31,test\n")
    snapshot, _ = opened(settings=settings, episodes=_by_school(1, 1, 1), placements=PLACED)
    made = build("seasons/holidays", snapshot, YEAR, settings)
    assert made.frame["days"].to_list() == [91, 0, 0]
    assert "The term dates do not reach 275 days of the period, with 275 episodes: they are left out." in made.caveats
    assert made.finding == "The period does not have both term and school holidays"
    settings = _term_dates(tmp_path, "1999,term,1999-01-01,1999-03-31,test\n")
    snapshot, _ = opened(settings=settings, episodes=_by_school(1, 1, 1), placements=PLACED)
    assert build("seasons/holidays", snapshot, YEAR, settings).finding == "No term dates are known for this period"


@pytest.mark.parametrize(("night_from", "night_to", "expected"), [(22, 7, 3), (7, 22, 2), (0, 0, 5), (23, 6, 2)])
def test_night_hours_are_the_settings(night_from: int, night_to: int, expected: int) -> None:
    """The first hour is in, the second out; a night over midnight wraps; the same hour twice is the whole day."""
    hours = [22, 23, 5, 7, 12]
    settings = Settings(night_from=night_from, night_to=night_to)
    snapshot, _ = opened(episodes=[{"started_at": utc(2024, 1, 5, hour), "child_id": f"C{hour}"} for hour in hours])
    made = build("seasons/night_starts", snapshot, YEAR, settings)
    assert made.frame["night_episodes"][0] == expected
    assert made.finding.startswith(f"{expected} of 5 episodes began between {night_from:02d}:00 and {night_to:02d}:00")
