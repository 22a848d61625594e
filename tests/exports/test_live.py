"""A folder that is watched: what readers are answered from while its export is replaced."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.errors import Refusal
from dashboard.exports.live import LiveExport
from dashboard.settings import Settings
from tests.oracle.made import utc, write_made


def _write(folder: Path, episodes: int) -> None:
    write_made(folder, episodes=[{"started_at": utc(2025, 1, 1 + n % 28), "ended_at": utc(2025, 1, 2 + n % 28)} for n in range(episodes)])


def _episodes(live: LiveExport) -> int:
    snapshot = live.current().snapshot
    scope = {"period_from": None, "period_to": None, "category": None, "units": None, "whose": "ours"}
    coverage = snapshot.coverage
    scope |= {
        "period_from": coverage.first_day,
        "period_to": coverage.last_day,
        "covers_from": coverage.first_day,
        "covers_to": coverage.last_day,
    }
    return int(snapshot.answer("overview/months", scope | {"smallest_nights": 500})["episodes"].sum())


def test_a_replaced_export_answers_the_next_question(tmp_path: Path) -> None:
    """When the folder's export is replaced while the dashboard runs, the next question is answered from the new one."""
    _write(tmp_path, 3)
    live = LiveExport(tmp_path, Settings())
    assert _episodes(live) == 3
    held = live.current().snapshot
    assert live.current().snapshot is held
    _write(tmp_path, 5)
    assert _episodes(live) == 5
    assert live.current().notice is None
    assert live.current().snapshot.fingerprint != held.fingerprint


def test_a_bad_export_leaves_the_last_good_one_in_service(tmp_path: Path) -> None:
    """Given a good export, when a truncated one takes its place, then readers keep the good one and are told so."""
    _write(tmp_path, 3)
    live = LiveExport(tmp_path, Settings())
    good = live.current()
    path = tmp_path / "episodes.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    served = live.current()
    assert served.snapshot is good.snapshot
    assert served.notice is not None
    assert "refused" in served.notice
    assert "30 June 2025" in served.notice
    _write(tmp_path, 4)
    assert _episodes(live) == 4
    assert live.current().notice is None


def test_a_folder_that_goes_away_leaves_the_last_good_export(tmp_path: Path) -> None:
    """A share that drops out, or a folder emptied by mistake, does not take the figures from readers."""
    folder = tmp_path / "export"
    _write(folder, 3)
    live = LiveExport(folder, Settings())
    good = live.current().snapshot
    shutil.rmtree(folder)
    served = live.current()
    assert served.snapshot is good
    assert served.notice


def test_a_first_export_that_is_bad_is_refused(tmp_path: Path) -> None:
    """With no good export ever served there is nothing to fall back to, and the refusal names the command that says more."""
    (tmp_path / "episodes.parquet").write_bytes(b"not Parquet")
    with pytest.raises(Refusal, match="oversight check"):
        LiveExport(tmp_path, Settings()).current()


def test_readers_in_many_threads_share_one_snapshot(tmp_path: Path) -> None:
    """Eight readers who ask at once are answered from one reading of the files."""
    _write(tmp_path, 3)
    live = LiveExport(tmp_path, Settings())
    with ThreadPoolExecutor(8) as pool:
        snapshots = list(pool.map(lambda _: live.current().snapshot, range(16)))
    assert len({id(snapshot) for snapshot in snapshots}) == 1


def test_a_half_written_export_is_not_served(tmp_path: Path) -> None:
    """Given an export with a manifest, when a new one is being written file by file with its manifest to come, then readers keep the
    old one: the files in between are of two exports."""
    _write(tmp_path, 3)
    live = LiveExport(tmp_path, Settings())
    good = live.current().snapshot
    (tmp_path / "manifest.json").unlink()
    served = live.current()
    assert served.snapshot is good
    assert served.notice is not None
    _write(tmp_path, 4)
    assert _episodes(live) == 4


def test_a_passing_fault_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that was full for a moment does not hold back an export that has not changed since."""
    _write(tmp_path, 3)
    live = LiveExport(tmp_path, Settings())
    live.current()
    _write(tmp_path, 4)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        assert "No space left" in (live.current().notice or "")
    assert _episodes(live) == 4
    assert live.current().notice is None
