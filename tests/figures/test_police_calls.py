"""The Police calls figures, against plain Python and case by case."""

from __future__ import annotations

from datetime import date
from typing import Any

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
    tables["episodes"].append(known | {"police_called": True, "whereabouts_known": False, "risk": "high"})
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
    """A unit is named where its share can be told from that of the others together, and marked in the chart."""
    figure = _figure("called", [*_episodes("U1", 20, 20), *_episodes("U2", 6, 20), *_episodes("U3", 8, 20)])
    assert figure.finding == "U1 reported 100% of episodes to the police, the other units 35%"
    assert figure.draw is not None
    assert "Higher than the others" in figure.draw(LIGHT).to_json()


def test_units_alike_are_not_named() -> None:
    """Units whose shares differ by what episodes differ anyway are not named."""
    figure = _figure("called", [*_episodes("U1", 9, 12), *_episodes("U2", 7, 12)])
    assert figure.finding == "No unit is clearly unlike the others in how often it calls the police"


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
