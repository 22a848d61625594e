"""The Police calls figures, against plain Python and case by case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dashboard.figures.everything  # noqa: F401  # registers every figure
from dashboard.charts.theme import LIGHT
from dashboard.figures.figure import Figure, build
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import police_calls as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc


@st.composite
def reported(draw: st.DrawFn) -> Tables:
    """Exports with an episode that fills every column, beds, and birth months."""
    tables = draw(exports())
    known = {"episode_id": "E", "child_id": "C1", "category": "missing", "started_at": utc(2025, 6, 1), "ended_at": utc(2025, 6, 2)}
    known |= {"police_called_at": utc(2025, 6, 1, 2), "reclassified_at": utc(2025, 6, 1, 3)}
    tables["episodes"].append(known | {"police_called": True, "whereabouts_known": False, "risk": "high"})
    tables["police_calls"].append(
        {"call_id": "P", "unit_id": "U1", "called_at": utc(2025, 6, 1, 2), "reason": "missing", "episode_id": "E"}
    )
    tables["children"][0]["birth_month"] = date(2011, 6, 1)
    for unit in tables["units"]:
        unit["beds"] = draw(st.sampled_from([None, 3]))
    return tables


@given(reported(), scopes())
def test_called(tables: Tables, scope: Scope) -> None:
    """Each value of category, risk, age and unit has the episodes for which it is recorded, and those reported to the police."""
    agree("police_calls/called", tables, scope, oracle.called)


@given(reported(), scopes())
def test_months(tables: Tables, scope: Scope) -> None:
    """Every month of the period is there; episodes for which it is not recorded are counted apart."""
    agree("police_calls/months", tables, scope, oracle.months)


@given(reported(), scopes())
def test_call_rate(tables: Tables, scope: Scope) -> None:
    """Calls by unit over the nights of every child there, whatever the category and whose children are asked for."""
    agree("police_calls/call_rate", tables, scope, oracle.call_rate)


@given(reported(), scopes())
def test_known_whereabouts(tables: Tables, scope: Scope) -> None:
    """Of the episodes reported, those in which staff knew where the child was."""
    agree("police_calls/known_whereabouts", tables, scope, oracle.known_whereabouts)


@given(reported(), scopes())
def test_funnel_called(tables: Tables, scope: Scope) -> None:
    """Each unit beside limits about the share of all, wider by how much one child's episodes go alike."""
    agree("police_calls/funnel_called", tables, scope, oracle.funnel_called)


@given(reported(), scopes())
def test_missing_not_called(tables: Tables, scope: Scope) -> None:
    """Of the episodes of missing with whereabouts not known, those not reported, and those of children of 13 or under among them."""
    agree("police_calls/missing_not_called", tables, scope, oracle.missing_not_called)


@given(reported(), scopes())
def test_young_not_called(tables: Tables, scope: Scope) -> None:
    """Each of these of a child of 13 or under, the latest first."""
    agree("police_calls/young_not_called", tables, scope, oracle.young_not_called)


@given(reported(), scopes())
def test_time_to_call(tables: Tables, scope: Scope) -> None:
    """Minutes from the start to the call, in elapsed time, for reported episodes with a call at or after the start."""
    agree("police_calls/time_to_call", tables, scope, oracle.time_to_call)


@given(reported(), scopes())
def test_reclassified(tables: Tables, scope: Scope) -> None:
    """Absences by month, whatever the category asked for, and those that became a missing report."""
    agree("police_calls/reclassified", tables, scope, oracle.reclassified)


@given(reported(), scopes())
def test_police_hours(tables: Tables, scope: Scope) -> None:
    """Calls about missing children by unit; no hours where hours a call are not set."""
    agree("police_calls/police_hours", tables, scope, oracle.police_hours)


@given(reported(), scopes())
def test_reconciliation(tables: Tables, scope: Scope) -> None:
    """Reported episodes with and without a call that names them, and calls that name none, by unit."""
    agree("police_calls/reconciliation", tables, scope, oracle.reconciliation)


SCOPE = Scope(Period.parse("2025-Q1"))


def _episodes(unit: str, called: int, of: int, month: int = 2, year: int = 2025, **more: Any) -> Rows:
    """Episodes of as many children in a unit, the first `called` of them reported to the police."""
    return [
        {
            "episode_id": f"{unit}-{year}-{month}-{n}",
            "child_id": f"C{unit}{n}",
            "unit_id": unit,
            "started_at": utc(year, month, 1 + n % 27, 12),
            "ended_at": utc(year, month, 1 + n % 27, 20),
            "police_called": n < called,
            **more,
        }
        for n in range(of)
    ]


def _figure(name: str, episodes: Rows, **tables: Any) -> Figure:
    snapshot, _ = opened(episodes=episodes, **tables)
    return build(f"police_calls/{name}", snapshot, SCOPE, Settings())


def test_a_unit_unlike_the_others_is_named() -> None:
    """A unit is named where its share is beyond the 99.8% limits about the share of all, and marked in the chart."""
    usual = [row for unit in ("U2", "U3", "U4", "U5") for row in _episodes(unit, 8, 20)]
    figure = _figure("funnel_called", [*_episodes("U1", 20, 20), *usual])
    assert figure.finding == "U1 reports more of its episodes than others: 100%, expected 52%"
    assert figure.draw is not None
    assert "Above the limits" in figure.draw(LIGHT).to_json()
    assert figure.frame.filter(unit_id="U1")["outside"].to_list() == ["high"]


def test_a_unit_of_one_busy_child_is_not_named() -> None:
    """Given units whose children each go one way over and over, then a unit is not named for what few children do: an episode of many
    of one child counts for less than one."""
    episodes = []
    for number, called in enumerate((3, 3, 4, 3, 6)):
        for child in range(6):
            rows = _episodes(f"U{number}", 10 if child < called else 0, 10)
            episodes += [row | {"episode_id": f"{number}-{child}-{n}", "child_id": f"C{number}-{child}"} for n, row in enumerate(rows)]
    figure = _figure("funnel_called", episodes)
    assert figure.frame["design_effect"][0] > 9
    assert figure.finding == "No unit is clearly unlike the others in how often it calls the police"


def test_a_unit_with_many_absences_is_held_against_absences() -> None:
    """Given a unit half of whose episodes are absences, which others hardly report and it reports all, then it is named although its share
    of all is usual; and a unit that reports each category as others do is not, whatever its mix."""
    usual = [row for unit in ("U2", "U3", "U4", "U5") for row in _episodes(unit, 18, 20)]
    usual += [row for unit in ("U2", "U3", "U4") for row in _episodes(unit, 1, 8, month=3, category="away")]
    mostly_away = [*_episodes("U6", 3, 30, month=3, category="away"), *_episodes("U6", 9, 10)]
    figure = _figure("funnel_called", [*usual, *mostly_away, *_episodes("U1", 9, 10), *_episodes("U1", 20, 20, month=3, category="away")])
    assert figure.frame.filter(pl.col("outside") == "high")["unit_id"].to_list() == ["U1"]
    assert figure.frame.filter(unit_id="U6")["adjusted"].item() < figure.frame.filter(unit_id="U1")["adjusted"].item()


def test_few_units_have_no_limits() -> None:
    """Of two units there is no funnel, and the finding says how many are needed."""
    figure = _figure("funnel_called", [*_episodes("U1", 9, 12), *_episodes("U2", 7, 12)])
    assert figure.finding == "Only 2 units with enough children: too few to compare, 5 are needed"
    assert figure.frame["outside"].null_count() == 2
    assert figure.draw is None


def test_the_two_categories_stand_beside_each_other() -> None:
    """Where both have enough children the finding sets missing beside away."""
    figure = _figure("called", [*_episodes("U1", 18, 20), *_episodes("U2", 4, 20, category="away")])
    assert figure.finding == "Police were called to 90% of missing and 20% of away episodes"


def test_missing_children_not_called_for() -> None:
    """A child of 13 or under who was missing and not reported is counted and listed; one whose whereabouts staff knew is not, and one of
    14 on the day is not."""
    children = [{"child_id": f"CU1{n}", "birth_month": date(2012, 1, 1) if n < 3 else date(2011, 2, 1)} for n in range(10)]
    episodes = [*_episodes("U1", 4, 10), *_episodes("U2", 0, 1, whereabouts_known=True), *_episodes("U3", 0, 1, category="away")]
    figure = _figure("missing_not_called", episodes, children=children)
    assert figure.frame.select("unit_id", "missing", "not_called", "young").rows() == [("U1", 10, 6, 0)]
    assert figure.finding == "6 of 10 missing episodes were not reported"
    episodes[0] |= {"police_called": False}
    figure = _figure("missing_not_called", episodes, children=children)
    assert figure.finding == "7 of 10 missing episodes were not reported; 1 of children of 13 or under"
    young = _figure("young_not_called", episodes, children=children)
    assert young.frame.select("child_id", "age").rows() == [("CU10", 13)]
    assert young.finding == "1 missing episode of 1 child of 13 or under was not reported"
    away = build("police_calls/missing_not_called", opened(episodes=episodes)[0], Scope(Period.parse("2025-Q1"), "away"), Settings())
    assert away.finding == "Episodes of missing are not in this scope"


def test_exactly_an_hour_is_within_an_hour_also_over_a_clock_change() -> None:
    """Given calls an elapsed hour after the start, one over the change to summer time, then each is within one hour; one a minute
    later is not, and one before the start has no time."""
    starts = [utc(2025, 3, 30, 0, 30), *(utc(2025, 2, day, 12) for day in range(1, 8))]
    after = [60, 60, 60, 60, 60, 61, -5, None]
    episodes = [
        {
            "episode_id": f"E{n}",
            "child_id": f"C{n}",
            "started_at": start,
            "police_called": True,
            "police_called_at": None if minutes is None else start + timedelta(minutes=minutes),
        }
        for n, (start, minutes) in enumerate(zip(starts, after, strict=True))
    ]
    row = _figure("time_to_call", episodes).frame.row(0, named=True)
    assert (row["called"], row["within_1h"], row["within_3h"], row["untimed"]) == (6, 5, 6, 2)
    assert row["median_minutes"] == 60


def test_what_dates_alone_cannot_say() -> None:
    """From dates without times there is no time to the call, and no hours until an absence is reclassified, and each says why."""
    episodes = [
        {
            "episode_id": f"E{n}",
            "child_id": f"C{n}",
            "category": "away",
            "started_at": date(2025, 2, n),
            "police_called": True,
            "police_called_at": utc(2025, 2, n, 3),
            "reclassified_at": utc(2025, 2, n, 2),
        }
        for n in range(1, 7)
    ]
    call = _figure("time_to_call", episodes)
    assert call.needs == "Needs times, not dates alone, in column started_at of table episodes."
    absences = _figure("reclassified", episodes)
    assert absences.finding == "6 of 6 absences became a missing report"
    assert absences.frame["median_hours"].null_count() == 3
    assert any("Hours to it: needs times, not dates alone" in caveat for caveat in absences.caveats)


def test_hours_are_those_of_the_settings() -> None:
    """Calls times the hours that are set; without the setting the calls, and the caveat names it."""
    calls = [{"called_at": utc(2025, 2, 3), "reason": reason} for reason in ("missing", "missing", "theft")]
    snapshot, _ = opened(police_calls=calls)
    figure = build("police_calls/police_hours", snapshot, SCOPE, Settings(police_hours_per_call=2.5))
    assert figure.frame.rows() == [("U1", 2, 5.0)]
    assert figure.finding == "2 calls about missing children, about 5 police hours"
    unset = build("police_calls/police_hours", snapshot, SCOPE, Settings())
    assert unset.frame.rows() == [("U1", 2, None)]
    assert "Hours need the setting police_hours_per_call." in unset.caveats


def test_two_calls_for_one_episode_and_none_for_another() -> None:
    """An episode named by two calls matches once; a call that names an episode recorded as not reported stands alone, as one that names
    none does; a call for another reason is in neither."""
    episodes = [*_episodes("U1", 2, 3)]
    calls = [
        {"called_at": utc(2025, 2, 3), "reason": reason, "episode_id": episode}
        for reason, episode in (
            ("missing", "U1-2025-2-0"),
            ("missing", "U1-2025-2-0"),
            ("missing", "U1-2025-2-2"),
            ("missing", None),
            ("theft", "U1-2025-2-1"),
        )
    ]
    figure = _figure("reconciliation", episodes, police_calls=calls)
    assert figure.frame.rows() == [("U1", 1, 1, 2)]
    assert figure.finding == "1 of 2 reported episodes have their call; 2 calls have no episode"


def test_what_the_export_lacks_is_left_out() -> None:
    """Without risk and birth months there is no share by them, and the caveats say what they need."""
    figure = _figure("called", _episodes("U1", 5, 10))
    assert figure.frame["by"].unique(maintain_order=True).to_list() == ["category", "unit"]
    assert "By risk: needs column risk of table episodes." in figure.caveats
    assert "By age at the time: needs column birth_month of table children." in figure.caveats


def test_not_recorded_is_counted_apart() -> None:
    """Episodes with no word on the police are in no share, and a caveat counts them."""
    figure = _figure("months", [*_episodes("U1", 5, 10), *_episodes("U2", 0, 3, police_called=None)])
    assert figure.frame.row(1, named=True)["episodes"] == 10
    assert "Left out: 3 episodes for which it is not recorded whether the police were called." in figure.caveats


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (3, 27, "The share of episodes reported to the police rose from 10% to 90%"),
        (27, 3, "The share of episodes reported to the police fell from 90% to 10%"),
        (15, 18, "Police were called to 60% of episodes, no clear change"),
    ],
)
def test_a_change_is_said_only_where_it_can_be_told(before: int, now: int, said: str) -> None:
    """The share rose or fell only where the interval of the difference leaves out 0."""
    assert _figure("months", [*_episodes("U1", before, 30, month=11, year=2024), *_episodes("U1", now, 30)]).finding == said


def test_few_children_have_no_share() -> None:
    """Of four children there are counts, no share, no limit and no chart."""
    for name in ("called", "months"):
        figure = _figure(name, _episodes("U1", 3, 4))
        assert figure.finding == "Police were called to 3 of 4 episodes"
        assert figure.frame["share"].null_count() == figure.frame.height
        assert figure.frame["lower"].null_count() == figure.frame.height
        assert figure.draw is None


def test_called_although_staff_knew() -> None:
    """A unit is named where it called although it knew, more than the others can account for; the reverse is not said."""
    episodes = [*_episodes("U1", 12, 12, whereabouts_known=True), *_episodes("U2", 20, 20, whereabouts_known=False)]
    assert _figure("known_whereabouts", episodes).finding == "U1 called although it knew where the child was: 100%, others 0%"
    alike = [*_episodes("U1", 6, 6, whereabouts_known=True), *_episodes("U1", 6, 6, 3, whereabouts_known=False)]
    assert _figure("known_whereabouts", alike).finding == "Staff knew where the child was in 50% of episodes reported to the police"


def test_calls_are_a_units_whatever_the_children() -> None:
    """A call has no child: it counts whoever looks after the children in the unit, over the nights of all of them."""
    placements = [{"child_id": child, "unit_id": "U1", "started_on": date(2024, 1, 1)} for child in ("ours", "theirs") for _ in range(3)]
    children = [{"child_id": "ours"}, {"child_id": "theirs", "responsible_authority": "Elsewhere"}]
    calls = [{"called_at": utc(2025, 2, 3), "reason": reason} for reason in ("missing", "missing", "theft")]
    figure = _figure("call_rate", [], placements=placements, children=children, police_calls=calls, units=[{"unit_id": "U1", "beds": 6}])
    assert figure.frame.to_dicts() == [
        {
            "unit_id": "U1",
            "nights": 540,
            "beds": 6,
            "missing_calls": 2,
            "missing_rate": pytest.approx(2000 / 540),
            "all_calls": 3,
            "all_rate": pytest.approx(3000 / 540),
            "missing_per_bed": pytest.approx(2 / 6),
            "all_per_bed": 0.5,
        }
    ]
    assert figure.finding == "3 calls to the police, 2 of them (67%) about missing children"


def test_calls_without_reasons() -> None:
    """Where no call has a reason, those about missing children are unknown and not none."""
    calls = [{"called_at": utc(2025, 2, 3), "reason": None}]
    figure = _figure("call_rate", [], placements=[{"child_id": f"C{n}"} for n in range(9)], police_calls=calls)
    assert figure.frame["missing_calls"].to_list() == [None]
    assert figure.finding == "1 call to the police from 1 unit"
    assert any("needs column reason of table police_calls" in caveat for caveat in figure.caveats)


def test_few_nights_have_no_rate() -> None:
    """Below 500 nights a unit has counts and no rate."""
    calls = [{"called_at": utc(2025, 2, 3)}]
    figure = _figure("call_rate", [], placements=[{}], police_calls=calls)
    row = figure.frame.row(0, named=True)
    assert (row["nights"], row["all_calls"], row["all_rate"]) == (90, 1, None)
    assert figure.draw is None
