"""The check in a process of its own: what it finds comes back, and however it ends the parent has a line to say."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dashboard.exports import contract
from dashboard.exports.check import Finding, check
from dashboard.exports.sandbox import FINDINGS, SNAPSHOT, Verdict, check_apart, judge, outcome
from dashboard.exports.tables import NotWritten, Snapshot
from dashboard.settings import Settings
from tests.oracle.made import utc, write_made

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="this system has no such limits")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small good export with one warning and an importer's report."""
    folder = tmp_path / "export"
    write_made(folder, episodes=[{"started_at": utc(2025, 3, 1), "ended_at": utc(2025, 2, 1)}], units=[{"unit_id": "U1"}])
    (folder / contract.REPORT_FILES[1]).write_text("{}")
    return folder


def _apart(export: Path, **more: object) -> Verdict:
    return check_apart(export, export.parent / "clean", Settings().model_copy(update=more))


def test_the_child_finds_what_the_check_finds(export: Path) -> None:
    """Findings, summary and fingerprint come back as the check gives them, and beside them lies what a reader's process opens."""
    verdict, checked = _apart(export), check(export, Settings())
    assert checked.snapshot is not None
    assert (list(verdict.findings), verdict.summary) == (checked.findings, checked.summary)
    assert [finding.rule for finding in verdict.findings] == ["end before start"]
    assert verdict.fingerprint == checked.snapshot.fingerprint
    clean = export.parent / "clean"
    assert {path.name for path in clean.iterdir()} == {SNAPSHOT, "manifest.json", FINDINGS, "import-report.json"}
    assert Snapshot.open(clean / SNAPSHOT).coverage == checked.snapshot.coverage
    assert Verdict.of(clean) == verdict


def test_settings_reach_the_child(export: Path) -> None:
    """It checks by the settings that it is given, and not by what lies around it."""
    verdict = _apart(export, term_dates=Path("/nowhere.csv"))
    assert [finding.rule for finding in verdict.errors] == ["The term dates in /nowhere.csv cannot be read"]


def test_a_refused_export_leaves_nothing_to_open(export: Path) -> None:
    """Of an export that is refused there is no database."""
    (export / "units.parquet").write_bytes(b"PAR1")
    verdict = _apart(export)
    assert not verdict.is_good
    assert verdict.summary.startswith("The export is refused: ")
    assert [path.name for path in (export.parent / "clean").iterdir()] == [FINDINGS]


def test_a_file_in_the_way_is_not_run(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A json.py in the directory where the dashboard was started is none of the child's."""
    (export / "json.py").write_text("raise SystemExit('run')")
    monkeypatch.chdir(export)
    assert _apart(export).is_good


@POSIX
def test_a_want_of_memory_is_one_line(tmp_path: Path) -> None:
    """Given a limit of memory, when a file of some megabytes unpacks to more, then it is refused for it and the parent takes no part."""
    rows = 2_000_000
    same = pl.zeros(rows, pl.Int32, eager=True).to_arrow()
    columns = {name: pa.DictionaryArray.from_arrays(same, [text]) for name, text in {"child_id": "x" * 900, "category": "missing"}.items()}
    columns["episode_id"] = pl.int_range(rows, eager=True).cast(pl.String).to_arrow()
    columns["started_at"] = pl.repeat(utc(2025, 3, 1), rows, dtype=pl.Datetime("us", "UTC"), eager=True).to_arrow()
    export = tmp_path / "export"
    export.mkdir()
    pq.write_table(pa.table(columns), export / "episodes.parquet")
    assert (export / "episodes.parquet").stat().st_size < 30_000_000
    (error,) = _apart(export, check_memory_mb=1_000).errors
    # An engine that finds none left says so, or gives up at once.
    assert "1,000 MB" in str(error)


def _with_a_child_that(does: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let the child be a program of the test's."""
    program = tmp_path / "child"
    program.write_text(f"#!{sys.executable}\nimport os, signal, sys, time\nclean = sys.argv[5]\n{does}\n")
    program.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(program))


@POSIX
@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "the check ended without an answer (SIGSEGV)"),
        ("os.abort()", "the check ended without an answer (SIGABRT)"),
        ("sys.exit(3)", "the check ended without an answer (exit code 3)"),
        ("raise MemoryError('Traceback')", "the check ended without an answer (exit code 1)"),
        ("sys.exit(0)", "the check ended without an answer (exit code 0)"),
        (f"open(clean + '/{FINDINGS}', 'w').write('[]')", "the check ended without an answer (exit code 0)"),
        (f"open(clean + '/{FINDINGS}', 'w').write('x' * 11_000_000)", "the check ended without an answer (exit code 0)"),
        ("os.kill(os.getpid(), signal.SIGXCPU)", "the check was stopped after 300 s"),
    ],
)
def test_however_the_child_ends_there_is_a_line(does: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash, a fault of ours and a verdict that is none refuse the export in one line, without a traceback."""
    (tmp_path / "export").mkdir()
    _with_a_child_that(does, monkeypatch, tmp_path)
    verdict = _apart(tmp_path / "export")
    assert [finding.rule for finding in verdict.findings] == [said]
    assert not verdict.is_good
    assert "Traceback" not in f"{verdict}"


@POSIX
def test_a_child_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time a check is over, and so is whatever it has begun."""
    (tmp_path / "export").mkdir()
    started = tmp_path / "started"
    grandchild = f"import subprocess; p = subprocess.Popen(['sleep', '60']); open({str(started)!r}, 'w').write(str(p.pid)); time.sleep(60)"
    _with_a_child_that(grandchild, monkeypatch, tmp_path)
    verdict = _apart(tmp_path / "export", check_seconds=2)
    assert [finding.rule for finding in verdict.findings] == ["the check was stopped after 2 s"]
    sleeping = int(started.read_text())
    for _ in range(100):  # who is killed is gone a moment later
        if not psutil.pid_exists(sleeping) or psutil.Process(sleeping).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.05)
    pytest.fail("the child's own child goes on")


@POSIX
def test_the_limits_of_the_child(tmp_path: Path) -> None:
    """Memory, computing, file size, core dumps and privileges are limited before a byte of an export is read."""
    limited = """
import resource
from pathlib import Path
from dashboard.exports.sandbox import limit
from dashboard.settings import Settings
is_limited = limit(Settings(check_memory_mb=2000, check_seconds=50))
whats = resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE
print(is_limited, *(resource.getrlimit(what)[1] for what in whats))
status = Path("/proc/self/status")
print(status.read_text().split("NoNewPrivs:")[1].split()[0] if status.exists() else 1)
"""
    said = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "2000000000", "200", "2000000000", "0", "1"]


def test_a_system_without_limits_is_told(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operating system has none, the check is made with what there is, and says so."""
    from dashboard.exports import sandbox

    monkeypatch.setattr(sandbox, "limit", lambda _: False)
    clean = export.parent / "clean"
    clean.mkdir()
    sandbox.run(export, clean, Settings())
    assert str(Verdict.of(clean).findings[-1]).startswith("the check: made with a limit of time alone: this system has none of memory")


def test_names_beyond_all_measure_are_cut(export: Path) -> None:
    """A file may call a column by a hundred thousand letters; a finding of it stays a line."""
    path = export / "units.parquet"
    pl.read_parquet(path).with_columns(pl.lit(1).alias("é" * 100_000)).write_parquet(path)
    (export / "manifest.json").unlink()
    verdict = _apart(export)
    assert verdict.is_good
    assert all(len(str(finding)) < 1_000 for finding in verdict.findings)


def test_a_full_disk_is_no_fault_of_the_export(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be written for want of room is said apart from what is wrong with the export."""

    def full(*_: object) -> None:
        raise NotWritten(28, "No space left on device")

    monkeypatch.setattr(Snapshot, "read", full)
    (export.parent / "clean").mkdir()
    verdict = judge(export, export.parent / "clean", Settings())
    assert verdict.not_written == "No space left on device"
    assert not verdict.is_good
    assert not verdict.errors


@POSIX
def test_a_write_beyond_the_limit_is_no_fault_of_the_export(export: Path) -> None:
    """The engine's own words for a file that it cannot write are told apart too."""
    clean = export.parent / "clean"
    clean.mkdir()
    (clean / SNAPSHOT).mkdir()
    verdict = judge(export, clean, Settings())
    assert SNAPSHOT in verdict.not_written
    assert not verdict.errors


def test_an_interruption_stops_the_child(export: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever presses Ctrl+C leaves no check behind."""
    children: list[subprocess.Popen[bytes]] = []

    def interrupted(self: subprocess.Popen[bytes], *_: object, **__: object) -> None:
        children.append(self)
        raise KeyboardInterrupt

    monkeypatch.setattr(subprocess.Popen, "communicate", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _apart(export)
    assert children[0].returncode == -signal.SIGKILL


def test_an_outcome_of_a_whole_verdict(tmp_path: Path) -> None:
    """A verdict counts only from a child that ended well."""
    verdict = Verdict((Finding("note", "the folder", "nothing", "Nothing."),), "Good.", "f" * 64)
    verdict.write(tmp_path)
    assert outcome(tmp_path, 0, Settings()) == verdict
    assert not outcome(tmp_path, 1, Settings()).is_good
    assert os.path.getsize(tmp_path / FINDINGS) < 1_000
