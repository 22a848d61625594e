"""Evidence for an inspector: the command, the trail, and the folder."""

from __future__ import annotations

import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from dashboard.cli import main
from dashboard.errors import Refusal
from dashboard.exports.store import Event
from dashboard.exports.tables import Snapshot
from dashboard.figures.figure import DEFINITIONS, build
from dashboard.reports.evidence import INDEX, command, served, tables_of, write_evidence
from dashboard.reports.files import literal
from dashboard.scope import Period, Scope
from dashboard.settings import Settings, load_settings
from tests.oracle.made import Tables, opened, utc, write_made

_SCOPE = Scope(Period.parse("2025-Q2"), "missing", ("H 1,a",))
_TABLES: Tables = {
    "episodes": [
        {
            "child_id": f"PSEUDONYM{n % 7}",
            "unit_id": "H 1,a",
            "started_at": utc(2025, 4 + n % 3, 1 + n, 20),
            "ended_at": utc(2025, 4 + n % 3, 2 + n),
            "risk": "low",
            "police_called": True,
            "police_called_at": utc(2025, 4 + n % 3, 1 + n, 21),
        }
        for n in range(20)
    ],
    "return_interviews": [{"episode_id": "E0", "outcome": "completed", "held_at": utc(2025, 4, 3)}],
    "placements": [{"child_id": f"PSEUDONYM{n}", "unit_id": "H 1,a"} for n in range(7)],
    "units": [{"unit_id": "H 1,a", "name": "Oak <b>House</b>"}],
    "children": [{"child_id": f"PSEUDONYM{n}"} for n in range(7)],
}


@pytest.fixture(scope="module")
def snapshot() -> Snapshot:
    """A unit whose id needs quoting and whose name holds markup, and seven children."""
    return opened(**_TABLES)[0]


def _texts(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8-sig") for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def without(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The evidence as it is by itself: file → its text."""
    out = tmp_path_factory.mktemp("without")
    write_evidence(out, snapshot, _SCOPE, Settings(), [], with_children=False)
    return _texts(out)


@pytest.fixture(scope="module")
def with_children(snapshot: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The evidence with the rows of single children: file → its text."""
    out = tmp_path_factory.mktemp("with")
    write_evidence(out, snapshot, _SCOPE, Settings(), [], with_children=True)
    return _texts(out)


@pytest.mark.parametrize("name", ["overview/months", "units/control_chart", "evidence/chain", "repeat_runners/trajectory"])
def test_the_command_writes_the_same_file(name: str, snapshot: Snapshot, with_children: dict[str, str], tmp_path: Path) -> None:
    """Given the command that stands beside a figure, when it is run on the same export, then it writes the very file of the evidence."""
    export = tmp_path / "an export"
    write_made(export, **_TABLES)
    line = command(build(name, snapshot, _SCOPE, Settings()), str(export))
    program, *words = shlex.split(line)
    assert program == "oversight"
    load_settings.cache_clear()
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0, result.output
    assert result.output == with_children[f"figures/{name}.csv"]


def test_the_command_names_the_child(snapshot: Snapshot) -> None:
    """The rows of a child who was chosen are those of a child who is named."""
    figure = build("evidence/chain", snapshot, _SCOPE, Settings(), child_id="PSEUDONYM3")
    assert command(figure, "FOLDER").endswith("--units 'H 1%2Ca' --child PSEUDONYM3 --format csv")


def test_a_folder_without_children_names_none(without: dict[str, str]) -> None:
    """A folder travels: unless they are asked for, no file in it has a child's pseudonym, and the figures that are left out are named."""
    assert [name for name, text in without.items() if "PSEUDONYM" in text] == []
    index = without[INDEX]
    for name, definition in DEFINITIONS.items():
        assert (f"figures/{name}.csv" in without) <= (not definition.is_child_level)
        assert definition.title in index.replace("&#39;", "'") or f"figures/{name}.csv" in without
    assert "Child level: its rows are left out of this folder." in index


def test_with_children_every_figure_is_there(with_children: dict[str, str]) -> None:
    """Asked for, rows of single children are there, and the index says how the folder is to be kept."""
    assert "PSEUDONYM3" in with_children["figures/evidence/chain.csv"]
    assert "PSEUDONYM3" in with_children[INDEX]
    assert "as you would a case file" in with_children[INDEX]


def test_the_index_opens_anywhere_and_runs_nothing(with_children: dict[str, str]) -> None:
    """No script, nothing fetched, no markup of an export's names; every link leads to a file of the folder or a place in the page."""
    index = with_children[INDEX]
    assert "<script" not in index
    assert "default-src 'none'" in index
    assert "http" not in index.replace("http-equiv", "")
    assert "Oak <b>" not in index
    assert "Oak &lt;b&gt;House" in index
    for target in re.findall(r'href="([^"]*)"', index):
        if target.startswith("#"):
            assert f'id="{target[1:]}"' in index
        else:
            assert target in with_children or any(name.startswith(f"{target}/") for name in with_children), target


def test_the_index_says_how_each_figure_was_worked_out(snapshot: Snapshot, without: dict[str, str]) -> None:
    """Each figure has its definition and SQL; those that the export gives have what it was bound with and the command too."""
    index = without[INDEX].replace("&#39;", "'").replace("&#34;", '"').replace("&gt;", ">").replace("&lt;", "<").replace("&amp;", "&")
    assert snapshot.fingerprint in index
    assert "Oversight 0." in index
    for name, definition in DEFINITIONS.items():
        figure = build(name, snapshot, _SCOPE, Settings())
        assert definition.counts in index
        assert figure.sql in index
        assert without[f"sql/{name}.sql"] == figure.sql
        assert (command(figure, "FOLDER") in index) == (figure.needs is None), name
    assert "$units = ['H 1,a']" in index
    assert "macros" in tables_of(build("overview/headline", snapshot, _SCOPE, Settings()).sql)


def test_a_folder_that_holds_something_is_left_alone(snapshot: Snapshot, tmp_path: Path) -> None:
    """Evidence of two scopes in one folder could not be told apart."""
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(Refusal, match="not an empty folder"):
        write_evidence(tmp_path, snapshot, _SCOPE, Settings(), [], with_children=False)


def test_the_tables_behind_a_question() -> None:
    """The files that make what a question reads, and what those read in turn, and none that only a comment or a column names."""
    sql = "-- FROM police_calls\nSELECT count(*) AS children FROM episodes_in($a, $b, $c, $d, $e)"
    read = tables_of(sql)
    assert {"scope", "episodes", "coverage", "macros", "interviews_by_episode"} <= set(read)
    assert "police_calls" not in read
    assert "national_figures" not in read
    assert tables_of("WITH days AS (SELECT 1) SELECT * FROM days") == ()


def _event(what: str, fingerprint: str, day: int) -> Event:
    return Event(datetime(2025, 5, day, tzinfo=UTC), what, f"export {day}", fingerprint, "")  # type: ignore[arg-type]


def test_what_was_served_when() -> None:
    """An export is in service from its publishing to that of the next other one; what was refused never was, and one that was read anew
    stayed in service."""
    history = [_event("refused", "d", 9), _event("published", "b", 7), _event("published", "a", 5), _event("published", "a", 3)]
    said = [(one.export, one.from_at.day, one.to_at.day if one.to_at else None) for one in served(history)]
    assert said == [("export 7", 7, None), ("export 3", 3, 7)]
    assert served([]) == []


@pytest.mark.parametrize(
    ("value", "sql"),
    [
        (None, "NULL"),
        (True, "TRUE"),
        (12, "12"),
        ("it's", "'it''s'"),
        (utc(2025, 7, 1).date(), "DATE '2025-07-01'"),
        (["H1", None], "['H1', NULL]"),
    ],
)
def test_a_bound_value_is_said_as_sql_says_it(value: object, sql: str) -> None:
    """What a question was bound with can be put into the SQL again, letter by letter."""
    assert literal(value) == sql
