"""The Overview's figures, against plain Python."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
import pytest
from hypothesis import given

from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import build
from dashboard.figures.overview import measure_words, value_words
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from dashboard.statistics.intervals import rate_interval, wilson_interval
from tests.oracle import overview as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Tables, exports, opened, scopes, utc

_QUARTER = Scope(Period.parse("2025-Q2"))


@given(exports(), scopes())
def test_months(tables: Tables, scope: Scope) -> None:
    """Every month of the period that the export touches is there, zeros included, with episodes, children and nights."""
    agree("overview/months", tables, scope, oracle.months)


@given(exports(), scopes())
def test_headline(tables: Tables, scope: Scope) -> None:
    """Every measure with what it is made of, and its value in both comparison periods where the export reaches them."""
    agree("overview/headline", tables, scope, oracle.headline)


@given(exports(), scopes())
def test_open_episodes(tables: Tables, scope: Scope) -> None:
    """What is open at the export's end, whenever it began, longest first."""
    agree("overview/open_episodes", tables, scope, oracle.open_episodes)


@given(exports(), scopes())
def test_national(tables: Tables, scope: Scope) -> None:
    """Financial years covered whole, missing alone, ours; an episode open on 1 April counts in the new year too."""
    agree("overview/national", tables, scope, oracle.national)


def _measures(scope: Scope = _QUARTER, settings: Settings | None = None, **tables: list[dict]) -> dict[str, dict]:
    snapshot, _ = opened(**tables)
    frame = build("overview/headline", snapshot, scope, settings or Settings()).frame
    return {row["measure"]: row for row in frame.iter_rows(named=True)}


def test_an_episode_belongs_to_the_local_day_on_which_it_began() -> None:
    """Given a start at 23:30 UTC on 31 March, in summer time, when the quarter from April is asked for, then it counts."""
    began = [{"started_at": utc(2025, 3, 31, 23, 30), "ended_at": utc(2025, 4, 1, 3)}]
    assert _measures(episodes=began)["episodes"]["value"] == 1
    assert _measures(Scope(Period.parse("2025-Q1")), episodes=began)["episodes"]["value"] == 0


def test_a_small_base_gives_the_count_and_no_share() -> None:
    """Under 500 nights no rate, under five children no share: the counts stay."""
    measures = _measures(
        episodes=[{"child_id": f"C{n}", "started_at": utc(2025, 5, 1, n), "ended_at": utc(2025, 5, 2)} for n in range(4)],
        placements=[{"child_id": "C0", "started_on": date(2025, 4, 1)}],
    )
    assert measures["children"]["value"] == 4
    assert measures["repeat_share"]["value"] is None
    assert (measures["repeat_share"]["numerator"], measures["repeat_share"]["denominator"]) == (0, 4)
    assert measures["rate"]["value"] is None
    assert measures["rate"]["denominator"] == 91


def test_intervals_stand_beside_rates_and_shares() -> None:
    """The rate has a Poisson interval and shares a Wilson interval, of their own numerator and denominator."""
    measures = _measures(
        episodes=[{"child_id": f"C{n % 6}", "started_at": utc(2025, 5, 1, n), "ended_at": utc(2025, 5, 2)} for n in range(12)],
        placements=[{"child_id": f"C{n}"} for n in range(8)],
    )
    rate = measures["rate"]
    assert (rate["lower"], rate["upper"]) == pytest.approx(rate_interval(12, 8 * 91))
    share = measures["repeat_share"]
    assert (share["lower"], share["upper"]) == pytest.approx(wilson_interval(6, 6))
    assert measures["episodes"]["lower"] is None


def test_dates_without_times_give_whole_days_and_no_hours() -> None:
    """From a source with dates only: over 24 hours is two dates or more later, and overnight and 72 hours are not given."""
    measures = _measures(
        episodes=[{"started_at": date(2025, 5, 1), "ended_at": date(2025, 5, 1) + timedelta(days)} for days in (0, 1, 2, 3)],
        return_interviews=[{"episode_id": "E0", "outcome": "completed", "held_at": date(2025, 5, 2)}],
    )
    assert measures["over_24h"]["value"] == 2
    assert measures["overnight"]["value"] is None
    assert measures["interviews_72h"]["value"] is None


def test_a_change_needs_a_rule() -> None:
    """Twelve months as alike as chance makes them are no change; a month far beyond the others is named."""
    steady = [{"started_at": utc(2024, 1 + n % 12, 3 + n // 12, 12)} for n in range(12 * 9)]
    snapshot, _ = opened(episodes=steady)
    assert "no clear change" in build("overview/months", snapshot, Scope(Period.parse("2024-Q4")), Settings()).finding
    many = steady + [{"started_at": utc(2024, 12, 20, n % 24, n // 24)} for n in range(60)]
    snapshot, _ = opened(
        covers=(date(2024, 1, 1), date(2025, 2, 28)), episodes=many + [{"started_at": utc(2025, 1 + n % 2, 3 + n, 12)} for n in range(18)]
    )
    assert "higher than usual in December 2024" in build("overview/months", snapshot, Scope(Period.parse("2024-Q4")), Settings()).finding


def test_changes_name_units_opened_and_closed_and_events() -> None:
    """What happened in the period stands in the table with its day, latest first; what happened outside it does not."""
    snapshot, _ = opened(
        episodes=[{"started_at": utc(2025, 5, 1)}],
        units=[
            {"unit_id": "U1", "opened_on": date(2025, 5, 6)},
            {"unit_id": "U2", "opened_on": date(2020, 1, 1), "closed_on": date(2025, 6, 30)},
        ],
        events=[{"happened_on": date(2025, 4, 1), "text": "New protocol"}, {"happened_on": date(2025, 3, 31), "text": "Too early"}],
    )
    rows = build("overview/changes", snapshot, _QUARTER, Settings()).frame.filter(pl.col("happened_on").is_not_null())
    assert rows.select("kind", "what").rows() == [
        ("unit closed", "U2 House closed"),
        ("unit opened", "U1 House opened"),
        ("event", "New protocol"),
    ]


def test_more_children_can_go_than_are_known_as_looked_after() -> None:
    """Given a table of children that lists fewer than went, then the share is as counted, without an interval, and a caveat says so."""
    went = [{"child_id": f"C{n}", "started_at": utc(2025, 5, 1, n), "ended_at": utc(2025, 5, 2)} for n in range(8)]
    snapshot, _ = opened(episodes=went, children=[{"child_id": f"C{n}"} for n in range(5)])
    figure = build("overview/headline", snapshot, _QUARTER, Settings())
    share = figure.frame.row(by_predicate=pl.col("measure") == "percent_missing", named=True)
    assert (share["value"], share["lower"], share["upper"]) == (8 / 5, None, None)
    assert any("More children went" in caveat for caveat in figure.caveats)
    assert build("overview/national", snapshot, _QUARTER, Settings()).finding


def test_what_few_children_are_behind_is_not_called_unknown() -> None:
    """An average of one child is kept back as of too few; where the export has no such column, it is not known."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 5, 1)}, {"started_at": utc(2025, 5, 9)}])
    rows = {row["measure"]: row for row in build("overview/headline", snapshot, _QUARTER, Settings()).frame.iter_rows(named=True)}
    assert value_words(rows["episodes_per_child"]) == "too few"
    assert value_words(rows["police_called"]) == "not known"
    assert value_words(rows["episodes"]) == "2"


def test_an_open_episode_from_the_future_is_in_neither_count() -> None:
    """An episode that starts after the export's end is not open at it: the headline and the list agree."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2026, 1, 1)}, {"started_at": utc(2025, 6, 29)}])
    headline = build("overview/headline", snapshot, _QUARTER, Settings()).frame
    assert headline.row(by_predicate=pl.col("measure") == "open_now", named=True)["value"] == 1
    assert build("overview/open_episodes", snapshot, _QUARTER, Settings()).frame.height == 1


@pytest.mark.parametrize(
    ("began", "said"),
    [
        ([], "Every child is recorded as back on 30 June 2025"),
        ([29], "1 episode is open on 30 June 2025"),
        ([1], "1 episode is open on 30 June 2025, for over 28 days"),
        ([1, 2], "2 episodes are open on 30 June 2025, all of them for over 28 days"),
        ([1, 2, 29], "3 episodes are open on 30 June 2025, 2 of them for over 28 days"),
    ],
)
def test_how_many_are_open_and_how_long(began: list[int], said: str) -> None:
    """Of all or of one it is not said that some of them are open for long."""
    rows = [{"child_id": f"C{day}", "started_at": utc(2025, 6, day)} for day in began]
    snapshot, _ = opened(episodes=[*rows, {"started_at": utc(2025, 5, 1), "ended_at": utc(2025, 5, 2)}])
    assert build("overview/open_episodes", snapshot, _QUARTER, Settings()).finding == said


def test_hollow_points_are_explained_where_there_are_any() -> None:
    """The months still being recorded are those of the latest four weeks; a period before them has none."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 2, 1), "ended_at": utc(2025, 2, 2)}])
    caveats = {name: build("overview/months", snapshot, Scope(Period.parse(name)), Settings()).caveats for name in ("2025-Q1", "2025-Q2")}
    assert [any("Hollow points" in caveat for caveat in of_period) for of_period in caveats.values()] == [False, True]


def test_a_small_rate_is_not_rounded_away() -> None:
    """The rate in the headline has two places below 1, as everywhere else."""
    assert [measure_words("rate", rate) for rate in (0.0642, 0.0, 2.04)] == ["0.06", "0", "2.0"]
