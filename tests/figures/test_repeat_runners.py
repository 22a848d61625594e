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
from dashboard.figures.figure import DEFINITIONS, Figure, build
from dashboard.scope import Period, Scope
from dashboard.settings import Settings, TriggerRule
from tests.oracle import repeat_runners as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc
from tests.oracle.plain import Plain

_YEAR_BEGINS = utc(2024, 7, 1, 12)
_YEAR = Scope(Period.parse("2024-07-01..2025-06-30"))
_QUARTER = Scope(Period.parse("2025-Q2"))
# Those whose finding may say higher or lower, because a rule or an interval tells it.
_TOLD_FROM_CHANCE = ("repeat_runners/without_top", "repeat_runners/after_move")


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


@settings(max_examples=12)
@given(exports(), scopes())
def test_how_soon_and_without_whom(tables: Tables, scope: Scope) -> None:
    """Curves of return, months without the five who go most, and episodes round moves."""
    agree("repeat_runners/return_to_missing", tables, scope, oracle.return_to_missing)
    agree("repeat_runners/without_top", tables, scope, oracle.without_top)
    if tables["placements"]:
        agree("repeat_runners/after_move", tables, scope, oracle.after_move)


@settings(max_examples=12)
@given(exports(), scopes())
def test_who_goes_together(tables: Tables, scope: Scope) -> None:
    """Pairs of children, what chance would give them, and each unit's quarter."""
    agree("repeat_runners/together", tables, scope, oracle.together)
    agree("repeat_runners/together_summary", tables, scope, oracle.together_summary)


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
    """The 147 children of Devon's annual report on missing children of 2020-21, spread evenly inside its bands, have a Gini
    coefficient of 0.58, and a tenth of them had 44% of the episodes."""
    devon = [1] * 44 + [2] * 19 + [3] * 12 + [4] * 15 + [5] * 9 + _spread(21, 6, 10) + _spread(18, 11, 20) + _spread(9, 21, 50)
    snapshot, _ = opened(episodes=_episodes(devon))
    row = build("repeat_runners/concentration_summary", snapshot, _YEAR, Settings()).frame.row(0, named=True)
    assert (row["children"], row["top_tenth_children"]) == (147, 15)
    assert row["gini"] == pytest.approx(0.58, abs=0.01)
    assert row["top_tenth_share"] == pytest.approx(0.44, abs=0.01)
    bands = build("repeat_runners/distribution", snapshot, _YEAR, Settings()).frame["children"].to_list()
    assert bands == [44, 19, 12, 15, 9, 21, 18, 9, 0]
    shown = build("repeat_runners/concentration", snapshot, _YEAR, Settings())
    assert shown.finding == "19 of 147 children had half of all episodes; equal risk would give 53"
    assert "15 children of 147 had 44%" in shown.alt


def test_gini_and_lorenz_by_hand() -> None:
    """Of 10 episodes five children had 5, 2, 1, 1 and 1: the running shares are 50, 70, 80, 90 and 100%. Over the 25 pairs the counts
    differ by 36 in all, and 36 ÷ (2 × 5 children × 10 episodes) is a Gini coefficient of 0.36."""
    tables = {"episodes": _episodes([1, 5, 1, 2, 1])}
    assert _figure("concentration", **tables).frame["share_of_episodes"].to_list() == pytest.approx([0.5, 0.7, 0.8, 0.9, 1])
    summary = _figure("concentration_summary", **tables).frame.row(0, named=True)
    assert summary["gini"] == pytest.approx(0.36)
    assert (summary["children_for_half"], summary["top_1_share"], summary["top_tenth_share"]) == (1, 0.5, 0.5)
    even = _figure("concentration_summary", episodes=_episodes([3] * 6)).frame
    assert even["gini"].to_list() == [0]


def test_a_chart_of_children_holds_no_child() -> None:
    """The curve is drawn from its bends: no child's id stands in the chart, and many children make it no longer."""
    shown = _figure("concentration", episodes=_episodes([3, 2] + [1] * 600))
    drawn = json.dumps(shown.draw(LIGHT).to_dict())
    assert "C00" not in drawn
    assert len(drawn) < 60_000


def test_even_counts_are_not_called_concentrated() -> None:
    """Given children with as many episodes as each other, the finding says no more than chance allows."""
    assert _figure("concentration", episodes=_episodes([4] * 30)).finding == (
        "15 of 30 children had half of all episodes, as equal risk would give"
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


@pytest.mark.parametrize(
    "name",
    [
        "distribution",
        "concentration",
        "concentration_summary",
        "children",
        "trajectory",
        "without_top",
        "together",
        "together_summary",
    ],
)
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
    assert counts.finding == "No child met “3 in 90 days”; 0 no longer do"
    assert _figure("triggers", _QUARTER, episodes=rows).finding == "1 child crossed a rule; none of them met it at the period's end"
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


def test_a_path_marks_the_rules_as_they_were_crossed() -> None:
    """The days on which a child came to meet a rule stand on its path, with a lane for each rule that it crossed and none for the
    others; an episode of a kind is there to see already."""
    rules = [TriggerRule(episodes=3, days=30), TriggerRule(episodes=9, days=30), TriggerRule(kind="over_24h")]
    rows = [{"started_at": utc(2025, 5, day, 12), "ended_at": utc(2025, 5, day + 2, 12)} for day in (1, 8, 15)]
    shown = _figure("trajectory", _QUARTER, rules, episodes=rows)
    crossed = shown.frame.filter(pl.col("kind") == "rule")
    assert crossed.select("starts_at", "detail").rows() == [(utc(2025, 5, 14, 23), "3 in 30 days")]
    drawn = json.dumps(shown.draw(LIGHT).to_dict())
    assert '"3 in 30 days"' in drawn
    assert "9 in 30 days" not in drawn
    assert shown.alt.endswith("rules crossed: 3 in 30 days.")


def _returns(*gaps: float | None, first: datetime = _YEAR_BEGINS) -> Rows:
    """A child a gap, with an hour-long episode and, where the gap is known, another so many days after the return."""
    rows = []
    for place, gap in enumerate(gaps):
        back = first + timedelta(hours=1)
        rows.append({"child_id": f"C{place}", "started_at": first, "ended_at": back})
        if gap is not None:
            again = back + timedelta(days=gap)
            rows.append({"child_id": f"C{place}", "started_at": again, "ended_at": again + timedelta(hours=1)})
    return rows


def _shares(shown: Figure, group: str) -> list[tuple[int, float | None]]:
    return shown.frame.filter(pl.col("group") == group).select("at_risk", "share").rows()


def test_the_seventh_day_is_within_seven_days() -> None:
    """Exactly 7 × 24 hours from return to start is within seven days, an hour more is not; nor is a start before the clock changes
    brought nearer by the change."""
    shown = _figure("return_to_missing", episodes=_returns(7, 7 + 1 / 24, 40, None, None))
    assert _shares(shown, "1st episode") == [(5, pytest.approx(0.2)), (3, pytest.approx(0.4)), (2, pytest.approx(0.6))]
    changed = _returns(7, 7, 7, 7, 7, first=utc(2024, 10, 25, 12))
    assert _shares(_figure("return_to_missing", episodes=changed), "1st episode")[0] == (5, pytest.approx(1))


def test_what_is_not_known_counts_as_long_as_it_is() -> None:
    """Given children whose last day looked after comes ten days after the return, they count for those days and not as never gone
    again; a return after that day is left out."""
    children = [
        {"child_id": f"C{place}", "looked_after_to": date(2024, 7, 11) if place < 2 else None, "looked_after_from": date(2023, 1, 1)}
        for place in range(6)
    ]
    shown = _figure("return_to_missing", episodes=_returns(None, None, 20, 20, None, None), children=children)
    assert _shares(shown, "1st episode") == [(6, 0.0), (2, pytest.approx(0.5)), (2, pytest.approx(0.5))]
    late = _returns(None, None, None, None, None, first=utc(2024, 7, 12))
    assert _shares(_figure("return_to_missing", episodes=late, children=children), "all")[0][0] == 3


def test_the_next_start_is_of_the_same_category() -> None:
    """Given a missing episode, then an away one, then a missing one, missing alone looks past the away one."""
    rows = [
        {
            "child_id": f"C{place}",
            "category": category,
            "started_at": _YEAR_BEGINS + timedelta(days=day),
            "ended_at": _YEAR_BEGINS + timedelta(days=day, hours=1),
        }
        for place in range(5)
        for day, category in ((0, "missing"), (3, "away"), (30, "missing"))
    ]
    missing = _figure("return_to_missing", Scope(Period.parse("2024-07-01..2025-06-30"), category="missing"), episodes=rows)
    assert [share for _, share in _shares(missing, "1st episode")] == pytest.approx([0, 0, 1])
    assert [share for _, share in _shares(_figure("return_to_missing", episodes=rows), "1st episode")] == pytest.approx([1, 1, 1])


def test_who_goes_again_at_once_says_nothing_of_interviews() -> None:
    """A child who goes again within 72 hours had less time for an interview: such returns are in neither of the two groups."""
    rows = [row | {"episode_id": f"E{place}"} for place, row in enumerate(_returns(1, 2, 10, 10, 10, 10, 10, 10, 10, 10))]
    held = [
        {"episode_id": row["episode_id"], "outcome": "completed", "held_at": row["ended_at"] + timedelta(hours=20)} for row in rows[:12:2]
    ]
    shown = _figure("return_to_missing", episodes=rows, return_interviews=held)
    within, without = (_shares(shown, f"{how}interview within 72 hours") for how in ("", "no "))
    assert (within[0][0], without[0][0]) == (4, 14)
    assert within[0][1] is None
    assert not any("went with" in caveat for caveat in shown.caveats)


def test_how_soon_from_dates_alone() -> None:
    """From dates alone days are counted from date to date, groups by interview are empty, and the words say so."""
    rows = [
        {"child_id": f"C{place}", "started_at": day, "ended_at": day + timedelta(1)}
        for place in range(5)
        for day in (date(2024, 7, 1), date(2024, 7, 9))
    ]
    shown = _figure("return_to_missing", episodes=rows, return_interviews=[])
    assert _shares(shown, "1st episode")[0] == (5, pytest.approx(1))
    assert _shares(shown, "interview within 72 hours") == [(None, None)] * 3
    assert "From dates alone, days are counted from date to date." in shown.caveats


def test_overlapping_episodes_are_no_return() -> None:
    """Given an episode that ends while another of the child goes on, the child was not back, and neither end is counted."""
    rows = [
        {"started_at": utc(2025, 5, 1), "ended_at": utc(2025, 5, 3)},
        {"started_at": utc(2025, 5, 2), "ended_at": utc(2025, 5, 4)},
        {"started_at": utc(2025, 5, 10), "ended_at": utc(2025, 5, 11)},
    ]
    assert _shares(_figure("return_to_missing", episodes=rows), "all")[0] == (1, None)


def test_no_return_is_said_in_words() -> None:
    """Where nobody came back in the period, or too few did, the finding says so and no curve is drawn."""
    nobody = _figure("return_to_missing", episodes=[{"started_at": utc(2025, 5, 1), "ended_at": None}])
    assert nobody.finding == "No return to follow in July 2024 to June 2025"
    few = _figure("return_to_missing", episodes=_returns(3, None))
    assert few.finding == "3 returns: too few, or too late, to say how soon children go again"
    assert nobody.draw is few.draw is None
    assert any("fewer than 5 children" in caveat for caveat in few.caveats)
    late = _figure("return_to_missing", episodes=_returns(None, None, None, 40, 50, 60))
    assert late.finding == "No return was followed by another episode within 28 days"


def test_curves_hold_no_return_of_a_child() -> None:
    """The picture is made of a point a day and group, however many returns there are."""
    shown = _figure("return_to_missing", episodes=_returns(*range(1, 60)))
    drawn = shown.draw(LIGHT).to_dict()
    assert max(len(rows) for rows in drawn["datasets"].values()) <= 5 * 91
    assert "within 7 days" in shown.alt


def _gone(child_id: str, *starts: datetime, hours: float = 3, unit_id: str | None = None) -> Rows:
    return [{"child_id": child_id, "unit_id": unit_id, "started_at": start, "ended_at": start + timedelta(hours=hours)} for start in starts]


_EVENINGS = [utc(2025, 5, day, 18) for day in (2, 9, 16)]


@pytest.mark.parametrize(
    ("apart", "hours", "unit_a", "unit_b", "shared"),
    [
        (2.0, 0.5, "U1", "U1", True),  # two hours apart to the minute, from one unit
        (2.1, 0.5, "U1", "U1", False),
        (1.0, 0.5, "U1", "U2", False),  # near in time, from two units, never both away
        (1.0, 2.0, "U1", "U2", True),  # an hour in which both lasted
        (1.1, 2.0, "U1", "U2", False),
        (1.0, 0.5, None, None, False),  # no unit known is no unit in common
    ],
)
def test_what_together_means(apart: float, hours: float, unit_a: str | None, unit_b: str | None, shared: bool) -> None:
    """Within two hours from the same unit, or on one date with an hour or more in which both lasted."""
    later = [evening + timedelta(hours=apart) for evening in _EVENINGS]
    rows = _gone("A", *_EVENINGS, hours=hours, unit_id=unit_a) + _gone("B", *later, hours=hours, unit_id=unit_b)
    frame = _figure("together", _QUARTER, episodes=rows).frame
    assert frame["shared"].to_list() == ([3] if shared else [])
    if shared:
        assert frame.select("child_a", "child_b", "unit_id", "last_on").row(0) == (
            "A",
            "B",
            unit_a if unit_a == unit_b else None,
            date(2025, 5, 16),
        )


def test_together_across_midnight() -> None:
    """From the same unit at ten to midnight and ten past is together; from two units it is not, for the dates differ."""
    before, after = ([utc(2025, 5, day, 22, 50) + timedelta(minutes=late) for day in (2, 9)] for late in (0, 20))
    same = _gone("B", *before, unit_id="U1") + _gone("A", *after, unit_id="U1")
    assert _figure("together", _QUARTER, episodes=same).frame.select("child_a", "shared", "last_on").rows() == [("A", 2, date(2025, 5, 10))]
    apart = _gone("B", *before, unit_id="U1") + _gone("A", *after, unit_id="U2")
    assert _figure("together", _QUARTER, episodes=apart).frame.is_empty()


def test_no_length_is_no_overlap() -> None:
    """An episode that ends before it starts lasted with nobody."""
    rows = _gone("A", *_EVENINGS, hours=-1) + _gone("B", *_EVENINGS)
    assert _figure("together", _QUARTER, episodes=rows).frame.is_empty()


def test_one_episode_is_shared_once() -> None:
    """Given one episode of a child beside two of another, they had one together, and so are no pair."""
    rows = _gone("A", utc(2025, 5, 2, 8), hours=12) + _gone("B", utc(2025, 5, 2, 9), utc(2025, 5, 2, 14))
    assert _figure("together", _QUARTER, episodes=rows).frame.is_empty()


def test_chance_is_reckoned_from_nights_and_rates() -> None:
    """Two children placed for the whole quarter of 91 nights with 3 episodes each would start on one date 9 ÷ 91 times by chance; of
    three children who went, that pair is told from chance."""
    stays = [{"child_id": child, "unit_id": "U1"} for child in "ABC"]
    rows = _gone("A", *_EVENINGS) + _gone("B", *_EVENINGS) + _gone("C", utc(2025, 6, 20))
    shown = _figure("together", _QUARTER, episodes=rows, placements=stays)
    assert shown.frame["expected"].to_list() == [pytest.approx(9 / 91)]
    assert shown.finding == "Two children had 3 episodes together; chance would give 0.1"
    without = _figure("together", _QUARTER, episodes=rows)
    assert without.frame.select("expected", "is_beyond_chance").row(0) == (None, None)
    assert without.finding == "1 pair of children had two or more episodes together"
    assert "What chance would give needs table placements." in without.caveats


def test_two_who_always_go_meet_by_chance() -> None:
    """Given two children who go every other day, the many that they share are no more than chance would give."""
    days = [utc(2025, 4, 1, 18) + timedelta(days=2 * day) for day in range(45)]
    later = [day + timedelta(days=place % 2) for place, day in enumerate(days)]
    stays = [{"child_id": child, "unit_id": "U1"} for child in "AB"]
    shown = _figure("together", _QUARTER, episodes=_gone("A", *days) + _gone("B", *later), placements=stays)
    assert shown.frame["shared"].to_list() == [23]
    assert shown.finding == "No two children went together more often than chance would give"


def test_dates_alone_cannot_say_who_went_together() -> None:
    """Without times both figures give the sentence that names them."""
    rows = [{"started_at": date(2025, 5, 1), "ended_at": date(2025, 5, 2)}]
    for name in ("together", "together_summary"):
        assert _figure(name, _QUARTER, episodes=rows).needs == (
            "Needs times, not dates alone, in column started_at of table episodes and times, not dates alone, in column ended_at of table "
            "episodes."
        )


def test_many_authorities_are_paired_by_unit_alone() -> None:
    """With more than 20 starts a day any two overlap somewhere: only those from the same unit are then together."""
    starts = [utc(2025, 6, day, 18) for day in range(1, 31)]
    crowd = [row for place in range(21) for row in _gone(f"C{place:02}", *starts, unit_id=f"U{place // 2}")]
    june = Scope(Period.parse("2025-06"))
    assert _figure("together", june, episodes=crowd).frame.height == 10
    fewer = [row for row in crowd if row["child_id"] < "C20"]
    assert _figure("together", june, episodes=fewer).frame.height == 20 * 19 // 2


def test_a_unit_and_quarter_counts_both_kinds_of_together() -> None:
    """An episode together with a child of another unit counts, and is not one of the same unit; of few children there is no share."""
    rows = _gone("A", *_EVENINGS, unit_id="U1") + _gone("B", *_EVENINGS[:2], unit_id="U1") + _gone("C", *_EVENINGS, unit_id="U2")
    shown = _figure("together_summary", _QUARTER, episodes=rows)
    assert shown.frame.select("unit_id", "episodes", "episodes_shared", "episodes_same_unit", "episodes_shared_share").rows() == [
        ("U1", 5, 5, 4, None),
        ("U2", 3, 3, 0, None),
    ]
    assert shown.finding == "4 of 8 episodes were together with a child of the same unit"


def test_the_five_most_frequent_are_left_out() -> None:
    """Given six children, what is left is the one with fewest, in each month, zeros included; ties leave out the first by id."""
    rows = _episodes({"C1": 9, "C2": 8, "C3": 7, "C4": 6, "C5": 2, "C6": 2})
    shown = _figure("without_top", episodes=rows)
    assert shown.frame.select("episodes", "episodes_without_top_5").rows()[:2] == [(34, 2), (0, 0)]
    assert shown.finding == "Without the top five children, 2 of 34 episodes remain"
    few = _figure("without_top", episodes=_episodes({"C1": 2, "C2": 1}))
    assert few.finding == "No more than five children had all 3 episodes"


def test_a_trend_of_the_many_is_told_by_the_rules() -> None:
    """Given months alike but for a last one with three times as many, the finding names it, whatever the five did."""
    rows = [
        {"child_id": f"C{month:02}{place:03}", "started_at": utc(2024 + (6 + month) // 12, (6 + month) % 12 + 1, 10, 12)}
        for month in range(12)
        for place in range(90 if month == 11 else 28 + month % 3)
    ]
    top = [{"child_id": f"A{place}", "started_at": utc(2024, 8, 1 + day, 12)} for place in range(5) for day in range(20)]
    shown = _figure("without_top", episodes=rows + top)
    assert shown.finding == "Without the top five, episodes were higher than usual in June 2025"


def _moves(children: int, before: int, after: int) -> dict[str, Rows]:
    """Children who moved on 1 February 2025, so many of them with an episode in the weeks before, and so many after."""
    stays = [
        {"child_id": f"C{place:03}", "unit_id": unit, "started_on": started, "ended_on": ended}
        for place in range(children)
        for unit, started, ended in (("U1", date(2024, 7, 1), date(2025, 2, 1)), ("U2", date(2025, 2, 1), None))
    ]
    episodes = [{"child_id": f"C{place:03}", "started_at": utc(2025, 1, 20, 12)} for place in range(before)]
    episodes += [{"child_id": f"C{place:03}", "started_at": utc(2025, 2, 10, 12)} for place in range(after)]
    return {"placements": stays, "episodes": episodes}


def test_rates_round_a_move() -> None:
    """Forty children with 28 nights on either side of a move: ten episodes before and forty after are told apart, ten and twelve are
    not, and neither is said to have led to the other."""
    shown = _figure("after_move", **_moves(40, 10, 40))
    assert shown.frame.filter(pl.col("measure") == "after_move").select("value", "numerator", "denominator", "children").row(0) == (
        pytest.approx(100 * 40 / 1120),
        40,
        1120,
        40,
    )
    assert shown.finding == "A move went with 3.57 episodes per 100 nights, 0.89 before: higher"
    assert _figure("after_move", **_moves(40, 10, 12)).finding.endswith("0.89 before: no clear difference")
    assert "3.57 (40 in 1,120 nights)" in json.dumps(shown.draw(LIGHT).to_dict())


def test_a_rare_rate_round_a_move_is_not_none() -> None:
    """Given one episode before and two after 800 moves, then neither rate reads as 0.00."""
    shown = _figure("after_move", **_moves(800, 1, 2))
    assert shown.finding == "A move went with 0.0089 episodes per 100 nights, 0.0045 before: no clear difference"


def test_first_episodes_soon_after_a_placement_began() -> None:
    """The first 28 days of a placement are days 0 to 27; a child placed on no day of it does not count."""
    stays = [{"child_id": f"C{place}", "unit_id": "U1", "started_on": date(2024, 8, 1)} for place in range(6)]
    starts = (utc(2024, 8, 1, 12), utc(2024, 8, 28, 12), utc(2024, 8, 29, 12), utc(2025, 1, 1), utc(2025, 2, 1), utc(2024, 7, 20, 12))
    rows = [{"child_id": f"C{place}", "started_at": start} for place, start in enumerate(starts)]
    first = _figure("after_move", placements=stays, episodes=rows).frame.row(0, named=True)
    assert (first["numerator"], first["denominator"], first["value"]) == (2, 5, pytest.approx(0.4))


def test_a_move_too_near_the_end_is_left_out() -> None:
    """A move whose 28 days the data do not reach would look quiet after: it is left out, and few moves have no rate."""
    tables = _moves(40, 10, 40)
    late = [
        stay | {"started_on": date(2025, 6, 10)} if stay["unit_id"] == "U2" else stay | {"ended_on": date(2025, 6, 10)}
        for stay in tables["placements"]
    ]
    shown = _figure("after_move", placements=late, episodes=tables["episodes"])
    assert shown.frame["denominator"].to_list()[2:] == [0, 0]
    assert shown.finding == "0 episodes in the 28 days after a move, 0 before: too few to compare"
    assert shown.draw is None
    assert _figure("after_move", episodes=tables["episodes"]).needs == "Needs table placements (a row is one stay of a child in a unit)."


@settings(max_examples=5)
@given(exports(), scopes())
def test_findings_are_short_and_calm(tables: Tables, scope: Scope) -> None:
    """No finding has more than 15 words or says what only a test of chance may say; every chart has words for who cannot see it."""
    snapshot, _ = opened(**tables)
    names = [name for name in DEFINITIONS if name.startswith("repeat_runners/")]
    for name in names if tables["placements"] else [name for name in names if name != "repeat_runners/after_move"]:
        shown = build(name, snapshot, scope, Settings())
        assert 0 < len(shown.finding.split()) <= 15, shown.finding
        told = {"higher", "lower"} if name in _TOLD_FROM_CHANCE else set()
        assert not {"rose", "fell", "higher", "lower", "worse", "better", "led"} - told & set(shown.finding.split())
        assert shown.alt
        if shown.draw is not None:
            shown.draw(LIGHT).to_dict()
