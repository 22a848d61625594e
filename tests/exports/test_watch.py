"""A drop folder: what becomes of each export that is put in it, and what readers have meanwhile."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from dashboard.errors import Refusal
from dashboard.exports import store as storing
from dashboard.exports.watch import DropFolder
from dashboard.settings import Settings
from tests.oracle.made import utc, write_made

pytestmark = pytest.mark.usefixtures("check_here")


class Drop:
    """A drop folder, its clock and what it said."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: list[str] = []
        self.now = 0.0
        folder.mkdir(exist_ok=True)
        self.start()

    def start(self) -> None:
        """As after a restart of the process."""
        self.drop = DropFolder(self.folder, Settings(), self.said.append)

    def put(self, name: str, episodes: int, age: int = 0) -> Path:
        """An export with so many episodes, written so many seconds ago."""
        rows = [{"started_at": utc(2025, 1, 1 + n), "ended_at": utc(2025, 1, 2 + n)} for n in range(episodes)]
        write_made(self.folder / name, episodes=rows)
        for path in (self.folder / name).iterdir():
            changed = path.stat().st_mtime - age
            os.utime(path, (changed, changed))
        return self.folder / name

    def wait(self, seconds: float) -> None:
        """Let the watcher look every two seconds for so long."""
        until = self.now + seconds
        while self.now <= until:
            self.drop.look(self.now)
            self.now += 2

    @property
    def episodes(self) -> int:
        return int(self.drop.current().snapshot._run("SELECT count(*) FROM episodes", {}).item())


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    """An empty drop folder."""
    return Drop(tmp_path / "drop")


def _spoil(export: Path) -> None:
    path = export / "episodes.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def test_an_export_is_published_once_it_has_stopped_changing(drop: Drop) -> None:
    """Nothing is served before the first; one that is still being written is waited for; the newest is served."""
    drop.wait(10)
    with pytest.raises(Refusal, match="no good export"):
        drop.drop.current()
    drop.put("april", 2)
    drop.wait(2)
    drop.put("april", 3)
    drop.wait(2)
    with pytest.raises(Refusal):
        drop.drop.current()
    drop.wait(4)
    assert drop.episodes == 3
    drop.put("may", 4)
    drop.wait(6)
    assert drop.episodes == 4
    assert [line.split(":")[0] for line in drop.said] == ["april", "may"]
    assert drop.drop.current().notice is None


def test_a_refused_export_has_its_report_beside_it(drop: Drop) -> None:
    """Given one that is not good, then readers keep the last good and are told, and the data team finds why; mended, it takes its place."""
    drop.put("april", 3)
    drop.wait(6)
    _spoil(drop.put("may", 4))
    drop.wait(6)
    assert drop.episodes == 3
    notice = drop.drop.current().notice or ""
    assert notice.startswith("The newest export, may, was refused. episodes.parquet: ")
    assert notice.endswith("You are reading the one before it, with data to 30 June 2025.")
    report = (drop.folder / "may.check.txt").read_text()
    assert "other bytes than the manifest says" in report
    assert report.endswith("The export is refused: 2 errors.\n")
    drop.put("may", 4)
    drop.wait(6)
    assert drop.episodes == 4
    assert not (drop.folder / "may.check.txt").exists()


def test_without_a_manifest_it_is_waited_for_longer(drop: Drop) -> None:
    """Nothing tells that the rest of it is still to come."""
    (drop.put("april", 3) / "manifest.json").unlink()
    drop.wait(50)
    with pytest.raises(Refusal):
        drop.drop.current()
    drop.wait(20)
    assert drop.episodes == 3
    assert not drop.drop.current().snapshot.coverage.is_sealed


def test_several_at_once_end_with_the_newest(drop: Drop) -> None:
    """They are taken in the order in which they were written, whatever they are called."""
    drop.put("z", 2, age=300)
    drop.put("a", 3, age=100)
    drop.put("m", 4, age=200)
    drop.wait(6)
    assert drop.episodes == 3
    assert [event.export for event in drop.drop.store.history()] == ["a", "m", "z"]


def test_a_restart_goes_on_where_it_was(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was dealt with is not dealt with again; the last good is served at once, with the notice that it had."""
    drop.put("april", 3)
    drop.wait(6)
    _spoil(drop.put("may", 4))
    drop.wait(6)
    drop.start()
    with monkeypatch.context() as patched:
        patched.setattr(storing, "check_apart", None)
        drop.wait(10)
    assert drop.episodes == 3
    assert (drop.drop.current().notice or "").startswith("The newest export, may, was refused.")
    drop.put("june", 5)
    drop.wait(6)
    assert (drop.episodes, drop.drop.current().notice) == (5, None)


def test_what_is_dropped_while_nothing_runs_is_found(drop: Drop) -> None:
    """An export that came while the process was down is taken after its start."""
    drop.put("april", 3)
    drop.wait(6)
    drop.put("may", 4)
    drop.start()
    drop.wait(0)
    assert drop.episodes == 3
    drop.wait(6)
    assert drop.episodes == 4


def test_exports_that_are_taken_away_again(drop: Drop) -> None:
    """A drop folder that is emptied leaves what is served, also over a restart."""
    drop.put("april", 3)
    drop.wait(6)
    shutil.rmtree(drop.folder / "april")
    drop.wait(10)
    drop.start()
    drop.wait(10)
    assert drop.episodes == 3


def test_an_older_export_dropped_anew_is_served_again(drop: Drop) -> None:
    """Under another name the same export is a step back that somebody means."""
    drop.put("april", 3)
    drop.wait(6)
    drop.put("may", 4)
    drop.wait(6)
    shutil.copytree(drop.folder / "april", drop.folder / "april again")
    drop.wait(6)
    assert drop.episodes == 3


def test_what_is_not_an_export_is_passed_over(drop: Drop) -> None:
    """Files, empty folders and names that begin with a dot are nobody's exports."""
    (drop.folder / "readme.txt").write_text("")
    (drop.folder / "empty").mkdir()
    drop.put(".being_written", 3)
    drop.wait(70)
    assert drop.said == []
    (drop.folder / ".being_written").rename(drop.folder / "april")
    drop.wait(6)
    assert drop.episodes == 3


def test_a_folder_that_is_itself_an_export(tmp_path: Path) -> None:
    """Where it holds episodes.parquet it is the one export, and its sub-folders are none."""
    drop = Drop(tmp_path / "drop")
    drop.put("april", 2)
    drop.put(".", 3)
    drop.wait(6)
    assert drop.episodes == 3
    assert [line.split(":")[0] for line in drop.said] == ["drop"]


def test_a_passing_fault_is_tried_again(drop: Drop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that was full for a moment refuses no export."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    drop.put("april", 3)
    drop.wait(6)
    drop.put("may", 4)
    with monkeypatch.context() as patched:
        patched.setattr(shutil, "copyfile", full)
        drop.wait(6)
    assert "No space left on device" in (drop.drop.current().notice or "")
    assert not (drop.folder / "may.check.txt").exists()
    drop.wait(2)
    assert (drop.episodes, drop.drop.current().notice) == (4, None)
    assert [event.what for event in drop.drop.store.history()] == ["published", "failed", "published"]
