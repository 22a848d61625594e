"""The Evidence figure, against plain Python and case by case; and the trail that every figure leaves."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.theme import LIGHT
from dashboard.exports.tables import Snapshot, parameters_of
from dashboard.figures.figure import DEFINITIONS, Figure, build
from dashboard.resources import DEMO
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import evidence as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Tables, exports, opened, scopes, utc

_QUARTER = Scope(Period.parse("2025-Q2"))
_BACK = utc(2025, 5, 2, 1)


@st.composite
def followed(draw: st.DrawFn) -> Tables:
    """Exports with police checks, and interviews that say whether help followed."""
    tables = draw(exports(most_episodes=25))
    for row in tables["episodes"]:
        row["police_checked_at"] = draw(st.sampled_from([None, row["started_at"] + timedelta(hours=30)]))
    for row in tables["return_interviews"]:
        row["follow_up"] = draw(st.sampled_from([None, True, False]))
    return tables


@given(followed(), scopes(), st.sampled_from([None, "C1", "C2"]))
def test_chain(tables: Tables, scope: Scope, child_id: str | None) -> None:
    """Each episode of the scope, of one child where one is chosen, with the links that it should have and those that it lacks."""
    agree("evidence/chain", tables, scope, lambda plain, scope: oracle.chain(plain, scope, child_id), child_id=child_id)


def _chain(episode: dict[str, Any], *interviews: dict[str, Any], child_id: str | None = None, **tables: Any) -> Figure:
    """The chain of one episode beside another that fills every column, of another child."""
    whole = {"started_at": utc(2025, 5, 1, 20), "ended_at": _BACK, "risk": "low", "police_called": True, "police_checked_at": _BACK}
    done = {"episode_id": "whole", "outcome": "completed", "held_at": _BACK + timedelta(hours=9), "follow_up": True, "offered": "yes"}
    snapshot, _ = opened(
        episodes=[{"episode_id": "whole", "child_id": "C0"} | whole, {"episode_id": "it", "child_id": "C1"} | whole | episode],
        return_interviews=[done, *({"episode_id": "it"} | interview for interview in interviews)],
        **tables,
    )
    return build("evidence/chain", snapshot, _QUARTER, Settings(), child_id=child_id)


def _it(figure: Figure) -> dict[str, Any]:
    return figure.frame.row(by_predicate=pl.col("episode_id") == "it", named=True)


def test_a_whole_chain_lacks_nothing() -> None:
    """Given an episode with risk, call, return, check, interview and follow-up, then every link is expected and there."""
    figure = _chain({}, {"outcome": "completed", "held_at": _BACK + timedelta(hours=72), "follow_up": False})
    row = _it(figure)
    assert (row["expected"], row["lacking"]) == (["risk", "police", "return", "check", "interview", "follow_up"], [])
    assert (row["hours_to_held"], row["follow_up"]) == (72.0, False)
    assert figure.finding == "2 of 2 episodes have every link"


def test_a_day_without_a_time_is_read_as_a_day() -> None:
    """Given interviews held on days whose times are not recorded, then a table says the day alone, and not midnight before the return."""
    day = {"outcome": "completed", "held_at": _BACK.date(), "follow_up": True}
    snapshot, _ = opened(
        episodes=[{"episode_id": "it", "started_at": utc(2025, 5, 1, 20), "ended_at": _BACK}],
        return_interviews=[{"episode_id": "it"} | day],
    )
    figure = build("evidence/chain", snapshot, _QUARTER, Settings())
    assert figure.as_read["held_at"].to_list() == [_BACK.date()]
    assert figure.as_read.schema["ended_at"] == figure.frame.schema["ended_at"]


def test_nothing_is_expected_after_a_return_that_is_lacking() -> None:
    """Given an episode that is open, then its return is lacking, and no check, interview or follow-up is asked for."""
    row = _it(_chain({"ended_at": None, "police_checked_at": None}))
    assert (row["expected"], row["lacking"]) == (["risk", "police", "return"], ["return"])
    assert row["interview"] is None


@pytest.mark.parametrize(
    ("interviews", "interview", "is_expected", "is_lacking"),
    [
        ((), "not_offered", True, True),
        (({"offered": "no"},), "not_offered", True, True),
        (({"outcome": "pending"},), "no_answer_yet", True, True),
        (({"outcome": "not_held"},), "not_held", True, True),
        (({"outcome": "declined"},), "declined", True, False),
        (({"offered": "not_required"},), "not_required", False, False),
        (({"outcome": "declined"}, {"outcome": "completed", "held_at": _BACK, "follow_up": True}), "held", True, False),
        (({"outcome": "completed", "held_at": _BACK - timedelta(hours=1), "follow_up": True},), "held", True, False),
    ],
)
def test_what_became_of_the_interview(interviews: tuple[dict[str, Any], ...], interview: str, is_expected: bool, is_lacking: bool) -> None:
    """A child may decline, and some returns need no interview: neither is lacking. What was not offered, not answered or not held is.
    Declined and then held is held; held before the return too, its hours not known."""
    row = _it(_chain({}, *interviews))
    assert (row["interview"], "interview" in row["expected"], "interview" in row["lacking"]) == (interview, is_expected, is_lacking)


def test_an_interview_whose_time_is_not_over_is_not_lacking() -> None:
    """Given a return less than 72 hours before the data end, then no interview is expected yet."""
    row = _it(_chain({"started_at": utc(2025, 6, 29), "ended_at": utc(2025, 6, 29, 9)}))
    assert (row["interview"], "interview" in row["expected"]) == ("not_yet_due", False)


def test_a_check_is_expected_where_the_police_were_called() -> None:
    """Not called: no check is expected. Not said, but a call is about the episode: called then, and a check is expected."""
    not_called = _it(_chain({"police_called": False, "police_checked_at": None}))
    assert "check" not in not_called["expected"]
    assert "police" not in not_called["lacking"]
    call = {"call_id": "P", "called_at": utc(2025, 5, 1, 21), "episode_id": "it"}
    told_by_the_call = _it(_chain({"police_called": None, "police_checked_at": None}, police_calls=[call]))
    assert (told_by_the_call["police_called"], told_by_the_call["police_called_at"]) == (True, utc(2025, 5, 1, 21))
    assert "check" in told_by_the_call["lacking"]
    assert "police" in _it(_chain({"police_called": None}))["lacking"]


def test_a_follow_up_that_nobody_recorded_is_lacking() -> None:
    """No help that followed is an answer; an interview that says neither lacks one."""
    row = _it(_chain({}, {"outcome": "completed", "held_at": _BACK}))
    assert row["lacking"] == ["follow_up"]


def test_links_that_the_data_do_not_tell_of_are_lacking_in_no_episode() -> None:
    """Given a source without risk, checks and interviews, then they are named once, and no episode is said to lack them; nor
    does the finding say that it has them."""
    snapshot, _ = opened(episodes=[{"started_at": date(2025, 5, 1), "ended_at": date(2025, 5, 2), "police_called": True}])
    figure = build("evidence/chain", snapshot, _QUARTER, Settings())
    assert figure.frame["expected"].to_list() == [["police", "return"]]
    assert "The data do not tell of risk, police check, return interview and follow-up." in figure.caveats
    assert figure.finding == "1 of 1 episode has every link that is told, 2 of 6"
    assert figure.draw is not None
    assert "1 May 2025, missing" in json.dumps(figure.draw(LIGHT).to_dict())


def test_one_child_is_followed_alone() -> None:
    """The chosen child's episodes and no other's; one who has none in the scope is named, not replaced."""
    figure = _chain({"risk": None}, child_id="C1")
    assert figure.frame["child_id"].to_list() == ["C1"]
    assert figure.finding == "0 of 1 episode of child C1 have every link; most often unrecorded: risk (1)"
    assert _chain({}, child_id="C9").finding == "No missing and away episodes of child C9 in April 2025 to June 2025"


def test_many_episodes_are_drawn_together() -> None:
    """Up to twenty episodes have a row each, more have a bar a link; the alt text has the numbers of both."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 5, n), "ended_at": utc(2025, 5, n, 5), "risk": "low"} for n in range(1, 22)])
    figure = build("evidence/chain", snapshot, _QUARTER, Settings())
    assert "Risk: 21 of 21; Return: 21 of 21." in figure.alt
    assert figure.draw is not None
    assert "7 May" not in json.dumps(figure.draw(LIGHT).to_dict())


@pytest.fixture(scope="module")
def demo() -> Snapshot:
    """The embedded demo, which gives every figure."""
    return Snapshot.read(DEMO, Settings())


@pytest.mark.parametrize("name", DEFINITIONS)
def test_a_figure_leaves_a_trail(demo: Snapshot, name: str) -> None:
    """Every question that a figure asked is in its trail with all that it was bound with, its own first; asked so again, the export
    gives an answer with the figure's own columns, but for those that statistics add."""
    figure = build(name, demo, Scope(Period.parse("2025-26")), Settings())
    assert figure.needs is None
    assert figure.questions[0].name == name
    for question in figure.questions:
        assert list(question.bound) == parameters_of(question.sql)
    answer = demo.answer(name, figure.bound)
    if name != "seasons/season_strength":  # one number, of statistics alone
        assert set(answer.columns) & set(figure.frame.columns)


def test_a_figure_made_of_others_names_their_questions(demo: Snapshot) -> None:
    """What changed is read off other figures: their SQL is in its trail, each once."""
    names = [question.name for question in build("overview/changes", demo, _QUARTER, Settings()).questions]
    assert {"overview/changes", "repeat_runners/trigger_counts", "units/control_chart"} <= set(names)
