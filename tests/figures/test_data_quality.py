"""The Data quality figures, against plain Python and rule by rule."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.exports.check import RULES
from dashboard.exports.tables import Snapshot
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.data_quality import not_given
from dashboard.figures.figure import Figure, build
from dashboard.resources import QUERIES
from dashboard.scope import Period, Scope
from dashboard.settings import Reasons, Settings
from tests.oracle import data_quality as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, rows_of, scopes, utc, write_made
from tests.oracle.plain import local

SCOPE = Scope(Period.parse("2025-Q2"))


@st.composite
def untidy(draw: st.DrawFn) -> Tables:
    """An export with codes, units, points and ids that the rules name."""
    tables = draw(exports(most_episodes=20))
    for row in tables["episodes"]:
        row["risk"] = draw(st.sampled_from([row["risk"], "unheard_of", "no_apparent_risk"]))
        row["unit_id"] = draw(st.sampled_from([row["unit_id"], "U8"]))
        row["found_latitude"] = draw(st.sampled_from([row["found_latitude"], 0.0, 61.0, 48.99]))
        row["last_seen_longitude"] = draw(st.sampled_from([-2.1, 2.01, None]))
    for row in tables["return_interviews"]:
        row["episode_id"] = draw(st.sampled_from([row["episode_id"], "unknown"]))
        row["reasons"] = draw(st.sampled_from([None, [], ["family"], ["family", "the_moon"]]))
        row["interviewer"] = draw(st.sampled_from([row["interviewer"], "a_friend"]))
    for table, code, other in (("police_calls", "reason", "noise"), ("units", "kind", "castle"), ("children", "sex", "unknown")):
        again = [dict(row) for row in tables[table] if draw(st.booleans())]
        for row in tables[table]:
            row[code] = draw(st.sampled_from([row.get(code), other]))
        tables[table] += again
    for row in tables["placements"]:
        row["unit_id"] = draw(st.sampled_from([row["unit_id"], row["unit_id"], "U9"]))
    if draw(st.booleans()):
        del tables["units"]
    return tables


@given(untidy(), scopes())
def test_findings(tables: Tables, scope: Scope) -> None:
    """Each rule counts the rows that fall under it, of the whole export and in whatever scope, and names the first five by id."""
    made = agree("data_quality/findings", tables, scope, oracle.findings)
    assert made.frame.select(pl.col("meaning", "what_to_do").is_null().any()).row(0) in ((False, False), (None, None))


@given(untidy(), scopes())
def test_completeness(tables: Tables, scope: Scope) -> None:
    """Each column of the contract is there, given or not, with the rows that fill it in the file; for episodes also unit by unit."""
    agree("data_quality/completeness", tables, scope, oracle.completeness)


def _findings(**tables: Any) -> list[tuple[str, str, int, list[str]]]:
    settings = tables.pop("settings", None)
    snapshot, _ = opened(settings=settings, **tables)
    frame = build("data_quality/findings", snapshot, SCOPE, settings or Settings()).frame
    return [(row["rule"], f"{row['table']}.{row['column']}", row["rows"], row["examples"]) for row in frame.iter_rows(named=True)]


def _completeness(**tables: Any) -> Figure:
    snapshot, _ = opened(**tables)
    return build("data_quality/completeness", snapshot, SCOPE, Settings())


def _episode(**row: Any) -> dict[str, Any]:
    return {"episode_id": "E1", "started_at": utc(2025, 3, 1, 20), "ended_at": utc(2025, 3, 2, 8)} | row


def test_a_tidy_export_has_no_finding() -> None:
    """Where no row falls under a rule, the page says so, and no table that is not given is complained of."""
    snapshot, _ = opened(episodes=[_episode()])
    made = build("data_quality/findings", snapshot, SCOPE, Settings())
    assert made.frame.is_empty()
    assert made.finding == "No row of the export falls under a rule of the check"


@pytest.mark.parametrize(
    ("rule", "column", "ends"),
    [
        ("end before start", "ended_at", {"ended_at": utc(2025, 3, 1, 19)}),
        ("start after the export's end", "started_at", {"started_at": utc(2025, 7, 1, 12), "ended_at": utc(2025, 7, 1, 13)}),
        # Late on 2 June in London, more than 28 days before the end of 30 June. An hour later it is 3 June.
        ("open more than 28 days", "ended_at", {"started_at": utc(2025, 6, 2, 22, 59), "ended_at": None}),
        ("outside the British Isles", "found_latitude", {"found_latitude": 0.0, "found_longitude": 0.0}),
        ("outside the British Isles", "found_latitude", {"found_latitude": 52.8, "found_longitude": 2.1}),
        ("outside the British Isles", "last_seen_latitude", {"last_seen_latitude": -2.1, "last_seen_longitude": 52.8}),
        ("unknown code", "risk", {"risk": "enormous"}),
        ("unknown code", "found_place", {"found_place": "other: pub"}),
        ("unknown code", "found_by", {"found_by": "Police"}),
    ],
)
def test_a_rule_about_one_episode(rule: str, column: str, ends: dict[str, Any]) -> None:
    """Given one episode that falls under a rule beside one that does not, then the rule names it and no other rule does."""
    tidy = _episode(episode_id="E2", child_id="C2")
    assert _findings(episodes=[_episode(**ends), tidy]) == [(rule, f"episodes.{column}", 1, ["E1"])]


@pytest.mark.parametrize(
    "tidy",
    [
        {"ended_at": utc(2025, 3, 1, 20)},
        {"started_at": utc(2025, 6, 30, 22, 59), "ended_at": None},
        {"started_at": utc(2025, 6, 2, 23), "ended_at": None},
        {"found_latitude": 49.0, "found_longitude": -11.0},
        {"found_latitude": 61.0, "found_longitude": 2.0},
        {"risk": "absent"},
        {"risk": "no_apparent_risk"},
        {"found_place": None},
    ],
)
def test_the_near_side_of_each_rule(tidy: dict[str, Any]) -> None:
    """An episode of no length, one that began on the last day, one open for 28 days, the corners of the Isles and older spellings are
    no findings."""
    assert _findings(episodes=[_episode(**tidy)]) == []


def test_overlaps() -> None:
    """Two episodes of a child overlap where one began before the other had ended, and both are named. One that begins at the instant in
    which the other ends does not overlap it, and neither do two children's."""
    first = _episode()
    assert _findings(
        episodes=[first, _episode(episode_id="E2", started_at=utc(2025, 3, 2, 8), ended_at=None), _episode(episode_id="E3", child_id="C2")]
    ) == [("open more than 28 days", "episodes.ended_at", 1, ["E2"])]
    inside = _episode(episode_id="E2", started_at=utc(2025, 3, 1, 23), ended_at=utc(2025, 3, 2, 1))
    after = _episode(episode_id="E3", started_at=utc(2025, 3, 2, 7), ended_at=utc(2025, 3, 2, 9))
    assert _findings(episodes=[after, inside, first]) == [("overlap with another episode", "episodes.started_at", 3, ["E1", "E2", "E3"])]


def test_placements() -> None:
    """An episode in no placement is named only where placements are given; one that is still open though the placement has ended is
    named until it is closed. A child leaves on the day on which a placement ends."""
    stay = {"started_on": date(2025, 1, 1), "ended_on": date(2025, 3, 2)}
    assert _findings(episodes=[_episode()], placements=[stay]) == []
    moved = _episode(started_at=utc(2025, 3, 2, 12), ended_at=utc(2025, 3, 2, 13))
    assert _findings(episodes=[moved], placements=[stay]) == [("in no placement", "episodes.started_at", 1, ["E1"])]
    assert _findings(episodes=[moved]) == []
    still_open = _episode(started_at=utc(2025, 6, 25, 12), ended_at=None)
    ends = [(date(2025, 6, 30), 1), (date(2025, 7, 1), 0), (None, 0)]
    for ended_on, found in ends:
        stays = [{"started_on": date(2025, 1, 1), "ended_on": ended_on}]
        assert (
            _findings(episodes=[still_open], placements=stays)
            == [("open after the placement ended", "episodes.ended_at", 1, ["E1"])] * found
        )


def test_days_in_care() -> None:
    """The first and the last day looked after are days in care; an episode before or after them is named."""
    episodes = [
        _episode(episode_id=f"E{day}", child_id=f"C{day}", started_at=utc(2025, 3, day), ended_at=utc(2025, 3, day, 1))
        for day in (1, 2, 3, 4)
    ]
    children = [{"child_id": f"C{day}", "looked_after_from": date(2025, 3, 2), "looked_after_to": date(2025, 3, 3)} for day in (1, 2, 3, 4)]
    assert _findings(episodes=episodes, children=children) == [
        ("not looked after on the day it began", "episodes.started_at", 2, ["E1", "E4"])
    ]


def test_interviews() -> None:
    """An interview for an unknown episode, one held before the return, and a reason that the settings do not know are named."""
    rows = [
        {"interview_id": "I1", "episode_id": "E9"},
        {"interview_id": "I2", "episode_id": "E1", "held_at": utc(2025, 3, 2, 7)},
        {"interview_id": "I3", "episode_id": "E1", "held_at": utc(2025, 3, 2, 8), "reasons": ["family", "the_moon"]},
        {"interview_id": "I4", "episode_id": "E1", "offered": "perhaps", "reasons": ["family"]},
    ]
    assert _findings(episodes=[_episode()], return_interviews=rows) == [
        ("held before the return", "return_interviews.held_at", 1, ["I2"]),
        ("interview for an unknown episode", "return_interviews.episode_id", 1, ["I1"]),
        ("unknown code", "return_interviews.offered", 1, ["I4"]),
        ("unknown code", "return_interviews.reasons", 1, ["I3"]),
    ]
    known = Settings(reasons=Reasons(pull=("family", "the_moon")))
    assert ("unknown code", "return_interviews.reasons", 1, ["I3"]) not in _findings(
        episodes=[_episode()], return_interviews=rows, settings=known
    )


def test_an_end_without_a_time_on_the_day_of_the_start() -> None:
    """Where ends are dates only, one on the day of the start is not before it: the hour is not known. One of the day before is."""
    started_at = utc(2025, 3, 2, 20)
    assert _findings(episodes=[_episode(started_at=started_at, ended_at=date(2025, 3, 2))]) == []
    assert _findings(episodes=[_episode(started_at=started_at, ended_at=date(2025, 3, 1))]) == [
        ("end before start", "episodes.ended_at", 1, ["E1"])
    ]


def test_held_on_the_day_of_the_return() -> None:
    """Where an interview has a date only, one of the day of the return is not before it: the hour is not known."""
    rows = [{"interview_id": f"I{day}", "episode_id": "E1", "held_at": date(2025, 3, day)} for day in (1, 2)]
    assert _findings(episodes=[_episode()], return_interviews=rows) == [("held before the return", "return_interviews.held_at", 1, ["I1"])]


def test_units_that_are_not_listed() -> None:
    """A unit that `units` does not list is named in each table that has it, and in none where no units are given."""
    tables = {
        "episodes": [_episode(unit_id="U7")],
        "placements": [{"unit_id": "U8", "started_on": date(2025, 1, 1)}],
        "police_calls": [{"call_id": "P1", "unit_id": "U9", "called_at": utc(2025, 3, 1)}],
        "events": [{"happened_on": date(2025, 1, 1), "text": "A new form", "unit_id": "U10"}],
    }
    found = [
        ("unit not in units", "episodes.unit_id", 1, ["E1"]),
        ("unit not in units", "events.unit_id", 1, ["2025-01-01"]),
        ("unit not in units", "placements.unit_id", 1, ["C1 from 2025-01-01"]),
        ("unit not in units", "police_calls.unit_id", 1, ["P1"]),
    ]
    assert _findings(**tables, units=[{"unit_id": "U1"}]) == found
    assert _findings(**tables) == []


def test_listed_twice() -> None:
    """Of an id on three rows two are left out: the first is read."""
    units = [{"unit_id": "U1", "kind": kind} for kind in ("foster", "supported", "other")]
    snapshot, _ = opened(episodes=[_episode()], units=[*units, {"unit_id": "U2"}])
    frame = build("data_quality/findings", snapshot, SCOPE, Settings()).frame
    assert frame.select("rule", "rows", "share", "examples").row(0) == ("listed twice", 2, 0.5, ["U1"])
    assert snapshot._run("SELECT kind FROM units WHERE unit_id = 'U1'", {}).item() == "foster"


def test_every_rule_with_words_is_asked() -> None:
    """No rule is explained to readers that no SQL asks. That each one asked is explained is held by `findings` itself."""
    sql = "".join((QUERIES / path).read_text(encoding="utf-8") for path in ("data_quality/findings.sql", "tables/refusals.sql"))
    assert [rule for rule in RULES if "'" + rule.replace("'", "''") + "'" not in sql] == []


def test_completeness_is_of_the_file() -> None:
    """A column that is not there is filled by no row; one with a value in some rows by those; a table that is not there has no share.
    What the dashboard works out, such as a unit found from placements, does not count as filled."""
    made = _completeness(
        episodes=[_episode(risk="low"), _episode(episode_id="E2", child_id="C2", risk=None)], placements=[{"unit_id": "U1"}]
    )
    rows = {(row["table"], row["column"], row["unit_id"]): row for row in made.frame.iter_rows(named=True)}
    assert rows["episodes", "risk", None] == {"table": "episodes", "column": "risk", "filled": 1, "rows": 2, "share": 0.5, "unit_id": None}
    assert rows["episodes", "found_by", None]["share"] == 0
    assert rows["police_calls", "reason", None]["share"] is None
    assert (rows["episodes", "unit_id", "U1"]["filled"], rows["episodes", "unit_id", "U1"]["rows"]) == (0, 1)


def test_what_cannot_be_given() -> None:
    """Each figure that the export cannot give is named with what it needs; an export with all columns and times gives every figure."""
    lacking = dict(not_given(frozenset({"episodes"})))
    assert lacking["Who the police are called for"] == "Needs column police_called of table episodes."
    snapshot, _ = opened(episodes=[_episode(police_called=True)])
    assert "Who the police are called for" not in dict(not_given(snapshot.given))


def _figure_after(before: Tables, now: Tables, name: str) -> Figure:
    """A figure of the export `now`, after the export `before`, which covered 1 January to 20 May 2025."""
    with tempfile.TemporaryDirectory() as folder:
        earlier, later = Path(folder) / "earlier", Path(folder) / "later"
        write_made(earlier, (date(2025, 1, 1), date(2025, 5, 20)), **before)
        write_made(later, **now)
        Snapshot.read(earlier, Settings(), earlier / "snapshot.duckdb")
        snapshot = Snapshot.read(later, Settings(), before=earlier / "snapshot.duckdb")
        return build(f"data_quality/{name}", snapshot, SCOPE, Settings())


@st.composite
def two_exports(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """An export and the one after it: rows taken out of either, and some of them said anew."""
    tables = draw(exports(most_episodes=15))
    before = {table: [row for row in rows if draw(st.integers(0, 3))] for table, rows in tables.items()}
    now = {table: [dict(row) for row in rows if draw(st.integers(0, 5))] for table, rows in tables.items()}
    for row in now["episodes"]:
        row["risk"] = draw(st.sampled_from([row["risk"], row["risk"], "low"]))
        row["started_at"] -= timedelta(days=draw(st.sampled_from([0, 0, 0, 20])))
    return before, now


@settings(max_examples=15)
@given(two_exports())
def test_compared(pair: tuple[Tables, Tables]) -> None:
    """An episode is the same by its id, and changed where anything recorded of it is. Before, new, gone and moved add up to now."""
    before, now = ({row["episode_id"]: row for row in rows_of("episodes", tables["episodes"])} for tables in pair)
    frame = _figure_after(*pair, "compared").frame
    expected = {
        "table": "episodes",
        "rows_before": len(before),
        "added": len(now.keys() - before.keys()),
        "changed": sum(before[key] != now[key] for key in now.keys() & before.keys()),
        "gone": len(before.keys() - now.keys()),
        "rows": len(now),
    }
    assert frame.filter(pl.col("table") == "episodes").to_dicts() == ([expected] if before or now else [])
    months = _figure_after(*pair, "months_compared").frame
    assert months["month"].to_list() == [date(2025, month, 1) for month in range(1, 5)]
    for row in months.iter_rows(named=True):
        assert row["episodes_before"] == _began_in(row["month"], before)
        assert row["episodes"] == _began_in(row["month"], now)
        assert row["added"] == _began_in(row["month"], {key: now[key] for key in now.keys() - before.keys()})
        assert row["gone"] == _began_in(row["month"], {key: before[key] for key in before.keys() - now.keys()})
        assert row["episodes_before"] + row["added"] - row["gone"] + row["moved"] == row["episodes"]


def _began_in(month: date, episodes: Mapping[str, Mapping[str, Any]]) -> int:
    return sum(local(row["started_at"]).date().replace(day=1) == month for row in episodes.values())


def test_compared_without_an_id() -> None:
    """A placement is known by child, unit and start, and by its number among those that say the same; what it changes is its end."""
    stay = {"child_id": "C1", "unit_id": "U1", "started_on": date(2025, 1, 1), "ended_on": None}
    frame = _figure_after(
        {"episodes": [], "placements": [stay, stay, stay | {"unit_id": "U2"}]},
        {"episodes": [], "placements": [stay | {"ended_on": date(2025, 2, 1)}, stay | {"unit_id": "U3"}]},
        "compared",
    ).frame
    assert frame.filter(pl.col("table") == "placements").row(0)[1:] == (3, 1, 1, 2, 2)


def test_late_recordings() -> None:
    """Late is what had begun by the last day of the export before and was not in it; the days are from the start to that day."""
    days = [(5, 20), (5, 13), (5, 12), (4, 22), (4, 21), (1, 1)]
    starts = [date(2025, month, day) for month, day in days] + [date(2024, 12, 31), date(2025, 5, 21)]
    now: Rows = [{"started_at": datetime.combine(day, time(12), UTC)} for day in starts]
    figure = _figure_after({"episodes": []}, {"episodes": now}, "late_recordings")
    assert figure.frame["episodes"].to_list() == [2, 2, 1, 1, 0]
    assert figure.finding == "6 episodes came late, 2 of them more than four weeks after the child left"


def test_no_export_before() -> None:
    """Without an export before there is nothing to compare, and every comparison says so."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 3, 1)}])
    for name in ("compared", "months_compared", "late_recordings"):
        figure = build(f"data_quality/{name}", snapshot, SCOPE, Settings())
        assert (figure.frame.height, figure.finding) == (0, "There is no earlier export to compare this one with")
