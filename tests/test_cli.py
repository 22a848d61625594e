"""The command line, as a data team uses it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from dashboard.cli import main
from dashboard.exports.store import Store
from dashboard.figures.figure import DEFINITIONS
from dashboard.settings import load_settings
from tests.oracle.made import utc, write_made


def _run(*words: str | Path) -> tuple[int, str]:
    load_settings.cache_clear()
    # `open` names the export to the server through the environment, which is put back here.
    result = CliRunner(env={"OVERSIGHT_EXPORT": None}).invoke(main, [str(word) for word in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small good export."""
    folder = tmp_path / "export"
    write_made(
        folder,
        episodes=[
            {"child_id": "C1", "unit_id": "U1", "started_at": utc(2025, 5, 3, 20), "ended_at": utc(2025, 5, 4, 1)},
            {"child_id": "C2", "unit_id": "U2", "category": "away", "started_at": utc(2025, 6, 3, 20), "ended_at": None},
        ],
        units=[{"unit_id": "U1"}, {"unit_id": "U2"}],
    )
    return folder


def test_a_good_export_checks(export: Path) -> None:
    """Good: exit 0 and a summary."""
    code, said = _run("check", export)
    assert code == 0
    assert "Testshire" in said


def test_a_bad_export_is_told_in_lines(export: Path) -> None:
    """Bad: exit 1, a line a finding, no traceback."""
    (export / "episodes.parquet").write_bytes(b"PAR1")
    code, said = _run("check", export)
    assert code == 1
    assert "episodes.parquet" in said
    assert "Traceback" not in said


def test_opening_a_bad_export_serves_nothing(export: Path) -> None:
    """A bad export is refused before a server is started."""
    (export / "episodes.parquet").write_bytes(b"PAR1")
    code, said = _run("open", export)
    assert code == 1
    assert "nothing is served" in said


def _serves_nothing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let a server that is asked for be noted, and not started."""
    ports: list[int] = []
    monkeypatch.setattr("dashboard.server.serve.serve", ports.append)
    return ports


def test_a_good_export_is_opened(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is summed up, and served where the next line says."""
    ports = _serves_nothing(monkeypatch)
    code, said = _run("open", export, "--port", "8600")
    assert code == 0
    assert said.splitlines()[0].startswith("Testshire")
    assert said.splitlines()[-1].startswith("Oversight is at http://127.0.0.1:8600")
    assert ports == [8600]


@pytest.mark.parametrize("then", ["bad", "gone"])
def test_opening_what_was_good_before_serves_the_last_good(then: str, export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given a folder that was good once, when it is opened and no longer is, then the last good export is served, and the lines say why."""
    ports = _serves_nothing(monkeypatch)
    _run("open", export)
    if then == "bad":
        (export / "episodes.parquet").write_bytes(b"PAR1")
    else:
        export.rename(export.parent / "elsewhere")
    code, said = _run("open", export)
    assert code == 0
    assert "cannot be read" in said
    assert "The last good export is served." in said
    assert len(ports) == 2


def test_a_drop_folder_is_served(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`serve --watch` serves from the start, and the pages read what has been dropped; a folder that is not there is refused."""
    ports = _serves_nothing(monkeypatch)
    started: list[Path] = []
    monkeypatch.setattr("dashboard.exports.watch.start", lambda folder, settings, say: started.append(folder))
    code, said = _run("serve", "--watch", tmp_path)
    assert (code, started, len(ports)) == (0, [tmp_path.resolve()], 1)
    assert "Oversight is at" in said
    code, said = _run("serve", "--watch", tmp_path / "nowhere")
    assert code == 1
    assert "is not a folder" in said


def test_an_export_is_sealed(export: Path) -> None:
    """`seal` says the rows of each file; the export then checks."""
    (export / "manifest.json").unlink()
    code, said = _run("seal", export)
    assert code == 0
    assert said.splitlines()[:2] == ["episodes.parquet: 2 rows", "units.parquet: 2 rows"]
    assert _run("check", export)[0] == 0


def test_figures_are_written_as_json(export: Path) -> None:
    """One figure of one scope; the scope, the export and the rows are in it."""
    code, said = _run("figures", "overview/months", export, "--period", "2025-Q2", "--category", "missing")
    assert code == 0
    whole = json.loads(said)
    assert whole["scope"]["category"] == "missing"
    months = whole["figures"]["overview/months"]
    assert [row["episodes"] for row in months["rows"]] == [0, 1, 0]
    asked = months["questions"][0]
    assert (asked["sql"], asked["parameters"]["category"], asked["parameters"]["period_to"]) == ("overview/months", "missing", "2025-06-30")
    assert whole["software"].startswith("Oversight ")


def test_a_page_names_all_its_figures(export: Path) -> None:
    """`oversight figures overview` gives every figure of that page."""
    code, said = _run("figures", "overview", export)
    assert code == 0
    assert set(json.loads(said)["figures"]) == {name for name in DEFINITIONS if name.startswith("overview/")}


def test_the_list_names_every_figure_with_its_columns() -> None:
    """`--list` prints every name with its columns."""
    code, said = _run("figures", "--list", "--format", "json")
    assert code == 0
    assert {entry["name"]: entry["columns"] for entry in json.loads(said)} == {n: list(d.columns) for n, d in DEFINITIONS.items()}


def test_figures_are_written_as_files(export: Path, tmp_path: Path) -> None:
    """Parquet and CSV go one file a figure, in a folder a page."""
    out = tmp_path / "out"
    assert _run("figures", "overview/months", export, "--period", "2025-Q2", "--format", "parquet", "--out", out)[0] == 0
    assert pl.read_parquet(out / "overview" / "months.parquet")["episodes"].to_list() == [0, 1, 1]
    assert _run("figures", "overview/months", export, "--format", "csv", "--out", out)[0] == 0
    assert (out / "overview" / "months.csv").read_text(encoding="utf-8-sig").startswith("# ")


def test_figures_of_one_child(export: Path) -> None:
    """`--child` names whose rows are wanted; it is refused for a figure that is not of one child."""
    code, said = _run("figures", "evidence/chain", export, "--period", "2025-Q2", "--child", "C2")
    assert code == 0
    assert [row["child_id"] for row in json.loads(said)["figures"]["evidence/chain"]["rows"]] == ["C2"]
    code, said = _run("figures", "overview/months", export, "--child", "C2")
    assert code == 1
    assert "overview/months is not of one child" in said


def test_evidence_is_written_as_a_folder(export: Path, tmp_path: Path) -> None:
    """`evidence` says where the index is, and that the export was in service; a second time the folder is not empty."""
    out = tmp_path / "evidence"
    code, said = _run("evidence", out, export, "--period", "2025-Q2", "--category", "missing")
    assert code == 0
    assert f"open {out / 'index.html'}" in said
    index = (out / "index.html").read_text(encoding="utf-8")
    assert "Missing episodes, April 2025 to June 2025" in index
    assert "in service" in index
    code, said = _run("evidence", out, export)
    assert code == 1
    assert "not an empty folder" in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("figures", "overview/nothing"), "neither a figure nor a folder"),
        (("figures", "overview/months", "--period", "soon"), "There is no period"),
        (("figures", "overview/months", "--units", "nobody"), "no unit nobody"),
        (("figures", "overview/months", "overview/national", "--format", "csv"), "--out"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(words: tuple[str, ...], said: str) -> None:
    """Refusals are one line, exit code 1, and say what to do."""
    code, output = _run(*words)
    assert code == 1
    assert said in output
    assert "Traceback" not in output


def test_the_demo_is_written(tmp_path: Path) -> None:
    """`oversight demo` writes an export that checks; months may stand for days."""
    code, _ = _run("demo", tmp_path / "demo", "--seed", "7", "--from", "2025-01", "--to", "2025-03")
    assert code == 0
    code, said = _run("check", tmp_path / "demo")
    assert code == 0, said


@contextmanager
def _serving(drop: Path) -> Iterator[subprocess.Popen[str]]:
    """A server of its own on a drop folder, killed at the end without a word."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-u", "-c", "from dashboard.cli import main; main()", "serve", "--watch", str(drop), "--port", str(port)]
    with subprocess.Popen(command, cwd=drop.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
        try:
            yield server
        finally:
            server.kill()


def _line_with(word: str, server: subprocess.Popen[str]) -> str:
    assert server.stdout is not None
    for line in server.stdout:
        if word in line:
            return line
    raise AssertionError(f"the server ended without saying {word!r}")


def test_a_server_that_is_killed_goes_on_after_its_start(export: Path, tmp_path: Path) -> None:
    """Given a server on a drop folder that is killed, and an export dropped meanwhile that is bad, when it is started again, then the last
    good export is current, the bad one is refused with its report beside it, and the history says both."""
    drop = tmp_path / "drop"
    drop.mkdir()
    shutil.copytree(export, drop / "april")
    with _serving(drop) as server:
        assert "Testshire" in _line_with("april: ", server)
    (export / "units.parquet").write_bytes(b"PAR1")
    shutil.copytree(export, drop / "may")
    with _serving(drop) as server:
        assert "refused" in _line_with("may: ", server)
    assert "other bytes than the manifest says" in (drop / "may.check.txt").read_text()
    store = Store(drop, load_settings())
    assert [(event.what, event.export) for event in store.history()] == [("refused", "may"), ("published", "april")]
    assert store.current is not None


def test_a_basemap_is_checked_and_mended(tmp_path: Path) -> None:
    """The check says what each layer is and what is mended, and writes it where it is asked to; no layer at all is exit 1."""
    ring = [[-2.0, 52.0], [-1.0, 52.0], [-1.0, 53.0], [-2.0, 52.0]]
    ground = tmp_path / "ground"
    ground.mkdir()
    (ground / "outline.geojson").write_text(json.dumps({"type": "Polygon", "coordinates": [ring]}), encoding="utf-8")
    code, said = _run("basemap", "check", ground, "--write", tmp_path / "mended")
    assert code == 0
    assert "outline: outline.geojson, 1 areas, 1 turned clockwise." in said
    assert "roads: none, so it is not drawn." in said
    assert (tmp_path / "mended" / "outline.geojson").exists()
    code, said = _run("basemap", "check", tmp_path)
    assert code == 1
    assert "has no layer" in said
    assert "Traceback" not in said
