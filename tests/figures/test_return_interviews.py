"""The Return interviews figures, against plain Python and case by case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dashboard.figures.everything  # noqa: F401  # registers every figure
from dashboard.charts.theme import LIGHT
from dashboard.figures.figure import Figure, build
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import return_interviews as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc


@st.composite
def interviewed(draw: st.DrawFn) -> Tables:
    """Exports with an interview that fills every column, and reasons why interviews were late."""
    tables = draw(exports())
    known = {"episode_id": "E", "child_id": "C1", "category": "missing", "started_at": utc(2025, 6, 1), "ended_at": utc(2025, 6, 2)}
    interview = {"interview_id": "I", "episode_id": "E", "outcome": "completed", "held_at": utc(2025, 6, 3), "interviewer": "independent"}
    for row in tables["return_interviews"]:
        row["late_reason"] = draw(st.sampled_from([None, "missing_again", "could_not_be_reached"]))
    tables["episodes"].append(known)
    tables["return_interviews"].append(interview)
    return tables


@given(interviewed(), scopes())
def test_steps(tables: Tables, scope: Scope) -> None:
    """Each step counts the returns that came to it and their children, over all that are due."""
    agree("return_interviews/steps", tables, scope, oracle.steps)


@given(interviewed(), scopes())
def test_coverage(tables: Tables, scope: Scope) -> None:
    """Every month of the period is there, with what was held within 24, 48 and 72 hours over those whose time was over."""
    agree("return_interviews/coverage", tables, scope, oracle.coverage)


@given(interviewed(), scopes())
def test_unit_coverage(tables: Tables, scope: Scope) -> None:
    """The same by the unit where the child was placed, each held against all others together."""
    agree("return_interviews/unit_coverage", tables, scope, oracle.unit_coverage)


@given(interviewed(), scopes())
def test_outstanding(tables: Tables, scope: Scope) -> None:
    """What is due and neither held nor declined, the longest ago first, with the reason in words."""
    agree("return_interviews/outstanding", tables, scope, oracle.outstanding)


SCOPE = Scope(Period.parse("2025-Q1"))


def _returns(unit: str, held_after: list[float | None], month: int = 2, year: int = 2025) -> tuple[Rows, Rows]:
    """A return a child in a unit, and an interview so many hours after each; None for none."""
    back = [utc(year, month, 1 + n % 27, 12) for n in range(len(held_after))]
    ids = [f"{unit}-{year}-{month}-{n}" for n in range(len(held_after))]
    episodes: Rows = [
        {"episode_id": id_, "child_id": f"C{unit}{n}", "unit_id": unit, "started_at": at - timedelta(hours=9), "ended_at": at}
        for n, (id_, at) in enumerate(zip(ids, back, strict=True))
    ]
    interviews: Rows = [
        {
            "interview_id": id_,
            "episode_id": id_,
            "outcome": "completed",
            "held_at": at + timedelta(hours=after),
            "interviewer": "independent",
        }
        for id_, at, after in zip(ids, back, held_after, strict=True)
        if after is not None
    ]
    return episodes, interviews


def _figure(name: str, *parts: tuple[Rows, Rows], scope: Scope = SCOPE, **settings: Any) -> Figure:
    snapshot, _ = opened(episodes=[row for part in parts for row in part[0]], return_interviews=[row for part in parts for row in part[1]])
    return build(f"return_interviews/{name}", snapshot, scope, Settings(**settings))


def test_a_late_unit_is_named() -> None:
    """A unit is named as late where its share can be told from that of the others, and marked in its chart."""
    late, usual, more = _returns("U1", [200.0] * 18 + [5.0] * 2), _returns("U2", [5.0] * 16 + [100.0] * 4), _returns("U3", [5.0] * 15)
    figure = _figure("unit_coverage", late, usual, more)
    assert figure.finding == "Interviews are late at U1: 10% within 72 hours, 89% elsewhere"
    assert figure.frame["compared"].to_list()[0] == "lower"
    assert figure.draw is not None
    assert "Lower than the others" in figure.draw(LIGHT).to_json()


def test_small_differences_are_not_named() -> None:
    """Units whose shares differ by what returns differ anyway are not named."""
    figure = _figure("unit_coverage", _returns("U1", [5.0] * 7 + [100.0] * 3), _returns("U2", [5.0] * 8 + [100.0] * 2))
    assert figure.finding == "No unit's interviews are clearly later than the others'"


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ([100.0] * 30, [5.0] * 30, "Interviews within 72 hours rose from 0% to 100% of returns; target 90%"),
        ([5.0] * 30, [100.0] * 30, "Interviews within 72 hours fell from 100% to 0% of returns; target 90%"),
        ([5.0] * 6 + [100.0] * 4, [5.0] * 7 + [100.0] * 3, "70% of returns had an interview within 72 hours, no clear change; target 90%"),
        ([5.0] * 3, [5.0] * 10, "100% of returns had an interview within 72 hours; the target is 90%"),
    ],
)
def test_a_change_is_said_only_where_it_can_be_told(before: list[float], now: list[float], said: str) -> None:
    """The share rose or fell only where the interval of the difference leaves out 0; of few children there is nothing to compare with."""
    parts = _returns("U1", list(before), month=11, year=2024), _returns("U1", list(now))
    assert _figure("coverage", *parts, interview_target=0.9).finding == said


def test_a_period_before_the_data_is_not_compared_with() -> None:
    """Where the data do not reach the period before, nothing is said of a change."""
    parts = _returns("U1", [5.0] * 10, month=1, year=2024), _returns("U1", [100.0] * 10)
    finding = _figure("coverage", *parts, scope=Scope(Period.parse("2024-01-01..2025-06-30"))).finding
    assert finding == "50% of returns had an interview within 72 hours; the target is 100%"


def test_few_children_have_no_share() -> None:
    """Of four children there are counts and no share, limit or chart, and the caveat says why."""
    figure = _figure("coverage", _returns("U1", [5.0] * 4))
    assert figure.finding == "4 of 4 returns had an interview within 72 hours"
    assert figure.frame.select("share_72h", "share_held", "lower", "upper").null_count().row(0) == (3, 3, 3, 3)
    assert figure.draw is None
    assert "No share is given for fewer than 5 different children." in figure.caveats


def test_nothing_due() -> None:
    """A period without a return says so, in every figure, and has no chart."""
    for name in ("steps", "coverage", "unit_coverage"):
        figure = _figure(name, _returns("U1", [5.0] * 10, month=5))
        assert figure.finding == "No return in this period needs an interview"
        assert figure.draw is None
    assert _figure("outstanding", _returns("U1", [5.0] * 10)).finding == "No interview is outstanding"


def test_returns_whose_time_is_not_over() -> None:
    """Given returns less than 72 hours before the data end, then none is due yet, and none is outstanding."""
    episodes = [{"child_id": f"C{n}", "started_at": utc(2025, 6, 28), "ended_at": utc(2025, 6, 29, n)} for n in range(6)]
    scope = Scope(Period.parse("2025-Q2"))
    earlier = _returns("U1", [5.0], month=2)
    figure = _figure("coverage", (episodes, []), earlier, scope=scope)
    assert figure.finding == "6 returns, none of them due an interview yet"
    assert _figure("outstanding", (episodes, []), earlier, scope=scope).frame.is_empty()


def test_an_interview_at_no_time_after_the_return() -> None:
    """Given interviews held before the return, then they are held, in no share of 72 hours, and counted in a caveat."""
    figure = _figure("coverage", _returns("U1", [-5.0] * 2 + [5.0] * 8))
    february = figure.frame.row(1, named=True)
    assert (february["held"], february["held_72h"], february["held_untimed"], february["share_72h"]) == (10, 8, 2, 0.8)
    assert "2 interviews held at no recorded time after the return: not counted as within 72 hours." in figure.caveats


def test_a_source_with_dates_alone() -> None:
    """Dates without times give what was offered and held, and leave out hours with the sentence that names what they need."""
    episodes = [
        {"episode_id": f"E{n}", "child_id": f"C{n}", "started_at": date(2025, 2, n), "ended_at": date(2025, 2, n + 1)} for n in range(1, 11)
    ]
    interviews = [
        {"interview_id": f"I{n}", "episode_id": f"E{n}", "outcome": "completed" if n < 8 else "not_held", "held_at": date(2025, 2, n + 2)}
        for n in range(1, 11)
    ]
    snapshot, _ = opened(episodes=episodes, return_interviews=interviews)
    steps, coverage, outstanding = (
        build(f"return_interviews/{name}", snapshot, SCOPE, Settings()) for name in ("steps", "coverage", "outstanding")
    )
    assert dict(steps.frame.select("step", "episodes").iter_rows()) == {
        "due": 10,
        "not_yet_due": 0,
        "offered": 10,
        "accepted": 10,
        "held": 7,
        "held_72h": None,
        "independent": None,
    }
    february = coverage.frame.row(1, named=True)
    assert (february["held"], february["share_held"], february["share_72h"], february["held_72h"]) == (7, 0.7, None, None)
    assert coverage.finding == "70% of returns had an interview"
    assert any("times, not dates alone, in column held_at" in caveat for caveat in coverage.caveats)
    assert coverage.draw is not None
    assert "Target" not in coverage.draw(LIGHT).to_json()
    assert outstanding.frame["hours_past_due"].to_list() == [None] * 3
    assert outstanding.frame["reason"].to_list() == ["offered, not held"] * 3


def test_a_source_that_says_only_what_was_offered() -> None:
    """Without outcomes and times held there are steps as far as offered, and sentences in place of the rest."""
    episodes, _ = _returns("U1", [None] * 6)
    snapshot, _ = opened(episodes=episodes, return_interviews=[{"interview_id": "I", "episode_id": episodes[0]["episode_id"]}])
    steps = build("return_interviews/steps", snapshot, SCOPE, Settings())
    assert steps.finding == "Of 6 returns, 1 was offered an interview"
    assert steps.frame["episodes"].to_list() == [6, 0, 1, None, None, None, None]
    for name in ("coverage", "unit_coverage", "outstanding"):
        assert (build(f"return_interviews/{name}", snapshot, SCOPE, Settings()).needs or "").startswith("Needs column outcome")


def test_a_source_that_says_what_was_accepted_and_not_what_was_held() -> None:
    """Outcomes without a completed one are answers to an offer: those accepted are counted, and none of them as held or as not held."""
    episodes, _ = _returns("U1", [None] * 6)
    answers = ["declined", "declined", None, None, None, "pending"]
    interviews = [{"interview_id": f"I{n}", "episode_id": episodes[n]["episode_id"], "outcome": answer} for n, answer in enumerate(answers)]
    snapshot, _ = opened(episodes=episodes, return_interviews=interviews)
    steps = build("return_interviews/steps", snapshot, SCOPE, Settings())
    assert steps.finding == "Of 6 returns, 6 were offered an interview"
    assert steps.frame["episodes"].to_list() == [6, 0, 6, 4, None, None, None]
    assert any(caveat.startswith("Held within 72 hours: needs column held_at") for caveat in steps.caveats)
    for name in ("coverage", "unit_coverage", "outstanding"):
        needs = build(f"return_interviews/{name}", snapshot, SCOPE, Settings()).needs or ""
        assert needs == (
            "Needs column outcome of table return_interviews with “completed” in it or column held_at of table return_interviews."
        )


def test_alt_text_says_what_the_chart_shows() -> None:
    """Lowest and highest month, with their names, stand in the alt text, and the finding after them."""
    parts = _returns("U1", [5.0] * 3 + [100.0] * 7, month=1), _returns("U1", [5.0] * 9 + [100.0], month=3)
    figure = _figure("coverage", *parts)
    assert "lowest 30% in January 2025, highest 90% in March 2025" in figure.alt
    assert figure.finding in figure.alt
