"""The Repeat runners page's figures, against plain Python and by rule."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.charts.theme import LIGHT
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import Figure, build
from dashboard.scope import Period, Scope
from dashboard.settings import Settings, TriggerRule
from tests.oracle import repeat_runners as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc
from tests.oracle.plain import Plain

_YEAR_BEGINS = utc(2024, 7, 1, 12)
_YEAR = Scope(Period.parse("2024-07-01..2025-06-30"))
_QUARTER = Scope(Period.parse("2025-Q2"))


@settings(max_examples=5)
@given(exports(), scopes())
def test_counts_of_children(tables: Tables, scope: Scope) -> None:
    """Bands hold every child once; ranks, running shares and the Gini coefficient are those of the definitions."""
    agree("repeat_runners/distribution", tables, scope, oracle.distribution)
    agree("repeat_runners/concentration", tables, scope, oracle.concentration)
    agree("repeat_runners/concentration_summary", tables, scope, oracle.concentration_summary)


@settings(max_examples=5)
@given(exports(), scopes())
def test_children_and_their_rules(tables: Tables, scope: Scope) -> None:
    """By the default rules: each crossing, the children who meet each rule, and each child's line."""
    agree("repeat_runners/triggers", tables, scope, oracle.triggers)
    agree("repeat_runners/trigger_counts", tables, scope, oracle.trigger_counts)
    agree("repeat_runners/children", tables, scope, oracle.children)


@settings(max_examples=8)
@given(exports(), scopes(), st.sampled_from([None, "C1", "C2"]))
def test_trajectory(tables: Tables, scope: Scope, child_id: str | None) -> None:
    """Everything of one child in the period, of any category and unit, by time; without a choice the child with most episodes."""
    agree("repeat_runners/trajectory", tables, scope, lambda plain, scope: oracle.trajectory(plain, scope, child_id), child_id=child_id)


_CLOSE_RULES = (
    TriggerRule(episodes=1, days=3),
    TriggerRule(episodes=2, days=1),
    TriggerRule(episodes=2, days=5),
    TriggerRule(episodes=3, days=7),
    TriggerRule(episodes=4, days=30),
    TriggerRule(kind="over_24h"),
)


@settings(max_examples=12)
@given(st.lists(st.tuples(st.sampled_from([f"C{place}" for place in range(8)]), st.integers(0, 70)), max_size=100))
def test_rules_where_windows_touch(starts: list[tuple[str, int]]) -> None:
    """Days with several starts, windows that end on the day of the next start, and runs that began before the period: crossings,
    largest counts and what holds at the end are those of counting day by day."""
    rows = [{"child_id": child, "started_at": utc(2024, 3, 1, 12) + timedelta(days=day), "ended_at": None} for child, day in starts]
    with_rules = Settings(triggers=_CLOSE_RULES)
    snapshot, whole = opened(covers=(date(2024, 1, 1), date(2024, 5, 20)), episodes=rows)
    plain, scope = Plain(whole, (date(2024, 1, 1), date(2024, 5, 20))), Scope(Period.parse("2024-04"))
    for name, expected in (("triggers", oracle.triggers), ("trigger_counts", oracle.trigger_counts), ("children", oracle.children)):
        rows = build(f"repeat_runners/{name}", snapshot, scope, with_rules).frame.to_dicts()
        wanted = expected(plain, scope, _CLOSE_RULES)
        assert [{column: row[column] for column in want} for row, want in zip(rows, wanted, strict=True)] == wanted


def _figure(name: str, scope: Scope = _YEAR, rules: Sequence[TriggerRule] | None = None, **tables: Sequence[Mapping[str, Any]]) -> Figure:
    snapshot, _ = opened(**tables)
    return build(f"repeat_runners/{name}", snapshot, scope, Settings() if rules is None else Settings(triggers=tuple(rules)))


def _episodes(counts: Mapping[str, int] | Sequence[int], first: datetime = _YEAR_BEGINS) -> Rows:
    """So many episodes of each child, a day apart, an hour long."""
    named = counts if isinstance(counts, Mapping) else {f"C{place:03}": count for place, count in enumerate(counts)}
    return [
        {"child_id": child, "started_at": first + timedelta(days=day), "ended_at": first + timedelta(days=day, hours=1)}
        for child, count in named.items()
        for day in range(count)
    ]


def _spread(children: int, fewest: int, most: int) -> list[int]:
    return [round(fewest + (most - fewest) * place / (children - 1)) for place in range(children)]


def test_devon_gathers_as_published() -> None:
    """Devon's 147 children of 2020-21, spread evenly inside the published bands, have a Gini coefficient of 0.58, and a tenth of
    them had 44% of the episodes."""
    devon = [1] * 44 + [2] * 19 + [3] * 12 + [4] * 15 + [5] * 9 + _spread(21, 6, 10) + _spread(18, 11, 20) + _spread(9, 21, 50)
    snapshot, _ = opened(episodes=_episodes(devon))
    row = build("repeat_runners/concentration_summary", snapshot, _YEAR, Settings()).frame.row(0, named=True)
    assert (row["children"], row["top_tenth_children"]) == (147, 15)
    assert row["gini"] == pytest.approx(0.58, abs=0.01)
    assert row["top_tenth_share"] == pytest.approx(0.44, abs=0.01)
    bands = build("repeat_runners/distribution", snapshot, _YEAR, Settings()).frame["children"].to_list()
    assert bands == [44, 19, 12, 15, 9, 21, 18, 9, 0]
    shown = build("repeat_runners/concentration", snapshot, _YEAR, Settings())
    assert shown.finding == "The top tenth, 15 children, had 44% of episodes; equal risk would give 17%"
    assert "15 children of 147 had 44%" in shown.alt


def test_a_chart_of_children_holds_no_child() -> None:
    """The curve is drawn from its bends: no child's id stands in the chart, and many children make it no longer."""
    shown = _figure("concentration", episodes=_episodes([3, 2] + [1] * 600))
    drawn = json.dumps(shown.draw(LIGHT).to_dict())
    assert "C00" not in drawn
    assert len(drawn) < 60_000


def test_even_counts_are_not_called_concentrated() -> None:
    """Given children with as many episodes as each other, the finding says no more than chance allows."""
    assert _figure("concentration", episodes=_episodes([4] * 30)).finding == (
        "The top tenth, 3 children, had 10% of episodes, as equal risk would give"
    )


def test_few_children_get_no_share() -> None:
    """Below five children there are counts, ranks and a caveat, and no share, curve or coefficient."""
    tables = {"episodes": _episodes([5, 4, 3])}
    curve, summary, bands = (_figure(name, **tables) for name in ("concentration", "concentration_summary", "distribution"))
    assert curve.frame["episodes"].to_list() == [5, 4, 3]
    assert curve.frame.select("share_of_children", "share_of_episodes", "chance_lower").null_count().row(0) == (3, 3, 3)
    assert curve.draw is None
    row = summary.frame.row(0, named=True)
    assert (row["children"], row["children_for_half"], row["gini"], row["top_1_share"]) == (3, 2, None, None)
    assert all("fewer than 5 children" in " ".join(shown.caveats) for shown in (curve, summary, bands))
    assert "%" not in bands.finding


@pytest.mark.parametrize("name", ["distribution", "concentration", "concentration_summary", "children", "trajectory"])
def test_a_period_without_episodes_says_so(name: str) -> None:
    """Nothing to count is said in words, and nothing is drawn of nothing."""
    shown = _figure(name)
    assert shown.finding == "No missing and away episodes in July 2024 to June 2025"


def _crossings(*days: int, rule: TriggerRule, scope: Scope = _YEAR) -> Rows:
    rows = [{"started_at": utc(2024, 7, 1, 12) + timedelta(days=day)} for day in days]
    return _figure("triggers", scope, [rule], episodes=rows).frame.to_dicts()


def test_the_last_day_of_a_window_counts_and_the_next_does_not() -> None:
    """Three in 90 days: the third start 89 days after the first is in the window with it, 90 days after it is not."""
    rule = TriggerRule(episodes=3, days=90)
    assert [row["crossed_on"] for row in _crossings(0, 40, 89, rule=rule)] == [date(2024, 9, 28)]
    assert _crossings(0, 40, 90, rule=rule) == []


def test_a_rule_that_holds_is_not_crossed_again() -> None:
    """Given starts that keep three in the window, there is one crossing with the largest count; after a lapse there is another."""
    rule = TriggerRule(episodes=3, days=30)
    steady = _crossings(0, 10, 20, 21, 35, 48, rule=rule)
    assert [(row["crossed_on"], row["most_in_window"]) for row in steady] == [(date(2024, 7, 21), 4)]
    lapsed = _crossings(0, 10, 20, 100, 101, 102, rule=rule)
    assert [row["crossed_on"] for row in lapsed] == [date(2024, 10, 11), date(2024, 7, 21)]


def test_a_window_reaches_back_before_the_period() -> None:
    """Given two starts in March and one in April, when the quarter from April is asked for, then three in 90 days is crossed in it;
    and when it was crossed in March, it is no crossing of the quarter, though the child still meets the rule in it."""
    rule = [TriggerRule(episodes=3, days=90)]
    later = [{"started_at": utc(2025, 3, day, 12)} for day in (1, 20)] + [{"started_at": utc(2025, 4, 5, 12)}]
    assert _figure("triggers", _QUARTER, rule, episodes=later).frame["crossed_on"].to_list() == [date(2025, 4, 5)]
    sooner = [*later, {"started_at": utc(2025, 3, 25, 12)}]
    assert _figure("triggers", _QUARTER, rule, episodes=sooner).frame.is_empty()
    counts = _figure("trigger_counts", _QUARTER, rule, episodes=sooner)
    assert counts.frame.drop("rule").row(0) == (1, 1, 0, 1, 0)
    assert counts.finding == "1 child met “3 in 90 days”, 0 of them new; 0 no longer do"


def test_an_episode_of_a_kind_crosses_on_the_day_it_began() -> None:
    """Over 24 hours: each such episode is a crossing on its first day, and holds at the period's end while it lasts."""
    rows = [
        {"started_at": utc(2025, 5, 1), "ended_at": utc(2025, 5, 2, 1)},
        {"started_at": utc(2025, 5, 10), "ended_at": utc(2025, 5, 11)},
        {"started_at": utc(2025, 5, 30), "ended_at": None},
    ]
    may = Scope(Period.parse("2025-05"))
    frame = _figure("triggers", may, [TriggerRule(kind="over_24h")], episodes=rows).frame
    assert frame.select("crossed_on", "most_in_window", "holds_at_end").rows() == [
        (date(2025, 5, 30), None, True),
        (date(2025, 5, 1), None, False),
    ]
    assert _figure("children", may, [TriggerRule(kind="over_24h")], episodes=rows).frame["triggers"].to_list() == [["over 24 hours"]]


def test_dates_alone_leave_overnight_unknown() -> None:
    """Given dates without times, overnight is empty with a caveat; over 24 hours is told by two dates later."""
    rows = [{"started_at": date(2025, 5, 1), "ended_at": date(2025, 5, 3)}, {"started_at": date(2025, 6, 1), "ended_at": date(2025, 6, 2)}]
    counts = _figure("trigger_counts", _QUARTER, episodes=rows)
    by_rule = dict(counts.frame.select("rule", "children").iter_rows())
    assert (by_rule["over 24 hours"], by_rule["overnight"]) == (1, None)
    assert "Overnight cannot be told from dates alone." in counts.caveats
    assert "not known" in json.dumps(counts.draw(LIGHT).to_dict())
    assert set(_figure("triggers", _QUARTER, episodes=rows).frame["rule"]) == {"over 24 hours"}


def test_no_comparison_with_what_the_data_do_not_reach() -> None:
    """Where the data begin inside the comparison period nobody is called new: the comparison is empty, and a caveat says since when
    there are data."""
    tables = {"episodes": _episodes({"C1": 3})}
    counts, listed = _figure("trigger_counts", **tables), _figure("children", **tables)
    assert counts.frame.select("previous", "new", "continuing", "ceased").row(0) == (None, None, None, None)
    assert listed.frame["previous"].to_list() == [None]
    assert listed.finding == "1 child had 3 episodes"
    for shown in (counts, listed):
        assert "The data begin on 1 January 2024, too late for a comparison with July 2023 to June 2024." in shown.caveats


def test_no_rule_is_no_fault() -> None:
    """An authority may set no rule: the lists are empty, and say that no child met one."""
    tables = {"episodes": _episodes({"C1": 3})}
    assert _figure("triggers", rules=[], **tables).frame.is_empty()
    assert _figure("trigger_counts", rules=[], **tables).finding == "No child met a rule in July 2024 to June 2025"
    assert _figure("children", rules=[], **tables).frame["triggers"].to_list() == [[]]


def test_a_move_is_to_another_unit() -> None:
    """The first placement is no move, nor is a further stay in the same unit, nor a move before the period."""
    stays = [
        {"unit_id": "U1", "started_on": date(2024, 1, 1), "ended_on": date(2024, 6, 1)},
        {"unit_id": "U2", "started_on": date(2024, 6, 1), "ended_on": date(2024, 8, 1)},
        {"unit_id": "U2", "started_on": date(2024, 8, 1), "ended_on": date(2024, 9, 1)},
        {"unit_id": "U1", "started_on": date(2024, 9, 1), "ended_on": None},
    ]
    assert _figure("children", episodes=_episodes({"C1": 1}), placements=stays).frame["moves"].to_list() == [1]
    without = _figure("children", episodes=_episodes({"C1": 1}))
    assert without.frame["moves"].to_list() == [None]
    assert "Moves need table placements." in without.caveats


def test_children_new_on_the_list_are_counted() -> None:
    """Given one child who went in both quarters and two in this one alone, the finding says how many are new."""
    rows = _episodes({"C1": 2, "C2": 1, "C3": 1}, utc(2025, 4, 10)) + _episodes({"C1": 1, "C4": 1}, utc(2025, 1, 10))
    shown = _figure("children", _QUARTER, episodes=rows)
    assert shown.frame.select("child_id", "episodes", "previous").rows() == [("C1", 2, 1), ("C2", 1, 0), ("C3", 1, 0)]
    assert shown.finding == "2 of 3 children had no episode in the period before"


def test_an_interview_of_several_episodes_is_one_mark() -> None:
    """One interview that covers two episodes is one row on a child's path, when it was held, or else when it was offered."""
    episodes = [{"episode_id": f"E{day}", "started_at": utc(2025, 5, day, 12), "ended_at": utc(2025, 5, day, 13)} for day in (1, 3)]
    held = [
        {"interview_id": "I1", "episode_id": name, "outcome": "completed", "offered_at": utc(2025, 5, 4), "held_at": utc(2025, 5, 5, 10)}
        for name in ("E1", "E3")
    ]
    declined = {"interview_id": "I2", "episode_id": "E1", "outcome": "declined", "offered_at": utc(2025, 5, 2, 9), "held_at": None}
    shown = _figure("trajectory", _QUARTER, episodes=episodes, return_interviews=[*held, declined])
    interviews = shown.frame.filter(pl.col("kind") == "interview").select("starts_at", "detail").rows()
    assert interviews == [(utc(2025, 5, 2, 9), "declined"), (utc(2025, 5, 5, 10), "completed")]
    assert shown.finding == "Child C1 had 2 episodes and 2 return interviews"
    assert "The data have no placements or police calls." in shown.caveats


def test_a_path_draws_every_strip_that_the_data_know() -> None:
    """A strip without marks says that there was none; a strip of a table that is not there would say so wrongly."""
    episodes = [{"started_at": utc(2025, 5, 1, 12), "ended_at": utc(2025, 5, 1, 10)}, {"started_at": utc(2025, 5, 2), "ended_at": None}]
    shown = _figure("trajectory", _QUARTER, episodes=episodes, placements=[{}], police_calls=[])
    drawn = json.dumps(shown.draw(LIGHT).to_dict())
    assert all(lane in drawn for lane in ("Placement", "Over 3 days", "Under 6 hours", "Length not known", "Police calls"))
    assert "Return interviews" not in drawn
    assert "2 missing" in shown.alt


def test_a_child_without_anything_in_the_period() -> None:
    """A child who is chosen and has nothing in the period is named, not replaced by another."""
    snapshot, _ = opened(episodes=_episodes({"C1": 3}))
    shown = build("repeat_runners/trajectory", snapshot, _YEAR, Settings(), child_id="C9")
    assert shown.frame.is_empty()
    assert shown.finding == "Nothing of child C9 in the period"


@settings(max_examples=5)
@given(exports(), scopes())
def test_findings_are_short_and_calm(tables: Tables, scope: Scope) -> None:
    """No finding has more than 15 words or says what only a test of chance may say; every chart has words for who cannot see it."""
    snapshot, _ = opened(**tables)
    for name in ("distribution", "concentration", "concentration_summary", "triggers", "trigger_counts", "children", "trajectory"):
        shown = build(f"repeat_runners/{name}", snapshot, scope, Settings())
        assert 0 < len(shown.finding.split()) <= 15, shown.finding
        assert not {"rose", "fell", "higher", "lower", "worse", "better"} & set(shown.finding.split())
        assert shown.alt
        if shown.draw is not None:
            shown.draw(LIGHT).to_dict()
