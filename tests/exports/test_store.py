"""The store of versions: whole or not at all, whoever is killed, refused or in the way."""

from __future__ import annotations

import json
import os
import random
import shutil
import stat
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports import store as storing
from dashboard.exports.sandbox import FINDINGS, SNAPSHOT, Verdict
from dashboard.exports.store import Store
from dashboard.exports.tables import NotWritten, Snapshot
from dashboard.settings import Settings
from tests.exports.conftest import judged_here
from tests.oracle.made import utc, write_made

pytestmark = pytest.mark.usefixtures("check_here")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings with a store of the test's own."""
    return Settings(store=tmp_path / "store")


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small good export."""
    return _write(tmp_path / "export", 3)


def _write(folder: Path, episodes: int) -> Path:
    write_made(folder, episodes=[{"started_at": utc(2025, 1, 1 + n % 28), "ended_at": utc(2025, 1, 2 + n % 28)} for n in range(episodes)])
    return folder


def _episodes(store: Store) -> int:
    assert store.current is not None
    return int(store.open(store.current)._run("SELECT count(*) FROM episodes", {}).item())


def _spoil(export: Path) -> None:
    path = export / "episodes.parquet"
    path.write_bytes(path.read_bytes()[:-20])


def test_a_good_export_becomes_the_current_version(export: Path, settings: Settings) -> None:
    """It is there whole: database, manifest, findings and the importer's report, and is known by the bytes that were delivered."""
    (export / contract.REPORT_FILES[0]).write_text("<!doctype html>")
    store = Store(export, settings)
    assert store.current is None
    published = store.publish(export)
    assert published.version == store.current
    assert published.version is not None
    assert {path.name for path in published.version.iterdir()} == {
        SNAPSHOT,
        contract.MANIFEST,
        FINDINGS,
        contract.REPORT_FILES[0],
    }
    assert store.open(published.version).fingerprint == published.fingerprint == Verdict.of(published.version).fingerprint
    assert published.summary.startswith("Testshire (synthetic), 1 January 2024")
    assert [(event.what, event.export, event.fingerprint) for event in store.history()] == [("published", "export", published.fingerprint)]


@pytest.mark.skipif(sys.platform == "win32", reason="modes are of POSIX")
def test_the_store_is_its_owners(export: Path, settings: Settings) -> None:
    """It holds children's data: nobody else may look into it."""
    Store(export, settings).publish(export)
    for folder in (settings.store, *(path for path in settings.store.rglob("*") if path.is_dir())):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_there_is_not_checked_again(export: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same export, after a restart and also when it comes back after another, is served without a check."""
    store = Store(export, settings)
    first = store.publish(export)
    _write(export, 4)
    store.publish(export)
    shutil.rmtree(export)
    _write(export, 3)
    monkeypatch.setattr(storing, "check_apart", None)
    again = Store(export, settings).publish(export)
    assert again.version == first.version == store.current
    assert (again.findings, again.summary) == (first.findings, first.summary)
    assert _episodes(store) == 3


def test_another_release_checks_again(export: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """How an export is checked and read may change from release to release and with settings, and so does its version."""
    first = Store(export, settings).publish(export)
    monkeypatch.setattr(storing, "makings", lambda _: "99")
    assert Store(export, settings).publish(export).version != first.version


def test_a_refused_export_changes_nothing(export: Path, settings: Settings) -> None:
    """The last good one stays current, and the history says when, what and why."""
    store = Store(export, settings)
    good = store.publish(export)
    _spoil(export)
    refused = store.publish(export)
    assert refused.version is None
    assert "other bytes than the manifest says" in refused.why
    assert store.current == good.version
    assert _episodes(store) == 3
    latest, first = store.history()
    assert (latest.what, latest.fingerprint, latest.why) == ("refused", refused.fingerprint, refused.why)
    assert first.what == "published"
    assert first.at <= latest.at


def test_the_last_three_are_kept(export: Path, settings: Settings) -> None:
    """Older versions are removed, in the order in which they were current; never the current one, nor the one in use."""
    store = Store(export, settings)
    versions = []
    for episodes in (1, 2, 3, 4):
        versions.append(store.publish(_write(export, episodes)).version)
    assert [version.exists() for version in versions if version] == [False, True, True, True]
    assert versions[2] is not None
    store.open(versions[2])
    for episodes in (5, 6, 7, 2):
        versions.append(store.publish(_write(export, episodes)).version)
    assert set(versions[2].parent.iterdir()) == {versions[2], versions[5], versions[6], versions[7]}
    assert store.current == versions[7]


def test_two_folders_have_two_stores(export: Path, settings: Settings) -> None:
    """What is put in one folder is not served from another of the same name."""
    other = _write(export.parent / "other" / "export", 5)
    Store(export, settings).publish(export)
    assert Store(other, settings).current is None
    Store(other, settings).publish(other)
    assert (_episodes(Store(export, settings)), _episodes(Store(other, settings))) == (3, 5)


def test_two_publishes_at_once_are_each_whole(export: Path, settings: Settings) -> None:
    """Eight that publish three exports at the same time: each export is checked once, and what is current is one of them."""
    exports = [_write(export.parent / f"export{n}", n) for n in (1, 2, 3)]
    checked: list[int] = []

    def counted(*given: object) -> Verdict:
        checked.append(1)
        return judged_here(*given)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(storing, "check_apart", counted)
        with ThreadPoolExecutor(8) as pool:
            versions = list(pool.map(lambda n: Store(export, settings).publish(exports[n % 3]).version, range(24)))
    assert len(checked) == 3
    assert len(set(versions)) == 3
    assert _episodes(Store(export, settings)) in (1, 2, 3)
    assert not list(settings.store.glob("*/incoming-*"))


def test_a_check_that_takes_too_long_elsewhere_is_told(export: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever waits for another's check does not wait for ever."""
    hurried = settings.model_copy(update={"check_seconds": -59})
    going_on, done = threading.Event(), threading.Event()

    def slow(*_: object) -> Verdict:
        going_on.set()
        done.wait(30)
        return Verdict((), "")

    monkeypatch.setattr(storing, "check_apart", slow)
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(Store(export, settings).publish, export)
        going_on.wait(30)
        with pytest.raises(Refusal, match="in use by another check"):
            Store(export, hurried).publish(export)
        done.set()
        first.result()


def _replaced(export: Path) -> None:
    _write(export, 9)


def _one_file_gone(export: Path) -> None:
    (export / "episodes.parquet").unlink()


@pytest.mark.parametrize("change", [_replaced, _one_file_gone])
def test_an_export_that_is_replaced_while_it_is_read(
    change: Callable[[Path], None], export: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given a change between the first look and the copy, then what was copied is not checked, and the next look takes the new one."""
    read = storing._read

    def changed_after(*given: object) -> str:
        fingerprint = read(*given)  # type: ignore[arg-type]
        change(export)
        return fingerprint

    with monkeypatch.context() as patched:
        patched.setattr(storing, "_read", changed_after)
        with pytest.raises(Refusal, match="being replaced"):
            Store(export, settings).publish(export)
    _write(export, 9)
    Store(export, settings).publish(export)
    assert _episodes(Store(export, settings)) == 9


def _full(*_: object, **__: object) -> None:
    raise NotWritten(28, "No space left on device")


@pytest.mark.parametrize(
    "where", ["shutil.copyfile", "tempfile.mkdtemp", "dashboard.exports.store._sync", "dashboard.exports.check.Snapshot.read"]
)
def test_a_full_disk(where: str, export: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever the room gives out, the refusal names the setting, the last good version stays, and nothing is left lying about."""
    store = Store(export, settings)
    store.publish(export)
    _write(export, 4)
    with monkeypatch.context() as patched:
        patched.setattr(where, _full)
        with pytest.raises(Refusal, match=r"cannot be written \(No space left on device\).*setting `store`"):
            store.publish(export)
    assert _episodes(store) == 3
    assert not list(settings.store.glob("*/incoming-*"))
    store.publish(export)
    assert _episodes(store) == 4


def test_nothing_is_written_where_nothing_is_to_do(export: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dashboard whose export is in its store starts on a full disk too."""
    Store(export, settings).publish(export)
    before = {path: path.stat().st_mtime_ns for path in settings.store.rglob("*")}
    for name in ("write_text", "mkdir", "open"):
        monkeypatch.setattr(Path, name, Path.open if name == "open" else _full)
    store = Store(export, settings)
    assert store.publish(export).version == store.current
    monkeypatch.undo()
    assert {path: path.stat().st_mtime_ns for path in settings.store.rglob("*")} == before


def test_a_store_that_cannot_be_made(export: Path, tmp_path: Path) -> None:
    """The refusal names the setting."""
    (tmp_path / "file").write_text("")
    with pytest.raises(Refusal, match="setting `store`"):
        Store(export, Settings(store=tmp_path / "file" / "store")).publish(export)


def test_what_cannot_be_copied(export: Path, settings: Settings) -> None:
    """A folder that is not there, a pipe that would be waited for, and more than a check takes on are refused in words."""
    store = Store(export, settings)
    with pytest.raises(Refusal, match="No such file or directory"):
        store.publish(export / "nowhere")
    big = export.parent / "big"
    big.mkdir()
    (big / "units.parquet").touch()
    os.truncate(big / "units.parquet", 1_500_000_000)
    with pytest.raises(Refusal, match="of 1,500 MB, and 1,000 MB are the most"):
        Store(big, settings.model_copy(update={"check_memory_mb": 1_000})).publish(big)
    if hasattr(os, "mkfifo"):
        (export / "units.parquet").unlink(missing_ok=True)
        os.mkfifo(export / "units.parquet")
        with pytest.raises(Refusal, match=r"units\.parquet is not a file"):
            store.publish(export)


def test_a_fault_that_stays_is_said_once(export: Path, settings: Settings) -> None:
    """A share out of reach is found so at every question, and is one line of the history."""
    store = Store(export, settings)
    store.publish(export)
    shutil.rmtree(export)
    for _ in range(3):
        with pytest.raises(Refusal):
            store.publish(export)
    assert [event.what for event in store.history()] == ["failed", "published"]


def test_a_torn_line_of_the_log(export: Path, settings: Settings) -> None:
    """What a killed process left of a line spoils no other."""
    store = Store(export, settings)
    store.publish(export)
    with next(settings.store.glob("*/store.log")).open("a") as log:
        log.write('\n{"at": "2026-')
    store.publish(_write(export, 4))
    assert [event.what for event in store.history()] == ["published", "published"]


@pytest.mark.parametrize("damage", ["pointer", "findings", "folder"])
def test_a_damaged_store_is_made_anew(damage: str, export: Path, settings: Settings) -> None:
    """Whatever was done to the store, the export is checked and published again."""
    store = Store(export, settings)
    version = store.publish(export).version
    assert version is not None
    if damage == "pointer":
        (version.parents[1] / "current").write_text("../../elsewhere")
        assert store.current is None
    elif damage == "findings":
        (version / FINDINGS).write_text("{")
    else:
        shutil.rmtree(version)
    assert store.publish(export).version == version
    assert _episodes(store) == 3


def _publish_until_killed(export: Path, source: Path, settings: Settings, clean: Path, begun: int) -> None:
    """Publish one export after another, as fast as it goes: those of even number with two rows, of odd number with three."""

    def ready(_: Path, into: Path, __: Settings, ___: Path | None) -> Verdict:
        manifest = json.loads((export / contract.MANIFEST).read_text())
        shutil.copytree(clean / str(manifest["turn"] % 2), into)
        verdict = Verdict((), "Good.", f"{manifest['turn']:064}")
        verdict.write(into)
        return verdict

    storing.check_apart = ready  # type: ignore[assignment]
    turn = begun
    while True:
        turn += 1
        (export / contract.MANIFEST).write_text(json.dumps({"turn": turn}))
        Store(source, settings).publish(export)


@pytest.mark.skipif(sys.platform == "win32", reason="forks")
def test_a_publisher_killed_at_any_moment(tmp_path: Path, settings: Settings) -> None:
    """Two hundred times: given a publisher that is killed in the midst of it, then what is current is the old version or the new, whole,
    and the next publisher goes on from there."""
    source = tmp_path / "source"
    clean = tmp_path / "clean"
    for turn, episodes in ((0, 2), (1, 3)):
        export = _write(tmp_path / "made", episodes)
        (clean / str(turn)).mkdir(parents=True)
        storing.check_apart(export, tmp_path / f"judged{turn}", settings)
        for path in (tmp_path / f"judged{turn}").iterdir():
            shutil.copy(path, clean / str(turn))
    context = get_context("forkserver")
    context.set_forkserver_preload(["dashboard.exports.store", "tests.exports.test_store"])
    store, dice = Store(source, settings), random.Random(903)
    turn = 0
    for time_around in range(200):
        export = tmp_path / "being_published"
        shutil.rmtree(export, ignore_errors=True)
        _write(export, 1)
        publisher = context.Process(target=_publish_until_killed, args=(export, source, settings, clean, turn))
        publisher.start()
        before = store.current
        while store.current == before and publisher.is_alive():
            time.sleep(0.001)
        time.sleep(dice.uniform(0, 0.03))
        publisher.kill()
        publisher.join()
        assert store.current is not None
        found = int(Verdict.of(store.current).fingerprint)
        assert found > turn
        turn = found
        # Also those that are not current: an export that comes back is served from one of them without a check.
        for version in store.current.parent.iterdir():
            rows = Snapshot.open(version / SNAPSHOT)._run("SELECT episode_id FROM episodes", {}).height
            assert rows == 2 + int(Verdict.of(version).fingerprint) % 2
        if time_around % 20 == 0:
            assert _episodes(store) == 2 + turn % 2
    Store(source, settings).publish(_write(tmp_path / "last", 7))
    assert _episodes(store) == 7
    assert len(list(store.current.parent.iterdir())) == 3
    assert not list(settings.store.glob("*/incoming-*"))
