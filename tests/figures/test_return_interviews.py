"""The Return interviews figures, against plain Python and case by case."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import dashboard.figures.everything  # noqa: F401  # registers every figure
from dashboard.charts.theme import LIGHT
from dashboard.figures.figure import Figure, build
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import return_interviews as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc

_MORE_OF_AN_INTERVIEW = st.fixed_dictionaries(
    {
        "late_reason": st.sampled_from([None, "missing_again", "could_not_be_reached"]),
        "offered_after": st.sampled_from([None, -5, 1, 30]),
        "reasons": st.sampled_from([None, [], ["family"], ["friends", "rules"], ["needed_space", "family", "of_our_own"]]),
        "follow_up": st.sampled_from([None, True, False]),
        # One interview for this return and the one of the row before.
        "is_for_both": st.sampled_from([False, False, True]),
    }
)
_CHECKED_AFTER = st.sampled_from([None, -2, 3, 40])


@st.composite
def interviewed(draw: st.DrawFn) -> Tables:
    """Exports with an interview that fills every column, and reasons why interviews were late."""
    tables = draw(exports())
    known = {"episode_id": "E", "child_id": "C1", "category": "missing", "started_at": utc(2025, 6, 1), "ended_at": utc(2025, 6, 2)}
    known |= {"police_checked_at": utc(2025, 6, 2, 5), "police_called": True}
    interview = {"interview_id": "I", "episode_id": "E", "outcome": "completed", "held_at": utc(2025, 6, 3), "interviewer": "independent"}
    interview |= {"offered_at": utc(2025, 6, 2, 9), "reasons": ["rules"], "follow_up": True, "late_reason": "missing_again"}
    tables["children"][0]["birth_month"] = date(2011, 6, 1)
    ends = {row["episode_id"]: row["ended_at"] or row["started_at"] for row in tables["episodes"]}
    for index, row in enumerate(tables["return_interviews"]):
        more = draw(_MORE_OF_AN_INTERVIEW)
        after = more.pop("offered_after")
        row["offered_at"] = None if after is None else ends[row["episode_id"]] + timedelta(hours=after)
        if more.pop("is_for_both") and index:
            row["interview_id"] = tables["return_interviews"][index - 1]["interview_id"]
        row |= more
    for row in tables["episodes"]:
        checked = draw(_CHECKED_AFTER)
        row["police_checked_at"] = None if checked is None or row["ended_at"] is None else row["ended_at"] + timedelta(hours=checked)
    tables["episodes"].append(known)
    tables["return_interviews"].append(interview)
    return tables


@given(interviewed(), scopes())
def test_steps(tables: Tables, scope: Scope) -> None:
    """Each step counts the returns that came to it and their children, over all that are due."""
    agree("return_interviews/steps", tables, scope, oracle.steps)


@given(interviewed(), scopes())
def test_not_required(tables: Tables, scope: Scope) -> None:
    """Returns recorded as needing no interview are counted by unit over all returns, and the steps say how many they leave out."""
    made = agree("return_interviews/not_required", tables, scope, oracle.not_required)
    steps = agree("return_interviews/steps", tables, scope, oracle.steps)
    said = [caveat.split()[0] for caveat in steps.caveats if "needing no interview" in caveat]
    assert said == [str(count) for count in [made.frame["not_required"].sum()] if count]


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


@given(interviewed(), scopes())
def test_time_to_interview(tables: Tables, scope: Scope) -> None:
    """What comes of each return first, hour by hour: held, declined or missing again, with the open ones as far as they are known."""
    agree("return_interviews/time_to_interview", tables, scope, oracle.time_to_interview)


@given(interviewed(), scopes())
def test_gone_again(tables: Tables, scope: Scope) -> None:
    """Of returns that lasted 72 hours and can be followed for 28 days: how many, of how many children, and who went again."""
    agree("return_interviews/gone_again", tables, scope, oracle.gone_again)


@given(interviewed(), scopes())
def test_held(tables: Tables, scope: Scope) -> None:
    """An interview counts once, and a return once, however many of the other they have."""
    agree("return_interviews/held", tables, scope, oracle.held)


@given(interviewed(), scopes())
def test_declined(tables: Tables, scope: Scope) -> None:
    """Declined, over the returns with an interview offered, by category, age and unit."""
    agree("return_interviews/declined", tables, scope, oracle.declined)


@given(interviewed(), scopes())
def test_late_reasons(tables: Tables, scope: Scope) -> None:
    """Late is held after 72 hours, or due and not held; the reason is the last recorded."""
    agree("return_interviews/late_reasons", tables, scope, oracle.late_reasons)


@given(interviewed(), scopes())
def test_interviewers(tables: Tables, scope: Scope) -> None:
    """Interviews held, each once, by who held them, with the returns that they cover."""
    agree("return_interviews/interviewers", tables, scope, oracle.interviewers)


@given(interviewed(), scopes())
def test_reasons(tables: Tables, scope: Scope) -> None:
    """Each reason counts the interviews in which it was given; those that the settings do not know are other."""
    agree("return_interviews/reasons", tables, scope, oracle.reasons)


@given(interviewed(), scopes())
def test_follow_up(tables: Tables, scope: Scope) -> None:
    """Interviews held by the month of the last return that they cover, and those that led to help."""
    agree("return_interviews/follow_up", tables, scope, oracle.follow_up)


@given(interviewed(), scopes())
def test_police_checks(tables: Tables, scope: Scope) -> None:
    """Every return counts, whether it needs an interview or not; a check before the return has no hours."""
    agree("return_interviews/police_checks", tables, scope, oracle.police_checks)


@given(interviewed(), scopes())
def test_annex_a(tables: Tables, scope: Scope) -> None:
    """Each child with an episode in twelve months, by category, and what became of the interview after the last."""
    agree("return_interviews/annex_a", tables, scope, oracle.annex_a)


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


def test_a_target_is_said_as_it_is_set() -> None:
    """A target is no measurement: it is not rounded, neither in the finding nor at its line."""
    figure = _figure("coverage", _returns("U1", [5.0] * 15 + [100.0] * 5), interview_target=0.995)
    assert figure.finding.endswith("99.5%")
    assert figure.draw is not None
    assert "Target 99.5%" in figure.draw(LIGHT).to_json()


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


def _one(back: Any, interviews: Rows, **more: Any) -> tuple[Rows, Rows]:
    """Six children back at one moment, the first with these interviews."""
    episodes: Rows = [
        {"episode_id": f"E{n}", "child_id": f"C{n}", "started_at": back - timedelta(hours=9), "ended_at": back} | more for n in range(6)
    ]
    return episodes, [{"interview_id": f"I{n}", "episode_id": "E0"} | row for n, row in enumerate(interviews)]


def _first(name: str, back: Any, *interviews: dict[str, Any]) -> dict[str, Any]:
    """The first row of a figure of them, of any month of 2025-Q1."""
    figure = _figure(name, _one(back, list(interviews)))
    return figure.frame.filter(pl.col("due") > 0).row(0, named=True) if "due" in figure.frame.columns else figure.frame.row(0, named=True)


BACK = utc(2025, 2, 10, 12)


@pytest.mark.parametrize(("minutes", "in_time"), [(72 * 60, 1), (72 * 60 + 1, 0)])
def test_exactly_72_hours_is_in_time(minutes: int, in_time: int) -> None:
    """Given an interview exactly 72 hours after the return, then it is within 72 hours, in the share, the steps and the curve; a minute
    later it is not."""
    interview = {"outcome": "completed", "held_at": BACK + timedelta(minutes=minutes)}
    assert _first("coverage", BACK, interview)["held_72h"] == in_time
    curve = dict(_figure("time_to_interview", _one(BACK, [interview])).frame.select("hours", "held").iter_rows())
    assert (curve[66], curve[72], curve[78]) == pytest.approx((0, in_time / 6, 1 / 6))


def test_72_hours_over_a_clock_change_are_elapsed_hours() -> None:
    """Given a return before the change to summer time, then an interview at the same local time three days on comes after 71 hours, and
    one an hour later by the clock after 72; both are in time, and one two hours later is not."""
    back = utc(2025, 3, 29, 12)
    for local_hour, in_time in ((12, 1), (13, 1), (14, 0)):
        held_at = utc(2025, 4, 1, local_hour - 1)
        assert _first("coverage", back, {"outcome": "completed", "held_at": held_at})["held_72h"] == in_time


def test_an_interview_before_the_return_has_no_place_on_the_curve() -> None:
    """Given an interview held before the return, then it is held, within no hours of it, and left out of the curve with a caveat."""
    episodes, interviews = _one(BACK, [{"outcome": "completed", "held_at": BACK - timedelta(hours=1)}])
    figure = _figure("time_to_interview", (episodes, interviews))
    assert figure.frame["waiting"][0] == 5
    assert figure.frame["held"].max() == 0
    assert "Left out: 1 interview held at no recorded time after the return." in figure.caveats
    assert _figure("held", (episodes, interviews)).frame["interviews_held"].to_list() == [1]


def test_of_two_interviews_the_first_after_the_return_counts_for_time() -> None:
    """Given two interviews for one return, then the return is held once, by the first, and the two count as two interviews."""
    two = [{"outcome": "completed", "held_at": BACK + timedelta(hours=hours)} for hours in (100, 20)]
    row = _first("coverage", BACK, *two)
    assert (row["held"], row["held_24h"], row["held_72h"]) == (1, 1, 1)
    assert _figure("held", _one(BACK, two)).frame.row(0) == (2, 1, 0, 1, 1)


def test_declined_then_held_is_held() -> None:
    """Given an interview declined and another held, then the return is held and accepted, not declined, in steps, curve and list."""
    both = [
        {"outcome": "declined", "offered_at": BACK + timedelta(hours=5)},
        {"outcome": "completed", "held_at": BACK + timedelta(hours=50), "offered_at": BACK + timedelta(hours=40)},
    ]
    steps = dict(_figure("steps", _one(BACK, both)).frame.select("step", "episodes").iter_rows())
    assert (steps["offered"], steps["accepted"], steps["held"]) == (1, 1, 1)
    assert _figure("declined", _one(BACK, both)).finding == "0 of 1 interview offered were declined"
    last = _figure("time_to_interview", _one(BACK, both)).frame.row(-1, named=True)
    assert (last["held"], last["declined"]) == pytest.approx((1 / 6, 0))


def test_offered_only_is_neither_held_nor_declined() -> None:
    """Given an offer without an answer, then it is outstanding, waits on the curve, and counts as accepted (not declined)."""
    held = {"interview_id": "H", "episode_id": "E5", "outcome": "completed", "held_at": BACK + timedelta(hours=5)}
    episodes, interviews = _one(BACK, [{"offered_at": BACK + timedelta(hours=5)}, held])
    assert _figure("outstanding", (episodes, interviews)).frame["reason"].to_list()[0] == "offered, no answer yet"
    last = _figure("time_to_interview", (episodes, interviews)).frame.row(-1, named=True)
    assert (last["declined"], last["held"], last["waiting"]) == pytest.approx((0, 1 / 6, 5))


def test_declined_stands_where_it_was_offered() -> None:
    """Given a time of offer, then the child declined then; without one, or with dates alone, at the return."""
    held = {"interview_id": "H", "episode_id": "E5", "outcome": "completed", "held_at": BACK + timedelta(hours=50)}
    for offered_at, at_6_hours, at_18_hours in (
        (BACK + timedelta(hours=12), 0, 1 / 6),
        (None, 1 / 6, 1 / 6),
        (date(2025, 2, 10), 1 / 6, 1 / 6),
    ):
        figure = _figure("time_to_interview", _one(BACK, [{"outcome": "declined", "offered_at": offered_at}, held]))
        shares = dict(figure.frame.select("hours", "declined").iter_rows())
        assert (shares[6], shares[18]) == pytest.approx((at_6_hours, at_18_hours))


def test_gone_before_the_interview() -> None:
    """Given a child gone again before the interview that covers both returns, then the first return ends as missing again on the curve,
    and is held, once, by the same interview, elsewhere."""
    episodes, _ = _one(BACK, [])
    again = {"episode_id": "E9", "child_id": "C0", "started_at": BACK + timedelta(hours=10), "ended_at": BACK + timedelta(hours=20)}
    held = [{"interview_id": "I", "episode_id": id_, "outcome": "completed", "held_at": BACK + timedelta(hours=30)} for id_ in ("E0", "E9")]
    parts = [*episodes, again], held
    last = _figure("time_to_interview", parts).frame.row(-1, named=True)
    assert (last["missing_again"], last["held"]) == pytest.approx((1 / 7, 1 / 7))
    assert _figure("held", parts).frame.row(0) == (1, 2, 1, 2, 0)
    assert _figure("held", parts).finding == "1 interview held covers 2 returns; 1 of them cover several"


def test_dates_alone_have_no_curve() -> None:
    """From dates without times the curve and who goes again are not given, and say which columns would give them; what is offered, held,
    said and by whom is given all the same."""
    episodes = [
        {"episode_id": f"E{n}", "child_id": f"C{n}", "started_at": date(2025, 2, n), "ended_at": date(2025, 2, n)} for n in range(1, 9)
    ]
    interviews = [
        {
            "interview_id": f"I{n}",
            "episode_id": f"E{n}",
            "outcome": "completed",
            "held_at": date(2025, 2, n + 1),
            "interviewer": "independent",
            "reasons": ["friends"],
            "follow_up": n > 4,
        }
        for n in range(1, 9)
    ]
    for name in ("time_to_interview", "gone_again"):
        needs = _figure(name, (episodes, interviews)).needs or ""
        assert "times, not dates alone, in column ended_at of table episodes" in needs
        assert "times, not dates alone, in column held_at of table return_interviews" in needs
    assert _figure("reasons", (episodes, interviews)).finding == "Children most often speak of friends"
    assert _figure("follow_up", (episodes, interviews)).finding == "Help or a change of plan followed 50% of interviews"
    assert _figure("interviewers", (episodes, interviews)).finding.startswith("100% of interviews were held by someone independent")


def test_a_police_check_is_no_return_interview() -> None:
    """Given a police check and no interview, then the return is checked and not held; given an interview that is not required, then the
    return counts for the check all the same."""
    episodes, interviews = _one(BACK, [{"offered": "not_required"}], police_checked_at=BACK + timedelta(hours=6))
    checks = _figure("police_checks", (episodes, interviews)).frame.row(1, named=True)
    assert (checks["returns"], checks["checked"], checks["median_hours"]) == (6, 6, 6.0)
    steps = dict(_figure("steps", (episodes, interviews)).frame.select("step", "episodes").iter_rows())
    assert (steps["due"], steps["held"]) == (5, None)


@pytest.mark.parametrize(
    ("with_", "without", "said"),
    [
        (2, 18, "An interview went with fewer going again within 28 days: 10% against 90%"),
        (18, 2, "An interview went with more going again within 28 days: 90% against 10%"),
        (9, 11, "With an interview 45% went again within 28 days, without 55%: no clear difference"),
    ],
)
def test_who_goes_again_is_told_apart_only_where_it_can_be(with_: int, without: int, said: str) -> None:
    """The finding says fewer or more only where the interval of the difference, children taken whole, leaves out 0; and never because."""
    episodes, interviews = _returns("U1", [20.0] * 20 + [None] * 20)
    gone = [*range(with_), *range(20, 20 + without)]
    again = [
        {
            "child_id": f"CU1{n}",
            "episode_id": f"A{n}",
            "started_at": episodes[n]["ended_at"] + timedelta(days=10),
            "ended_at": utc(2025, 5, 1),
        }
        for n in gone
    ]
    assert _figure("gone_again", ([*episodes, *again], interviews)).finding == said


def test_a_child_gone_within_72_hours_is_in_neither_group() -> None:
    """Given a child gone again before an interview could be held, then the return is not one without an interview; nor is one that cannot
    be followed for 28 days."""
    episodes, interviews = _returns("U1", [20.0] * 6 + [None] * 6)
    soon = {"child_id": "CU16", "episode_id": "A", "started_at": episodes[6]["ended_at"] + timedelta(hours=72), "ended_at": utc(2025, 5, 1)}
    figure = _figure("gone_again", ([*episodes, soon], interviews))
    assert figure.frame["returns"].to_list() == [6, 5]
    late = _one(utc(2025, 6, 3), [{"outcome": "completed", "held_at": utc(2025, 6, 4)}])
    assert (
        _figure("gone_again", late, scope=Scope(Period.parse("2025-Q2"))).finding == "No return in this period can be followed for 28 days"
    )


def test_an_episode_is_not_the_one_after_itself() -> None:
    """Given an episode recorded as ended before it began, then its own start is no going again; the next episode's is."""
    episodes, interviews = _returns("U1", [20.0] * 6)
    start = episodes[0]["started_at"]
    episodes[0] |= {"started_at": start + timedelta(days=5), "ended_at": start}
    assert _figure("gone_again", (episodes, interviews)).frame["again"].to_list() == [0, 0]
    later = {"child_id": "CU10", "episode_id": "A", "started_at": start + timedelta(days=9), "ended_at": start + timedelta(days=10)}
    assert sum(_figure("gone_again", ([*episodes, later], interviews)).frame["again"]) == 1


def test_what_annex_a_asks_of_each_child() -> None:
    """The last episode is the latest to begin: not back yet where it is open; not yet due where its 72 hours are not over."""
    episodes = [
        {"episode_id": "A1", "child_id": "A", "started_at": utc(2025, 1, 5), "ended_at": utc(2025, 1, 6)},
        {"episode_id": "A2", "child_id": "A", "started_at": utc(2025, 3, 5), "ended_at": None, "category": "away"},
        {"episode_id": "B1", "child_id": "B", "started_at": utc(2025, 3, 5), "ended_at": utc(2025, 3, 6)},
        {"episode_id": "C1", "child_id": "C", "started_at": utc(2025, 3, 5), "ended_at": utc(2025, 3, 6)},
        {"episode_id": "D1", "child_id": "D", "started_at": utc(2024, 3, 30), "ended_at": utc(2024, 3, 31)},
        {"episode_id": "E1", "child_id": "E", "started_at": utc(2025, 6, 28), "ended_at": utc(2025, 6, 29)},
    ]
    interviews = [
        {"interview_id": "I1", "episode_id": "A1", "outcome": "completed", "held_at": utc(2025, 1, 7)},
        {"interview_id": "I2", "episode_id": "B1", "outcome": "declined"},
        {"interview_id": "I3", "episode_id": "C1", "offered": "no"},
    ]
    rows = _figure("annex_a", (episodes, interviews)).frame.select("child_id", "missing_12m", "away_12m", "offered_last", "accepted_last")
    assert rows.rows() == [("A", 1, 1, "not back yet", None), ("B", 1, 0, "yes", "no"), ("C", 1, 0, "no", None)]
    later = _figure("annex_a", (episodes, interviews), scope=Scope(Period.parse("2025-Q2"))).frame
    assert later.filter(pl.col("child_id") == "E")["offered_last"].to_list() == ["not yet due"]


def test_returns_that_need_no_interview_are_told_by_unit() -> None:
    """Given units that record returns as needing none, then each has its share, and of a few children there is none."""
    episodes, _ = _returns("U1", [None] * 8)
    few, _ = _returns("U2", [None] * 2)
    needless = [{"interview_id": f"I{n}", "episode_id": row["episode_id"], "offered": "not_required"} for n, row in enumerate(episodes[:2])]
    made = _figure("not_required", (episodes, needless), (few, []))
    assert made.finding == "2 of 10 returns are recorded as needing no interview (20%)"
    assert made.frame.select("unit_id", "share").rows() == [("U1", 0.25), ("U2", None)]
    assert made.draw is not None
    none = _figure("not_required", _returns("U1", [5.0] * 8))
    assert none.finding == "No return in this period is recorded as needing no interview"
    assert none.draw is None


def test_a_reason_is_in_one_group() -> None:
    """Given settings that name a reason in two groups, or twice in one, then they are refused: it would be counted twice."""
    for reasons in ({"push": ["family"]}, {"personal": ["grief", "grief"]}):
        with pytest.raises(ValidationError, match="stands twice; a reason is in one group"):
            Settings(reasons=reasons)  # type: ignore[arg-type]


def test_a_table_says_the_steps_as_the_chart_does() -> None:
    """A table for people has words where files have codes, and the unit's name where they have its id."""
    units = [{"unit_id": "U1", "name": "Elm_House"}]
    episodes, interviews = _returns("U1", [5.0] * 6)
    snapshot, _ = opened(episodes=episodes, return_interviews=interviews, units=units)
    steps, declined = (build(f"return_interviews/{name}", snapshot, SCOPE, Settings()) for name in ("steps", "declined"))
    assert "Held within 72 hours" in steps.as_read["step"].to_list()
    assert declined.as_read["group"].to_list()[-1] == "Elm_House"
    assert declined.frame["group"].to_list()[-1] == "U1"
