"""A folder that is watched: what readers are answered from while its export is replaced."""

from __future__ import annotations

import shutil
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dashboard.errors import Refusal
from dashboard.exports import store as storing
from dashboard.exports.live import LiveExport
from dashboard.exports.sandbox import Verdict
from dashboard.settings import Settings
from tests.exports.conftest import judged_here
from tests.oracle.made import utc, write_made

pytestmark = pytest.mark.usefixtures("check_here")


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


def test_nobody_else_waits_for_a_check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given an export that is being checked for one reader, then others are answered from the last good one at once, without an error."""
    _write(tmp_path, 3)
    live = LiveExport(tmp_path, Settings())
    good = live.current().snapshot
    _write(tmp_path, 4)
    going_on, done = threading.Event(), threading.Event()

    def slow(*given: object) -> Verdict:
        going_on.set()
        assert done.wait(30)
        return judged_here(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(storing, "check_apart", slow)
    with ThreadPoolExecutor(9) as pool:
        first = pool.submit(live.current)
        assert going_on.wait(30)
        meanwhile = [pool.submit(live.current) for _ in range(8)]
        assert all(one.result(timeout=30).snapshot is good for one in meanwhile)
        done.set()
        assert first.result().snapshot is not good
    assert _episodes(live) == 4


@pytest.mark.parametrize("then", ["refused", "gone", "half written"])
def test_after_a_restart_the_last_good_export_is_served(then: str, tmp_path: Path) -> None:
    """Given a folder that is no longer good when the dashboard is started again, then readers have the last good export, and are told."""
    folder = tmp_path / "export"
    _write(folder, 3)
    LiveExport(folder, Settings()).current()
    if then == "refused":
        path = folder / "episodes.parquet"
        path.write_bytes(path.read_bytes()[:-20])
    elif then == "gone":
        shutil.rmtree(folder)
    else:
        (folder / "manifest.json").unlink()
    started_again = LiveExport(folder, Settings())
    served = started_again.current()
    assert _episodes(started_again) == 3
    assert "You are reading the one before it, with data to 30 June 2025." in (served.notice or "")
    _write(folder, 5)
    assert _episodes(started_again) == 5
    assert started_again.current().notice is None


def test_a_restart_does_not_check_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An export that has not changed is opened from the store, without a check and without a notice."""
    _write(tmp_path, 3)
    LiveExport(tmp_path, Settings()).current()
    monkeypatch.setattr(storing, "check_apart", None)
    started_again = LiveExport(tmp_path, Settings())
    assert started_again.current().notice is None
    assert _episodes(started_again) == 3


def test_after_a_restart_others_have_the_last_good_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new export that is found at the start is checked while the last good one is read."""
    _write(tmp_path, 3)
    LiveExport(tmp_path, Settings()).current()
    _write(tmp_path, 4)
    going_on, done = threading.Event(), threading.Event()

    def slow(*given: object) -> Verdict:
        going_on.set()
        assert done.wait(30)
        return judged_here(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(storing, "check_apart", slow)
    started_again = LiveExport(tmp_path, Settings())
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(started_again.current)
        assert going_on.wait(30)
        notice = pool.submit(started_again.current).result(timeout=30).notice
        assert notice == "The export is being checked. You are reading the one before it, with data to 30 June 2025."
        done.set()
        assert first.result().notice is None
    assert _episodes(started_again) == 4


def test_a_version_that_does_not_open_is_made_anew(tmp_path: Path) -> None:
    """Damage in the store is mended from the folder, and no reader meets it."""
    _write(tmp_path, 3)
    version = LiveExport(tmp_path, Settings()).current().version
    (version / "episodes.parquet").write_bytes(b"damaged")
    live = LiveExport(tmp_path, Settings())
    assert _episodes(live) == 3
    assert live.current().notice is None


def test_settings_that_are_wrong_do_not_cost_a_version(tmp_path: Path) -> None:
    """Where settings keep an export from being read anew, readers have it as it was read before, and are told."""
    _write(tmp_path, 3)
    version = LiveExport(tmp_path, Settings()).current().version
    served = LiveExport(tmp_path, Settings(term_dates=tmp_path / "nowhere.csv")).current()
    assert served.version == version
    assert "The term dates in" in (served.notice or "")


def test_a_folder_that_cannot_be_read(tmp_path: Path) -> None:
    """Something else in the folder's place leaves the last good export, and the folder is read again when it is back."""
    folder, elsewhere = tmp_path / "export", tmp_path / "elsewhere"
    _write(folder, 3)
    live = LiveExport(folder, Settings())
    live.current()
    folder.rename(elsewhere)
    folder.write_text("")
    assert "The export cannot be read (Not a directory)." in (live.current().notice or "")
    folder.unlink()
    elsewhere.rename(folder)
    assert live.current().notice is None
