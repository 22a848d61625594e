"""The figures of the Units page, against plain Python."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.charts.theme import LIGHT
from dashboard.figures.figure import Figure, build
from dashboard.figures.units_beside import kinds_compared
from dashboard.figures.units_past import units_by_attention
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import units as oracle
from tests.oracle.checking import agree
from tests.oracle.made import COVERS, Rows, Tables, exports, opened, scopes, utc

_YEAR = Scope(Period.parse("2024-07-01..2025-06-30"))
_FIVE_YEARS = (date(2020, 7, 1), date(2025, 6, 30))


@st.composite
def exports_with_openings(draw: st.DrawFn) -> Tables:
    """Exports whose units may have opening and closing dates, within the data and outside them."""
    tables = draw(exports())
    days = st.one_of(st.none(), st.integers(-200, 700).map(lambda n: COVERS[0] + timedelta(n)))
    for unit in tables["units"]:
        unit |= {"opened_on": draw(days), "closed_on": draw(days)}
    return tables


@given(exports_with_openings(), scopes())
def test_unit_rates(tables: Tables, scope: Scope) -> None:
    """Every unit with a night or an episode is there, with its rate, interval, busiest child and the rate without that child."""
    figure = agree("units/unit_rates", tables, scope, oracle.unit_rates)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_unit_months(tables: Tables, scope: Scope) -> None:
    """Every month of the period from a unit's opening to its closing is there, zeros included."""
    figure = agree("units/unit_months", tables, scope, oracle.unit_months)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_control_chart(tables: Tables, scope: Scope) -> None:
    """Every whole month back to 36 before the period's end is counted, in quarters where a unit has under five a month."""
    figure = agree("units/control_chart", tables, scope, oracle.control_chart)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_funnel_episodes(tables: Tables, scope: Scope) -> None:
    """Expected episodes are nights times the rate of the kind, of all its units, whichever the scope asks for."""
    figure = agree("units/funnel_episodes", tables, scope, oracle.funnel_episodes)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_funnel_children(tables: Tables, scope: Scope) -> None:
    """Each child placed counts once, and is missing where one episode or more began from that unit."""
    figure = agree("units/funnel_children", tables, scope, oracle.funnel_children)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_residents(tables: Tables, scope: Scope) -> None:
    """Who is there is told night by night: a child arrives after a night elsewhere, and stays that follow on each other are one."""
    figure = agree("units/residents", tables, scope, oracle.residents)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_settings(tables: Tables, scope: Scope) -> None:
    """Units of one kind, sector and area are taken together, a child in two of them once; shares are of all of them."""
    figure = agree("units/settings", tables, scope, oracle.settings)
    _is_fit_to_show(figure)


@given(exports_with_openings(), scopes())
def test_who_went(tables: Tables, scope: Scope) -> None:
    """Children are counted out by unit, most first, and no id is given."""
    figure = agree("units/who_went", tables, scope, oracle.who_went)
    assert "child_id" not in figure.frame.columns
    _is_fit_to_show(figure)


_EVENTS = st.lists(
    st.fixed_dictionaries(
        {
            "happened_on": st.integers(-400, 700).map(lambda n: COVERS[0] + timedelta(n)),
            "text": st.sampled_from(["New forms", "New manager"]),
            "unit_id": st.sampled_from([None, "U1", "U3"]),
            "rebase": st.booleans(),
        }
    ),
    max_size=6,
)


@given(_EVENTS, scopes())
def test_events(events: Rows, scope: Scope) -> None:
    """Events of the authority and of the scope's units are there, as far back as the control charts reach."""
    if events:
        _is_fit_to_show(agree("units/events", {"episodes": [{"started_at": utc(2024, 5, 1)}], "events": events}, scope, oracle.events))


def _is_fit_to_show(figure: Figure) -> None:
    """A finding has 15 words at most, and a chart says nothing of single children."""
    assert 0 < len(figure.finding.split()) <= 15, figure.finding
    assert figure.alt.endswith(".")
    if figure.draw is not None:
        spec = figure.draw(LIGHT).to_json()
        assert not any(f'"C{n}"' in spec for n in range(1, 7))


def _ask(
    name: str, scope: Scope = _YEAR, covers: tuple[date, date] = COVERS, extra: dict[str, Any] | None = None, **tables: Rows
) -> Figure:
    snapshot, _ = opened(covers, **tables)
    return build(name, snapshot, scope, Settings(), **(extra or {}))


def _monthly(counts: list[int], unit_id: str, until: date = date(2025, 6, 1)) -> Rows:
    """So many episodes in each month up to `until`, at noon of its days."""
    rows = []
    for back, count in enumerate(reversed(counts)):
        index = until.year * 12 + until.month - 1 - back
        rows += [
            {
                "episode_id": f"{unit_id}-{index}-{n}",
                "child_id": f"C{n}",
                "unit_id": unit_id,
                "started_at": utc(index // 12, index % 12 + 1, 1 + n % 28, 12),
            }
            for n in range(count)
        ]
    return rows


def _homes(count: int, episodes: list[list[int]]) -> dict[str, Rows]:
    """Homes H00, H01 … of two children all the time; `episodes` of each of them, home by home."""
    placements, rows = [], []
    for home in range(count):
        for child in range(2):
            who = {"child_id": f"C{home}-{child}", "unit_id": f"H{home:02d}"}
            placements.append(who)
            rows += [
                {**who, "episode_id": f"E{home}-{child}-{n}", "started_at": utc(2024, 7, 1, 12) + timedelta(days=2 * n)}
                for n in range(episodes[home][child])
            ]
    units = [{"unit_id": f"H{home:02d}", "name": f"Home {home}"} for home in range(count)]
    return {"episodes": rows, "placements": placements, "units": units}


def test_equals_for_busiest_go_by_id() -> None:
    """Of two children with as many episodes, the first id is left out: the nights that stay are the other's."""
    placements = [{"child_id": "C1", "started_on": date(2025, 1, 1)}, {"child_id": "C2", "started_on": date(2023, 1, 1)}]
    episodes = [{"child_id": child, "started_at": utc(2025, 2, day, 12)} for child in ("C1", "C2") for day in (3, 9)]
    made = _ask("units/unit_rates", Scope(Period.parse("2024-01-01..2025-06-30")), placements=placements, episodes=episodes)
    assert made.frame["rate_without_busiest"].to_list() == [2 * 1000 / 547]


def test_a_unit_without_nights_keeps_its_count() -> None:
    """Episodes of a unit where nobody is known to be placed are counted, without a rate; so are those of one with few nights."""
    made = _ask("units/unit_rates", placements=[{}], episodes=[{"unit_id": "U9", "started_at": utc(2025, 2, 3, 12)}])
    row = made.frame.filter(made.frame["unit_id"] == "U9").row(0, named=True)
    assert (row["nights"], row["episodes"], row["rate"], row["lower"]) == (0, 1, None, None)
    assert "2 units with fewer than 500 nights: no rate." in made.caveats


def test_one_childs_part_in_words() -> None:
    """Where one child had half of a unit's episodes or more, the finding says how many; of fewer than five
    episodes it does not."""
    episodes = [
        {"episode_id": f"E{n}", "child_id": "C1" if n < 8 else f"C{n}", "unit_id": "U1", "started_at": utc(2025, 1, 1 + n, 12)}
        for n in range(10)
    ]
    placements = [{"child_id": f"C{n}"} for n in range(1, 7)]
    units = [{"unit_id": "U1", "name": "Willow House"}]
    made = _ask("units/unit_rates", episodes=episodes, placements=placements, units=units)
    assert made.finding == "One child had 8 of the 10 episodes at Willow House"
    few = _ask("units/unit_rates", episodes=episodes[:4], placements=placements, units=units)
    assert few.finding == "1.8 episodes per 1,000 nights at Willow House, 0 without its busiest child"
    assert made.frame["busiest_child_share"].to_list() == [0.8]


def test_no_share_among_few_children() -> None:
    """With under five children placed the busiest child's share is not given."""
    made = _ask(
        "units/unit_rates",
        episodes=[{"unit_id": "U1", "started_at": utc(2025, 1, 1, 12)}],
        placements=[{"child_id": f"C{n}"} for n in range(4)],
    )
    assert made.frame["busiest_child_share"].to_list() == [None]


def test_months_from_opening_to_closing() -> None:
    """A unit has a row for the month it opens in and the one it closes in, with zeros, and none outside."""
    units = [{"unit_id": "U1", "opened_on": date(2024, 9, 20), "closed_on": date(2025, 1, 2)}]
    made = _ask("units/unit_months", units=units, placements=[{"unit_id": "U1"}])
    assert made.frame["month"].to_list() == [date(2024, 9, 1), date(2024, 10, 1), date(2024, 11, 1), date(2024, 12, 1), date(2025, 1, 1)]
    assert made.finding == "No missing and away episodes at any unit in July 2024 to June 2025"


def test_a_month_covered_in_part_is_no_point() -> None:
    """A month of which the export has half would look low, and is not judged."""
    made = _ask(
        "units/control_chart", covers=(date(2024, 1, 15), date(2025, 6, 20)), episodes=_monthly([8] * 18, "U1"), units=[{"unit_id": "U1"}]
    )
    assert (made.frame["month"].min(), made.frame["month"].max()) == (date(2024, 2, 1), date(2025, 5, 1))
    assert made.frame["cause"].to_list() == ["usual"] * 16


def _burst_and_calm() -> Rows:
    calm = [8, 10] * 18
    return _monthly([*calm[:-2], 30, 31], "U1") + _monthly(calm, "U2") + _monthly([*calm[:-8], 40, *calm[-7:]], "U3")


def test_units_without_an_episode_come_last() -> None:
    """Where nothing is marked units stand by name, and those without an episode in the period after the others."""
    months = pl.DataFrame({"unit_id": ["U1", "U2", "U3"], "month": [date(2025, 5, 1)] * 3, "value": [0, 1, 2]}).with_columns(
        *(pl.lit(None, kind).alias(name) for name, kind in (("mean", pl.Float64), ("upper_limit", pl.Float64), ("cause", pl.String))),
        months_spanned=1,
    )
    names = {"U1": "Ash House", "U2": "Oak House", "U3": "Elm House"}
    assert list(units_by_attention(months, date(2025, 1, 1), names)) == ["U3", "U2", "U1"]


def test_the_unit_that_needs_attention() -> None:
    """The chart shows the unit with the latest change; the finding names it, when and how, and another that changed."""
    made = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=_burst_and_calm(), units=[{"unit_id": f"U{n}"} for n in (1, 2, 3)])
    assert made.finding == "U1 House: episodes higher than usual since May 2025; U3 House changed too"
    assert "Marked units first" in made.measure
    assert list(units_by_attention(made.frame, _YEAR.period.first_month, {})) == ["U1", "U3", "U2"]
    assert made.frame["unit_id"].unique().sort().to_list() == ["U1", "U2", "U3"]


@pytest.mark.parametrize(
    ("unit_id", "finding"),
    [
        ("U1", "U1 House: episodes higher than usual since May 2025"),
        ("U2", "U2 House: no clear change in episodes"),
        ("U3", "U3 House: episodes higher than usual in November 2024"),
    ],
)
def test_one_unit_alone(unit_id: str, finding: str) -> None:
    """In a scope of one unit the chart is of that unit by itself, and so is the finding."""
    made = _ask(
        "units/control_chart",
        Scope(_YEAR.period, units=(unit_id,)),
        covers=_FIVE_YEARS,
        episodes=_burst_and_calm(),
        units=[{"unit_id": f"U{n}"} for n in (1, 2, 3)],
    )
    assert made.finding == finding
    assert f"at {unit_id} House" in made.measure


def test_units_are_paged() -> None:
    """Twelve units are drawn at once, those to look at first on the first page; which ones, and that the table has all, is said."""
    units = [{"unit_id": f"U{n:02d}"} for n in range(14)]
    episodes = [row for unit in units for row in _monthly([8, 10] * 9, unit["unit_id"])] + _monthly([40], "U13")
    for n, episode in enumerate(episodes):
        episode["episode_id"] = f"E{n}"
    first = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=episodes, units=units)
    second = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=episodes, units=units, extra={"page": 1})
    beyond = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=episodes, units=units, extra={"page": 9})
    assert "Units 1 to 12 of 14 are drawn; the table has all." in first.caveats
    assert "Units 13 to 14 of 14 are drawn; the table has all." in second.caveats
    assert beyond.caveats == second.caveats
    assert first.draw is not None
    assert second.draw is not None
    drawn, rest = first.draw(LIGHT).to_json(), second.draw(LIGHT).to_json()
    assert "U13 House" in drawn
    assert "U12 House" in rest
    assert "U11 House" in rest
    assert "U13 House" not in rest
    assert first.frame.equals(second.frame)


def test_a_change_of_one_child_is_marked_and_not_told() -> None:
    """What one child could make is marked in the chart, and no finding names the unit for it."""
    calm = [8, 10] * 18
    by_many = _monthly([*calm[:-1], 40], "U1")
    by_one = [row | {"child_id": "C0" if row["started_at"] >= utc(2025, 6, 1) else row["child_id"]} for row in by_many]
    by_one += (calm_unit := [row | {"episode_id": f"calm-{n}"} for n, row in enumerate(_monthly(calm, "U2"))])
    units = [{"unit_id": "U1"}, {"unit_id": "U2"}]
    told = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=by_many + calm_unit, units=units)
    marked = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=by_one, units=units)
    assert told.finding == "U1 House: episodes higher than usual in June 2025"
    assert marked.finding == "No unit's episodes differ clearly from its own past; 1 of 2 is marked"
    latest = marked.frame.filter(pl.col("unit_id") == "U1").row(-1, named=True)
    assert (latest["cause"], latest["most_of_one_child"]) == ("outside_high", 40)


def test_a_burst_and_then_none() -> None:
    """A unit that falls silent after a burst is said to be both, and the rules of both are said."""
    made = _ask(
        "units/control_chart",
        covers=_FIVE_YEARS,
        episodes=_monthly([8, 10] * 15 + [35, 42, 40, 0, 0, 0], "U1"),
        units=[{"unit_id": "U1"}],
        placements=[{"unit_id": "U1", "child_id": "C1", "started_on": date(2025, 1, 9)}],
    )
    assert made.finding == "U1 House: lower than usual since April 2025, after being higher January to March"
    assert (
        "Marked: lower than usual since April 2025 (3 below the lower limit), after being higher from January to March 2025 "
        "(3 above the upper limit)." in made.caveats
    )
    assert made.draw is not None
    assert "Children who arrived" in made.draw(LIGHT).to_json()


@pytest.mark.parametrize(("after", "said"), [([0, 0, 0], "; none since"), ([8, 0, 0], ""), ([0, 1, 0], ""), ([0], "")])
def test_a_change_that_is_over_is_said_to_be(after: list[int], said: str) -> None:
    """A burst followed by no episode at all is not told as if it went on; a month that is still being recorded does not end it."""
    burst = [*([7, 0, 6, 1] * 9)[: 36 - 3 - len(after)], 55, 62, 60, *after]
    made = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=_monthly(burst, "U1"), units=[{"unit_id": "U1"}])
    first, last = ("January", "March") if len(after) == 3 else ("March", "May")
    assert made.finding == f"U1 House: episodes higher than usual from {first} to {last} 2025{said}"


def test_only_a_clear_change_has_a_colour_among_many() -> None:
    """Of two units that a rule marks, the one that a finding may name is coloured in the months of its change, the other is grey."""
    calm = [8, 10] * 18
    clear, one_child = _monthly([*calm[:-1], 40], "U1"), _monthly([*calm[:-1], 40], "U2")
    one_child = [
        row | {"episode_id": f"U2-{n}", "child_id": "C0" if row["started_at"] >= utc(2025, 6, 1) else row["child_id"]}
        for n, row in enumerate(one_child)
    ]
    made = _ask("units/control_chart", covers=_FIVE_YEARS, episodes=clear + one_child, units=[{"unit_id": "U1"}, {"unit_id": "U2"}])
    assert made.draw is not None
    rows = [row for values in made.draw(LIGHT).to_dict()["datasets"].values() for row in values]
    told = {(row["unit"], row["when"], row["reading"]) for row in rows if row.get("reading", "Usual variation") != "Usual variation"}
    assert told == {("U1 House", "June 2025", "Higher than usual"), ("U2 House", "June 2025", "Marked by a rule alone")}
    written = {row["text"]: row["colour"] for row in rows if "colour" in row}
    assert written["Higher in Jun 2025"] == LIGHT.high
    assert written["Marked higher in Jun 2025"] == LIGHT.secondary


def test_limits_start_anew_where_an_event_says_so() -> None:
    """A rebase of the whole authority counts for every unit, one of a unit for that unit alone, and another event for none."""
    counts = [8, 10] * 6 + [18, 20] * 6 + [28, 30] * 6
    episodes = _monthly(counts, "U1") + _monthly(counts, "U2")
    events = [
        {"happened_on": date(2023, 7, 9), "text": "New forms", "rebase": True},
        {"happened_on": date(2024, 7, 1), "text": "New manager", "unit_id": "U2", "rebase": True},
        {"happened_on": date(2024, 9, 1), "text": "New cook"},
    ]
    made = _ask(
        "units/control_chart",
        covers=_FIVE_YEARS,
        episodes=episodes,
        events=events,
        units=[{"unit_id": "U1"}, {"unit_id": "U2"}],
    )
    judged = made.frame.drop_nulls("mean").group_by("unit_id", "mean", maintain_order=True).agg(pl.col("month").min())
    first, second, third = date(2022, 7, 1), date(2023, 7, 1), date(2024, 7, 1)
    assert judged.rows() == [("U1", 9.0, first), ("U1", 24.0, second), ("U2", 9.0, first), ("U2", 19.0, second), ("U2", 29.0, third)]
    assert "Limits start anew on 9 July 2023: New forms." in made.caveats
    assert not any("New manager" in caveat or "New cook" in caveat for caveat in made.caveats)


def test_a_small_unit_is_read_by_quarters_whenever_the_period_ends() -> None:
    """A period that ends within a quarter still has the twelve whole quarters that limits need."""
    made = _ask(
        "units/control_chart",
        Scope(Period.parse("2025-05")),
        covers=_FIVE_YEARS,
        episodes=_monthly([2] * 60, "U1"),
        units=[{"unit_id": "U1"}],
    )
    assert made.frame["month"].to_list()[::11] == [date(2022, 4, 1), date(2025, 1, 1)]
    assert made.frame["cause"].to_list() == ["usual"] * 12


def test_a_unit_high_only_because_of_one_child() -> None:
    """A unit beyond the limits only with its busiest child is not named, and the finding says that it is so because of one child."""
    made = _ask("units/funnel_episodes", **_homes(12, [[6, 5]] * 11 + [[90, 5]]))
    assert made.frame["outside"].to_list() == ["usual"] * 11 + ["high"]
    assert made.frame["outside_without_busiest"].to_list() == ["usual"] * 12
    assert made.finding == "No unit stands out; 1 lies above the limits only because of one child"
    assert any("1 unit is outside the limits and not named" in caveat for caveat in made.caveats)
    assert not any("Home 11" in said for said in (made.finding, made.alt, *made.caveats))
    assert made.draw is not None
    assert "Outside because of single children" in made.draw(LIGHT).to_json()


def test_a_unit_high_for_all_its_children() -> None:
    """A unit beyond the limits without its busiest child too has a higher rate, and is named."""
    made = _ask("units/funnel_episodes", **_homes(12, [[6, 5]] * 11 + [[60, 58]]))
    assert made.finding == "Home 11 has a higher rate than others of its kind"


def test_a_funnel_of_one_kind_speaks_of_that_kind() -> None:
    """Asked for a kind, finding and picture are of that kind alone; the kind with a unit to name is offered first."""
    tables = _homes(12, [[6, 5]] * 11 + [[60, 58]])
    foster = _homes(6, [[6, 5], [5, 5], [7, 4], [4, 6], [6, 6], [5, 4]])
    for rows in foster.values():
        for row in rows:
            row |= {key: f"F{row[key]}" for key in ("unit_id", "child_id", "episode_id", "placement_id") if key in row}
    for unit in foster["units"]:
        unit["kind"] = "foster"
    both = {name: [*tables[name], *foster[name]] for name in tables}
    made, of_foster = _ask("units/funnel_episodes", **both), _ask("units/funnel_episodes", extra={"kind": "foster"}, **both)
    assert made.finding == "Home 11 has a higher rate than others of its kind"
    assert list(kinds_compared(made.frame, of_foster.frame)) == ["childrens_home", "foster"]
    assert of_foster.finding == "No unit's rate lies outside the limits of its kind (6 units compared)"
    assert "6 units of one kind: foster care" in of_foster.measure


def test_nobody_outside() -> None:
    """Where no unit lies outside the limits, the finding says how many were compared."""
    made = _ask("units/funnel_episodes", **_homes(6, [[6, 5], [5, 5], [7, 4], [4, 6], [6, 6], [5, 4]]))
    assert made.finding == "No unit's rate lies outside the limits of its kind (6 units compared)"
    assert kinds_compared(made.frame) == {"childrens_home": "Children's home"}


def test_units_of_the_scope_are_held_against_all() -> None:
    """Choosing units leaves what they are compared with as it was: the same limits, fewer rows."""
    tables = _homes(12, [[6, 5]] * 11 + [[60, 58]])
    every = _ask("units/funnel_episodes", **tables)
    some = _ask("units/funnel_episodes", Scope(_YEAR.period, units=("H00", "H11")), **tables)
    assert some.frame.equals(every.frame.filter(every.frame["unit_id"].is_in(["H00", "H11"])))
    assert some.finding == every.finding


def test_kinds_are_not_compared_with_each_other() -> None:
    """Foster care's rate is no measure for a home: each kind is held against its own."""
    homes = _homes(12, [[20, 20]] * 6 + [[1, 1]] * 6)
    for unit in homes["units"][6:]:
        unit["kind"] = "foster"
    made = _ask("units/funnel_episodes", **homes)
    assert made.frame["expected"].to_list() == pytest.approx([40.0] * 6 + [2.0] * 6)
    assert set(made.frame["outside"]) == {"usual"}
    shown = _ask("units/funnel_episodes", extra={"kind": "foster"}, **homes)
    assert "foster care" in shown.measure


def test_too_few_to_compare() -> None:
    """Four homes set their own average: none is judged, and the page says why."""
    made = _ask("units/funnel_episodes", **_homes(4, [[6, 5]] * 3 + [[90, 90]]))
    assert made.frame["outside"].to_list() == [None] * 4
    assert made.finding == "Too few units of one kind, or too small ones, to compare"
    assert made.draw is None


def _children_of_homes(went: list[int], placed: int = 20) -> dict[str, Rows]:
    """Homes H00, H01 … with so many children each, of whom so many went once."""
    placements, episodes = [], []
    for home, count in enumerate(went):
        for child in range(placed):
            who = {"child_id": f"C{home}-{child}", "unit_id": f"H{home:02d}"}
            placements.append(who)
            episodes += [{**who, "episode_id": f"E{home}-{child}", "started_at": utc(2024, 9, 1, 12)}] if child < count else []
    return {
        "episodes": episodes,
        "placements": placements,
        "units": [{"unit_id": f"H{n:02d}", "name": f"Home {n}"} for n in range(len(went))],
    }


def test_many_children_of_one_home() -> None:
    """A home of which far more children go than of others is named, with how many; limits are exact binomial ones."""
    made = _ask("units/funnel_children", **_children_of_homes([4, 5, 3, 4, 5, 4, 3, 16]))
    assert made.finding == "16 of 20 children at Home 7 went, more than elsewhere"
    assert made.frame["outside"].to_list() == ["usual"] * 7 + ["high"]
    # 44 of 160 went: of 20 children no more than 12 in 99.9% of cases, and 10 in 97.5%.
    assert made.frame.row(0, named=True)["upper_998"] == 12 / 20
    assert made.frame.row(0, named=True)["upper_95"] == 10 / 20


def test_a_child_who_goes_often_counts_once() -> None:
    """One child with fifty episodes is one of the children who went: the funnel of children names no home for it."""
    tables = _children_of_homes([4, 5, 3, 4, 5, 4, 3, 4])
    often = [
        {"child_id": "C7-0", "unit_id": "H07", "episode_id": f"X{n}", "started_at": utc(2024, 10, 1) + timedelta(n)} for n in range(50)
    ]
    made = _ask("units/funnel_children", **{**tables, "episodes": tables["episodes"] + often})
    assert made.finding == "No unit's share of children who went is unlike its kind's (8 units compared)"


def test_few_children_have_no_share() -> None:
    """Under five children placed there is a count and no share, and too few such homes are not compared."""
    made = _ask("units/funnel_children", **_children_of_homes([1, 2, 0, 1, 3], placed=4))
    assert made.frame["share"].null_count() == 5
    assert made.finding == "Too few units of one kind, or too few children in them, to compare"


def test_a_stay_that_goes_on_is_no_arrival() -> None:
    """A second stay from the day the first ends is the same one; a night elsewhere makes it a departure and an arrival."""
    days = [(date(2024, 7, 10), date(2024, 8, 3)), (date(2024, 8, 3), date(2024, 9, 5)), (date(2024, 9, 6), None)]
    made = _ask("units/residents", units=[{"unit_id": "U1"}], placements=[{"started_on": a, "ended_on": b} for a, b in days])
    assert made.frame.head(4).select("arrivals", "departures", "children").rows() == [(1, 0, 1), (0, 0, 1), (1, 1, 1), (0, 0, 1)]
    assert made.finding == "2 arrivals and 1 departure at U1 House"


def test_foster_cares_reports() -> None:
    """Foster care's share of the nights stands beside its share of the episodes, without a word on which is right."""
    placements = [{"child_id": f"C{n}", "unit_id": "F1" if n < 8 else "U1"} for n in range(10)]
    episodes = [{"child_id": "C9", "unit_id": "U1", "started_at": utc(2024, 9, n, 12)} for n in range(1, 10)]
    episodes.append({"child_id": "C0", "unit_id": "F1", "started_at": utc(2024, 9, 9)})
    units = [{"unit_id": "F1", "kind": "foster"}, {"unit_id": "U1"}]
    made = _ask("units/settings", placements=placements, episodes=episodes, units=units)
    assert made.finding == "Foster care has 80% of the nights in placement and reports 10% of the episodes"
    assert _ask("units/settings", Scope(_YEAR.period, units=("U1",)), placements=placements, episodes=episodes, units=units).finding == (
        "Most episodes are from one kind of setting: children's home, 9 of 9"
    )


def test_who_makes_the_count_without_a_name() -> None:
    """The children of a unit are bars without an id, those beyond the twelfth together."""
    episodes = [
        {"episode_id": f"E{child}-{n}", "child_id": f"C{child}", "unit_id": "U1", "started_at": utc(2025, 1, 1 + n, child)}
        for child in range(14)
        for n in range(15 - child)
    ]
    made = _ask("units/who_went", episodes=episodes, placements=[{"child_id": f"C{n}"} for n in range(14)], units=[{"unit_id": "U1"}])
    assert made.finding == "U1 House: 5 of 14 children who went had half of the 119 episodes"
    assert made.draw is not None
    spec = made.draw(LIGHT).to_json()
    assert "2 more" in spec
    assert "5 episodes together, at most 3 each" in spec
    assert '"C1' not in spec


def test_rates_need_placements() -> None:
    """Without placements there are no nights: the two figures of rates say so, and the others count all the same."""
    episodes = _monthly([8] * 18, "U1")
    assert _ask("units/unit_rates", episodes=episodes).needs is not None
    assert _ask("units/funnel_episodes", episodes=episodes).needs is not None
    assert _ask("units/unit_months", episodes=episodes).finding == "U1 had the most episodes: 96 of 96"
    assert _ask("units/control_chart", episodes=episodes).finding == "U1: no clear change in episodes"


def test_nothing_to_show_and_nothing_to_choose() -> None:
    """Where no unit is known the figures say so, and the page's two choices are empty."""
    chart = _ask("units/control_chart", episodes=[{"started_at": utc(2025, 1, 1, 12)}])
    funnel = _ask("units/funnel_episodes", episodes=[{"started_at": utc(2025, 1, 1, 12)}])
    assert chart.finding == "No unit has a whole month up to July 2024 to June 2025"
    assert funnel.needs is not None
    assert "table placements" in funnel.needs
    assert units_by_attention(chart.frame, _YEAR.period.first_month, {}) == {}
    assert kinds_compared(funnel.frame) == {}
