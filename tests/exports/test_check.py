"""The check of an export: what refuses it, what is only named, and that nothing in a folder makes it fail."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dashboard.exports.check as checking
from dashboard.exports import contract
from dashboard.exports.check import Checked, Finding, check
from dashboard.exports.tables import OUT_OF_MEMORY
from dashboard.resources import QUERIES
from dashboard.settings import Settings
from tests.oracle.made import utc, write_made

CONTRACT_IN_PROSE = QUERIES.parent / "docs" / "export-contract.md"

EVERYTHING: dict[str, list[dict[str, Any]]] = {
    "episodes": [
        {"episode_id": "E1", "child_id": "C1", "started_at": utc(2025, 3, 1, 20), "ended_at": utc(2025, 3, 2), "unit_id": "U1"},
        {"episode_id": "E2", "child_id": "C2", "started_at": utc(2025, 4, 1, 20), "ended_at": None, "category": "away"},
    ],
    "return_interviews": [{"interview_id": "I1", "episode_id": "E1", "held_at": utc(2025, 3, 2, 9), "outcome": "completed"}],
    "placements": [{"child_id": child, "unit_id": "U1"} for child in ("C1", "C2")],
    "units": [{"unit_id": "U1"}],
    "children": [{"child_id": child} for child in ("C1", "C2")],
    "police_calls": [{"call_id": "P1", "called_at": utc(2025, 3, 1, 21)}],
    "events": [{"happened_on": date(2024, 9, 1), "text": "A new form"}],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good export of every table."""
    write_made(tmp_path, **EVERYTHING)
    return tmp_path


def _check(folder: Path) -> Checked:
    return check(folder, Settings())


def _rewrite(folder: Path, table: str, change: Any) -> None:
    """Change a table's frame, and take the seal away."""
    path = folder / f"{table}.parquet"
    changed = change(pl.read_parquet(path))
    pq.write_table(changed if isinstance(changed, pa.Table) else changed.to_arrow(), path)
    (folder / "manifest.json").unlink(missing_ok=True)


def _errors(folder: Path) -> list[str]:
    checked = _check(folder)
    assert checked.is_good == (not any(finding.severity == "error" for finding in checked.findings))
    return [f"{finding.file} {finding.column}: {finding.rule}" for finding in checked.findings if finding.severity == "error"]


def _notes(folder: Path) -> list[Finding]:
    checked = _check(folder)
    assert checked.is_good
    return [finding for finding in checked.findings if finding.severity == "note"]


def test_a_good_export(folder: Path) -> None:
    """It is opened, and summed up in plain sentences: whose it is, what it covers, how many rows, what is not given."""
    checked = _check(folder)
    assert checked.is_good
    assert checked.snapshot is not None
    assert [finding.rule for finding in checked.findings] == ["open more than 28 days"]
    assert checked.summary.startswith("Testshire (synthetic), 1 January 2024 to 30 June 2025. Rows: episodes 2, return_interviews 1,")
    assert "Not given: episodes.whereabouts_known, episodes.risk," in checked.summary
    assert checked.summary.endswith("The export is good, with 1 warning.")


def test_episodes_are_all_that_is_required(tmp_path: Path) -> None:
    """One table with four columns is an export. Without a manifest its coverage is by its rows."""
    write_made(tmp_path, episodes=[{"episode_id": "E1", "started_at": utc(2025, 3, 1), "ended_at": utc(2025, 3, 2)}])
    _rewrite(tmp_path, "episodes", lambda frame: frame.select("episode_id", "child_id", "category", "started_at"))
    checked = _check(tmp_path)
    assert checked.is_good
    assert checked.summary.startswith("An authority that the manifest does not name, 1 March 2025 to 1 March 2025, by its rows.")
    assert "police_calls, events. A figure that needs one of them says so in its place." in checked.summary


@pytest.mark.parametrize("table", [table.name for table in contract.TABLES if not table.required])
def test_every_other_table_is_optional(table: str, folder: Path) -> None:
    """Without it the export is good."""
    (folder / f"{table}.parquet").unlink()
    (folder / "manifest.json").unlink()
    assert _errors(folder) == []


def _columns(is_required: bool) -> list[tuple[str, str]]:
    return [(table.name, column.name) for table in contract.TABLES for column in table.columns if column.required == is_required]


@pytest.mark.parametrize(("table", "column"), _columns(is_required=True))
def test_a_required_column_is_there_and_filled(table: str, column: str, folder: Path) -> None:
    """Without it, or with an empty cell in it, the export is refused, and the finding names file, column and row."""
    path = folder / f"{table}.parquet"
    whole = pl.read_parquet(path)
    _rewrite(folder, table, lambda frame: frame.with_columns(pl.when(pl.int_range(pl.len()) > 0).then(pl.col(column)).alias(column)))
    (finding,) = (finding for finding in _check(folder).findings if finding.severity == "error")
    assert (finding.file, finding.column, finding.rule, finding.rows) == (f"{table}.parquet", column, "empty cell in a required column", 1)
    identifier = contract.CONTRACT[table].columns[0].name
    has_id = table in ("episodes", "return_interviews", "units", "police_calls") and column != identifier
    assert finding.examples == ((whole[identifier][0] if has_id else "row 1"),)
    _rewrite(folder, table, lambda frame: frame.drop(column))
    assert _errors(folder) == [f"{table}.parquet {column}: column not there"]


@settings(max_examples=8)
@given(away=st.sets(st.sampled_from(_columns(is_required=False))), empty=st.sets(st.sampled_from(_columns(is_required=False))))
def test_optional_columns_may_be_away_or_empty(away: set[tuple[str, str]], empty: set[tuple[str, str]]) -> None:
    """Without them, with no value in them, and even where the file could not say what type they are of, the export is good."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_made(folder, **EVERYTHING)
        for table, column in sorted(empty):
            _rewrite(folder, table, lambda frame, column=column: frame.with_columns(pl.lit(None).alias(column)))
        for table, column in sorted(away):
            _rewrite(folder, table, lambda frame, column=column: frame.drop(column, strict=False))
        assert _errors(folder) == []


_DAY, _TIME = date(2025, 3, 1), datetime(2025, 3, 1, 20)  # noqa: DTZ001  # what a file without zones holds
_WRONG = {
    contract.Kind.TEXT: [pa.array([1]), pa.array([b"E1"]), pa.array([_DAY])],
    contract.Kind.BOOLEAN: [pa.array(["true"]), pa.array([1])],
    contract.Kind.INTEGER: [pa.array(["4"]), pa.array([4.0])],
    contract.Kind.NUMBER: [pa.array(["52.8"]), pa.array([True])],
    contract.Kind.DATE: [pa.array(["2025-03-01"]), pa.array([_TIME]), pa.array([20250301])],
    contract.Kind.INSTANT: [pa.array(["2025-03-01 20:00"]), pa.array([_DAY]), pa.array([1740859200])],
    contract.Kind.INSTANT_OR_DATE: [pa.array(["2025-03-01"]), pa.array([1740859200]), pa.array([1.5])],
    contract.Kind.TEXT_LIST: [pa.array(["family"]), pa.array([{"a": "family"}])],
}
_RIGHT = {
    contract.Kind.TEXT: [pa.array(["x"], pa.large_string()), pa.array(["x"]).dictionary_encode()],
    contract.Kind.BOOLEAN: [pa.array([True])],
    contract.Kind.INTEGER: [pa.array([4], kind) for kind in (pa.int8(), pa.uint16(), pa.int32(), pa.uint64())],
    contract.Kind.NUMBER: [pa.array([52.8], pa.float32()), pa.array([52]), pa.array([Decimal("52.8")])],
    contract.Kind.DATE: [pa.array([_DAY])],
    contract.Kind.INSTANT: [
        pa.array([_TIME], pa.timestamp(unit, zone)) for unit in ("ms", "us", "ns") for zone in (None, "UTC", "Europe/London")
    ],
    contract.Kind.INSTANT_OR_DATE: [pa.array([_DAY]), pa.array([_TIME], pa.timestamp("ms", "UTC"))],
    contract.Kind.TEXT_LIST: [pa.array([["x"]], pa.large_list(pa.large_string())), pa.array([[]], pa.list_(pa.string()))],
}
_OF_KIND = {
    contract.Kind.TEXT: ("episodes", "unit_id"),
    contract.Kind.BOOLEAN: ("episodes", "police_called"),
    contract.Kind.INTEGER: ("units", "beds"),
    contract.Kind.NUMBER: ("units", "latitude"),
    contract.Kind.DATE: ("placements", "ended_on"),
    contract.Kind.INSTANT: ("episodes", "police_called_at"),
    contract.Kind.INSTANT_OR_DATE: ("return_interviews", "held_at"),
    contract.Kind.TEXT_LIST: ("return_interviews", "reasons"),
}


def _with_column(folder: Path, kind: contract.Kind, values: pa.Array) -> str:
    table, column = _OF_KIND[kind]

    def change(frame: pl.DataFrame) -> pa.Table:
        rest = frame.drop(column, strict=False).to_arrow()
        whole = pa.concat_arrays([values.dictionary_decode() if pa.types.is_dictionary(values.type) else values] * frame.height)
        return rest.append_column(column, whole.dictionary_encode() if pa.types.is_dictionary(values.type) else whole)

    _rewrite(folder, table, change)
    return f"{table}.parquet {column}"


@pytest.mark.parametrize(("kind", "values"), [(kind, values) for kind, many in _WRONG.items() for values in many], ids=str)
def test_a_wrong_type_is_refused(kind: contract.Kind, values: pa.Array, folder: Path) -> None:
    """A column holds what the contract says, exactly: text that looks like a number or a date is not one, and is not guessed at."""
    where = _with_column(folder, kind, values)
    assert _errors(folder) == [f"{where}: wrong type, {values.type}"]


@pytest.mark.parametrize("turn", range(max(map(len, _RIGHT.values()))))
def test_every_way_of_writing_a_type(turn: int, folder: Path) -> None:
    """Whatever width, unit or encoding a writer chose for it, a type is read."""
    for kind, ways in _RIGHT.items():
        _with_column(folder, kind, ways[turn % len(ways)])
    assert _errors(folder) == []


def test_times_without_a_zone_are_noted(folder: Path) -> None:
    """They are read as local, and the note says why UTC is the safer."""
    _with_column(folder, contract.Kind.INSTANT, pa.array([_TIME]))
    assert [(note.column, note.rule) for note in _notes(folder)] == [("police_called_at", "times without a zone, read as Europe/London")]


def test_an_episode_listed_twice_is_refused(folder: Path) -> None:
    """An episode_id is on one row. All the rows that share one are counted."""
    _rewrite(folder, "episodes", lambda frame: pl.concat([frame, frame.head(1)]))
    (finding,) = (finding for finding in _check(folder).findings if finding.severity == "error")
    assert (finding.rule, finding.column, finding.rows, finding.examples) == ("episode listed twice", "episode_id", 2, ("E1",))


def test_an_unknown_category_is_refused(folder: Path) -> None:
    """An episode is missing or away. Every row that is neither is counted, and five are named."""
    rows = [{"episode_id": f"E{n}", "started_at": utc(2025, 3, n), "category": "absent"} for n in range(1, 8)]
    write_made(folder, episodes=rows)
    (finding,) = (finding for finding in _check(folder).findings if finding.severity == "error")
    assert (finding.rule, finding.rows, finding.examples) == ("unknown category", 7, ("E1", "E2", "E3", "E4", "E5"))


def test_no_episode_and_no_coverage_is_refused(folder: Path) -> None:
    """With no row and no manifest nothing says which days the export covers. With a manifest no episode is an answer."""
    write_made(folder, episodes=[])
    assert _errors(folder) == []
    (folder / "manifest.json").unlink()
    assert "there is no manifest.json to say which days it covers" in _errors(folder)[0]


def test_a_coverage_of_centuries_is_refused(folder: Path) -> None:
    """A 9999-12-31 that stands for "still open" would stretch the export over millennia of days."""
    last = pl.lit(utc(9999, 12, 31)).alias("ended_at")
    _rewrite(folder, "episodes", lambda frame: frame.with_columns(last))
    assert "which is more than 60 years" in _errors(folder)[0]


@pytest.mark.parametrize(
    "name",
    ["name", "Surname", "DATE OF BIRTH", "date-of-birth", "NHS_Number", "nhsNumber", "upn", "Post Code", "address", "notes", "Free text"],
)
def test_a_column_that_identifies_a_child_is_refused(name: str, folder: Path) -> None:
    """However it is spelt, in any table but `units`, where a name is what people know a home by."""
    _rewrite(folder, "units", lambda frame: frame.with_columns(pl.lit("x").alias(name)))
    assert _errors(folder) == []
    _rewrite(folder, "children", lambda frame: frame.with_columns(pl.lit("x").alias(name)))
    assert _errors(folder) == [f"children.parquet {name}: identifies a child"]


def test_one_inside_another_column_is_refused(folder: Path) -> None:
    """A name does not pass as a field of a structure, and no structure passes: only reasons is a list."""
    _rewrite(folder, "episodes", lambda frame: frame.with_columns(child=pl.struct(surname=pl.lit("x"))))
    assert _errors(folder) == [
        "episodes.parquet surname: identifies a child",
        "episodes.parquet child: columns within a column, struct<surname: large_string>",
    ]
    _rewrite(folder, "episodes", lambda frame: frame.with_columns(child=pl.lit(["x"])))
    assert _errors(folder) == ["episodes.parquet child: columns within a column, large_list<element: large_string>"]


@pytest.mark.parametrize(
    ("of", "most", "error"),
    [
        ("_MOST_COLUMNS", 300, "306 columns, and 300 are the most"),
        ("_MOST_ROW_GROUPS", 5, "6 row groups, and 5 are the most"),
        ("_MOST_ROWS", 11, "12 rows, and 11 are the most"),
    ],
)
def test_more_than_a_check_takes_on(of: str, most: int, error: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns, row groups and rows beyond all measure refuse the file by what it says of itself, before any of it is read."""
    monkeypatch.setattr(checking, of, most)
    frame = pl.concat([pl.read_parquet(folder / "episodes.parquet")] * 6)
    if of == "_MOST_COLUMNS":
        frame = frame.with_columns(**{f"c{n}": pl.lit(1) for n in range(300)})
    (folder / "manifest.json").unlink()
    pq.write_table(frame.to_arrow(), folder / "episodes.parquet", row_group_size=2)
    assert _errors(folder) == [f"episodes.parquet : {error}"]


def test_more_than_the_memory_holds(folder: Path) -> None:
    """A file that says it unpacks to more than the check may take is refused before it is unpacked, however small it lies there."""
    _rewrite(folder, "units", lambda frame: pl.concat([frame] * 500_000))
    assert (folder / "units.parquet").stat().st_size < 1_000_000
    pq.write_table(pl.read_parquet(folder / "units.parquet").to_arrow(), folder / "units.parquet", use_dictionary=False, compression="zstd")
    checked = check(folder, Settings().model_copy(update={"check_memory_mb": 20}))
    assert [f.rule for f in checked.findings if f.severity == "error"] == ["25 MB once unpacked, and 20 are the most"]


def test_a_text_beyond_all_measure_is_refused(folder: Path) -> None:
    """A thousand characters are the most that a cell holds, a list's together."""
    long = pl.lit("x" * 1_001)
    _rewrite(folder, "units", lambda frame: frame.with_columns(area=pl.lit("x" * 1_000)))
    assert _errors(folder) == []
    _rewrite(folder, "units", lambda frame: frame.with_columns(area=long))
    assert _errors(folder) == ["the export : units.parquet, column area: a text of 1,001 characters, and 1,000 are the most"]
    write_made(folder, **EVERYTHING)
    _rewrite(folder, "return_interviews", lambda frame: frame.with_columns(reasons=pl.lit(["x" * 600, "y" * 600])))
    assert "column reasons: a text of 1,200 characters" in _errors(folder)[0]


def test_an_importers_report_is_known(folder: Path) -> None:
    """What an importer says of its work stands beside the export, and is not named as a strange file."""
    for name in contract.REPORT_FILES:
        (folder / name).write_text("{}")
    assert _notes(folder) == []


def test_a_column_listed_twice_is_refused(folder: Path) -> None:
    """Two columns of one name, in whatever capitals, cannot both be the one that is meant."""
    _rewrite(folder, "episodes", lambda frame: frame.to_arrow().append_column("Unit_ID", pa.array(["U2", "U2"])))
    assert _errors(folder) == ["episodes.parquet unit_id: column listed twice"]
    _rewrite(folder, "episodes", lambda frame: frame.drop("Unit_ID").to_arrow().append_column("unit_id", pa.array(["U2", "U2"])))
    assert _errors(folder) == ["episodes.parquet unit_id: column listed twice"]


def test_what_is_not_of_the_contract_is_noted(folder: Path) -> None:
    """Other columns and files are not read, and the note names them."""
    (folder / "carers.parquet").write_bytes(b"anything")
    (folder / "readme.txt").write_text("anything")
    _rewrite(folder, "episodes", lambda frame: frame.with_columns(mood=pl.lit("x")))
    columns, files = _notes(folder)[-1], _notes(folder)[0]
    assert (columns.file, columns.column, columns.rule) == ("episodes.parquet", "mood", "not part of the contract, and not read")
    assert files.examples == ("carers.parquet", "readme.txt")


def _seal(folder: Path, change: Any) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


def _change_unit(folder: Path) -> None:
    pl.read_parquet(folder / "units.parquet").with_columns(name=pl.lit("X")).write_parquet(folder / "units.parquet")


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda folder: _change_unit(folder), "units.parquet : other bytes than the manifest says (sha256)"),
        (
            lambda folder: _seal(folder, lambda m: m["files"]["units.parquet"].update(rows=7)),
            "units.parquet : 1 rows, and not 7 as the manifest says",
        ),
        (lambda folder: (folder / "units.parquet").unlink(), "units.parquet : not there, though the manifest names it"),
        (lambda folder: _seal(folder, lambda m: m["files"].pop("units.parquet")), "units.parquet : not in the manifest"),
        (lambda folder: _seal(folder, lambda m: m.update(contract=2)), "manifest.json : cannot be read"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "manifest.json : cannot be read"),
    ],
)
def test_a_manifest_agrees_to_the_byte(change: Any, error: str, folder: Path) -> None:
    """Where there is a manifest, each file is in it and as it says; otherwise the export is refused whole."""
    change(folder)
    (found,) = _errors(folder)
    assert found.startswith(error)


def test_a_manifest_without_files_seals_nothing(folder: Path) -> None:
    """A manifest may say what the export covers and no more."""
    _seal(folder, lambda manifest: manifest.pop("files"))
    _rewritten = (folder / "manifest.json").read_text()
    _change_unit(folder)
    (folder / "manifest.json").write_text(_rewritten)
    assert _errors(folder) == []


def test_capitals_in_a_seal(folder: Path) -> None:
    """A SHA-256 in capitals is the same number."""
    _seal(folder, lambda m: m["files"]["units.parquet"].update(sha256=m["files"]["units.parquet"]["sha256"].upper()))
    assert _errors(folder) == []


def test_no_folder_and_no_episodes(tmp_path: Path) -> None:
    """A folder that is not there, a file in its place and a folder without episodes are refused in words."""
    assert "cannot be read (No such file or directory)" in _errors(tmp_path / "nowhere")[0]
    (tmp_path / "file").write_text("x")
    assert "cannot be read (Not a directory)" in _errors(tmp_path / "file")[0]
    (tmp_path / "file").unlink()
    assert _errors(tmp_path) == ["episodes.parquet : not there"]


@pytest.mark.parametrize("table", list(EVERYTHING))
def test_a_file_that_is_not_parquet(table: str, folder: Path) -> None:
    """An empty file, a CSV under the wrong name, a file cut short and a folder of that name are each named as what cannot be read."""
    path = folder / f"{table}.parquet"
    whole = path.read_bytes()
    (folder / "manifest.json").unlink()
    for content in (b"", b"episode_id,child_id\nE1,C1\n", whole[: len(whole) // 2], whole[:-1], b"PAR1" * 4):
        path.write_bytes(content)
        (error,) = _errors(folder)
        assert error.startswith(f"{table}.parquet : cannot be read")
    path.unlink()
    path.mkdir()
    (error,) = _errors(folder)
    assert error.startswith(f"{table}.parquet : cannot be read")


def test_damaged_pages_are_named(folder: Path) -> None:
    """A file whose schema reads and whose pages do not is named too."""
    path = folder / "episodes.parquet"
    damaged = bytearray(path.read_bytes())
    damaged[4:200] = b"\xff" * 196
    path.write_bytes(damaged)
    (folder / "manifest.json").unlink()
    (error,) = _errors(folder)
    assert error.startswith("episodes.parquet : cannot be read")


@settings(max_examples=15)
@given(data=st.data())
def test_whatever_is_done_to_a_file_nothing_is_raised(data: st.DataObject) -> None:
    """With bytes changed in it, an export is good or refused; where a manifest seals it, it is refused."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_made(folder, **EVERYTHING)
        path = folder / data.draw(st.sampled_from(["episodes.parquet", "units.parquet", "return_interviews.parquet"]))
        whole = path.read_bytes()
        content = bytearray(whole)
        # In the footer, of lengths and offsets, a wrong byte does the most harm.
        for at in data.draw(st.lists(st.integers(-400, -1), min_size=1, max_size=4)):
            content[at] ^= data.draw(st.integers(1, 255))
        path.write_bytes(content)
        assert _check(folder).is_good == (bytes(content) == whole)
        (folder / "manifest.json").unlink()
        assert _check(folder).summary


class _Panic(BaseException):
    """As polars' PanicException, which is no Exception."""


@pytest.mark.parametrize("error", [_Panic("entered unreachable code\nat line 3"), RuntimeError()])
def test_what_a_reader_throws_becomes_a_finding(error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even what is no Exception; on one line."""

    def fail(*_: Any) -> Iterator[None]:
        raise error

    monkeypatch.setattr(checking.Snapshot, "read", fail)
    checked = _check(folder)
    assert not checked.is_good
    assert checked.findings[0].rule.startswith("cannot be read (")
    assert "\n" not in str(checked.findings[0])


def test_times_of_no_clock(folder: Path) -> None:
    """INT96 is UTC to some programs and local time to others: an export with it is refused, and told how to write it."""
    table = pl.read_parquet(folder / "episodes.parquet").to_arrow()
    pq.write_table(table, folder / "episodes.parquet", use_deprecated_int96_timestamps=True)
    (folder / "manifest.json").unlink(missing_ok=True)
    assert any("INT96" in error for error in _errors(folder))


@pytest.mark.parametrize(
    "error",
    [
        *(kind("could not allocate") for kind in OUT_OF_MEMORY),
        # What polars says, by a panic, where no room is left for its threads.
        BaseException(f'could not spawn threads: Os {{ code: 11, message: "{os.strerror(errno.EAGAIN)}" }}'),
        OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)),
    ],
)
def test_a_want_of_memory_is_said(error: BaseException, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too large an export is told as one, whichever reader it was too large for, and not as a damaged file."""

    def fail(*_: Any) -> Iterator[None]:
        raise error

    for module, reader in ((checking.Snapshot, "read"), (pq, "ParquetFile")):
        monkeypatch.setattr(module, reader, fail)
        assert _errors(folder) == ["the export : needs more memory than the 6,000 MB that the check may take"]


def test_an_interruption_is_not_a_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever presses Ctrl+C wants the check to stop."""

    def fail(*_: Any) -> Iterator[None]:
        raise KeyboardInterrupt

    monkeypatch.setattr(checking.Snapshot, "read", fail)
    with pytest.raises(KeyboardInterrupt):
        _check(folder)


def test_a_finding_is_one_line() -> None:
    """File, column, rule, rows, ids, what to do; and whatever an id holds, it does not move the cursor of a terminal."""
    finding = Finding("warning", "episodes.parquet", "unknown code", "Map it.", column="risk", rows=1_200, examples=("E1", "E\x1b[2J\n2"))
    assert str(finding) == "episodes.parquet, column risk: unknown code (1,200 rows, e.g. E1, E?[2J?2): Map it."
    assert str(Finding("error", "episodes.parquet", "not there", "Export it.")) == "episodes.parquet: not there: Export it."


def test_errors_come_first(folder: Path) -> None:
    """Errors, then warnings, then notes."""
    _rewrite(folder, "episodes", lambda frame: frame.with_columns(mood=pl.lit("x"), category=pl.lit("absent")))
    severities = [finding.severity for finding in _check(folder).findings]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert severities[0] == "error"


def test_the_contract_in_prose_is_whole() -> None:
    """docs/export-contract.md has every table, every column with its type and meaning, every code, and every rule of the check."""
    prose = CONTRACT_IN_PROSE.read_text(encoding="utf-8")
    sections = dict(section.split("\n", 1) for section in prose.split("\n## ")[1:])
    for table in contract.TABLES:
        section = next(text for title, text in sections.items() if title.startswith(table.file_name))
        for column in table.columns:
            (line,) = (line for line in section.splitlines() if line.startswith(f"| {column.name} |"))
            assert f"| {column.kind.value}{', required' if column.required else ''} |" in line, line
            assert column.meaning in line, line
            assert column.null_means in line, line
            for code in (*column.codes, *(old for old, _ in column.also_read_as)):
                assert f"`{code}`" in line, line
    for rule, words in checking.RULES.items():
        assert f"| {rule} | {words.meaning} | {words.what_to_do} |" in prose
