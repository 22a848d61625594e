"""The command line, as a data team uses it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from dashboard.cli import main
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


def test_figures_are_written_as_json(export: Path) -> None:
    """One figure of one scope; the scope, the export and the rows are in it."""
    code, said = _run("figures", "overview/months", export, "--period", "2025-Q2", "--category", "missing")
    assert code == 0
    whole = json.loads(said)
    assert whole["scope"]["category"] == "missing"
    assert [row["episodes"] for row in whole["figures"]["overview/months"]["rows"]] == [0, 1, 0]


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
