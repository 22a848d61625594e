"""Exports that passed the check, kept as versions: what readers are answered from, whatever becomes of the folder that they came from.

    STORE/FOLDER-1a2b3c4d5e6f/    all of one folder that exports are put in
      versions/9f8e…/             an export as `sandbox` left it: a database, findings.json, its manifest and its importer's report
      current                     the name of the version that is served
      store.log                   what was published or refused, when and why, one JSON object a line
      incoming-…/                 an export that is being checked

A version is named by what it holds, is never changed, and appears whole or not at all: it is written and synced elsewhere and then
renamed. The pointer is replaced in one step after it. Whoever is killed between two steps leaves the old version or the new.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.check import Finding
from dashboard.exports.manifest import fingerprint_of
from dashboard.exports.sandbox import SNAPSHOT, Verdict, check_apart
from dashboard.exports.tables import Snapshot, makings
from dashboard.settings import Settings

_KEPT = 3
_VERSION = re.compile(r"[0-9a-f]{32}")
_FILES = (contract.MANIFEST, *(table.file_name for table in contract.TABLES))
# Bytes of an importer's report; a larger one is left behind.
_LARGEST_REPORT = 5_000_000

# A name, a size and a time of change for each file. Any replacement changes one of them.
Seen = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Event:
    """A line of the store's log. `export` is the folder's name, `why` the errors of one that was refused, or what prevented a check."""

    at: datetime
    what: Literal["published", "refused", "failed"]
    export: str
    fingerprint: str
    why: str


@dataclass(frozen=True)
class Published:
    """What became of an export: the folder of its version, None where it is refused, and what the check found."""

    version: Path | None
    fingerprint: str
    findings: tuple[Finding, ...]
    summary: str

    @property
    def why(self) -> str:
        """The first errors in one line; "" where there are none."""
        return " ".join(str(finding) for finding in [f for f in self.findings if f.severity == "error"][:3])


class Store:
    """The versions of the exports that are put in one folder. Safe for several processes."""

    def __init__(self, source: Path, settings: Settings) -> None:
        self._settings = settings
        place = hashlib.sha256(str(source.resolve()).encode()).hexdigest()[:12]
        self._folder = settings.store / f"{re.sub(r'[^A-Za-z0-9_-]', '', source.name)[:40]}-{place}"
        self._versions = self._folder / "versions"
        self._log = self._folder / "store.log"
        self._in_use: Path | None = None

    @property
    def current(self) -> Path | None:
        """The folder of the version that is served; None before the first."""
        try:
            name = (self._folder / "current").read_text(encoding="ascii")
        except (OSError, ValueError):
            return None
        version = self._versions / name
        return version if _VERSION.fullmatch(name) and version.is_dir() else None

    def open(self, version: Path) -> Snapshot:
        """A version, opened. It passed the check before it became one, and is not checked again."""
        self._in_use = version
        return Snapshot.open(version / SNAPSHOT)

    def publish(self, export: Path) -> Published:
        """Check the export in a folder, and make it the current version where it is good. One that is here already is not checked again.

        Raises:
            Refusal: the export cannot be copied whole, or the store cannot be written. What is current stays so.
        """
        with self._told(export):
            fingerprint = _read(export, self._settings)
            version = self._versions / _version_of(fingerprint, self._settings)
            # Nothing is written where there is nothing to do: a full disk does not stop a dashboard from being started.
            verdict = _verdict_on(version) if version == self.current else None
            if verdict is None:
                with self._alone():
                    verdict = self._checked(export, fingerprint, version)
                    if verdict.is_good:
                        self._point_to(version)
                        self._note("published", export, fingerprint)
            published = Published(version if verdict.is_good else None, fingerprint, verdict.findings, verdict.summary)
            if not verdict.is_good:
                self._note("refused", export, fingerprint, published.why)
            return published

    def discard(self, version: Path) -> None:
        """Take away a version that does not open, so that the export it came from is checked and read anew."""
        with self._alone():
            self._remove(version)

    def history(self) -> list[Event]:
        """What was published, refused or failed, the latest first."""
        try:
            lines = self._log.read_text(encoding="utf-8").splitlines()
        except OSError:
            return []
        events = []
        for line in reversed(lines):
            # The line of a process that was killed while it wrote is no line.
            with contextlib.suppress(ValueError, TypeError, KeyError):
                said = json.loads(line)
                events.append(Event(**said | {"at": datetime.fromisoformat(said["at"])}))
        return events

    @contextlib.contextmanager
    def _told(self, export: Path) -> Iterator[None]:
        """What prevents a publishing is a refusal, and stands in the log where that can still be written."""
        try:
            try:
                yield
            except Timeout:
                raise Refusal(f"The store in {self._folder} is in use by another check.", "Try again later.") from None
            except OSError as error:
                raise Refusal(
                    f"The store in {self._folder} cannot be written ({error.strerror or error}).",
                    "Make room there, or name another folder in the setting `store`.",
                ) from error
        except Refusal as refusal:
            with contextlib.suppress(OSError):
                self._note("failed", export, "", str(refusal))
            raise

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        self._make()
        # Another's check may take its whole time.
        with FileLock(self._folder / "lock", timeout=self._settings.check_seconds + 60):
            for left_behind in self._folder.glob("incoming-*"):
                shutil.rmtree(left_behind, ignore_errors=True)
            yield

    def _checked(self, export: Path, fingerprint: str, version: Path) -> Verdict:
        """The verdict on an export; `version` is there where it is good."""
        if known := _verdict_on(version):
            return known
        aside = Path(tempfile.mkdtemp(prefix="incoming-", dir=self._folder))
        try:
            # What is checked are the bytes that become the version, whatever is done to the folder meanwhile.
            delivered, clean = aside / "delivered", aside / "clean"
            _copy(export, delivered)
            if fingerprint_of(delivered) != fingerprint:
                raise Refusal("The export is being replaced.", "It is looked at again.")
            verdict = check_apart(delivered, clean, self._settings, self._before(fingerprint))
            if verdict.not_written:
                raise OSError(verdict.not_written)
            if verdict.is_good:
                for path in (*clean.iterdir(), clean):
                    _sync(path)
                self._remove(version)  # one that is there and without a verdict
                clean.rename(version)
                _sync(self._versions)
            return verdict
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _before(self, fingerprint: str) -> Path | None:
        """The database of the latest export that was another one."""
        for version in self._latest_first():
            if (verdict := _verdict_on(version)) and verdict.fingerprint != fingerprint:
                return version / SNAPSHOT
        return None

    def _latest_first(self) -> list[Path]:
        return sorted(self._versions.iterdir(), key=lambda path: path.stat().st_mtime_ns, reverse=True)

    def _point_to(self, version: Path) -> None:
        # The order in which versions were current is that of their folders' times.
        os.utime(version)
        new = self._folder / "current.new"
        new.write_text(version.name, encoding="ascii")
        _sync(new)
        new.replace(self._folder / "current")
        _sync(self._folder)
        for path in self._latest_first()[_KEPT:]:
            if path != self._in_use:
                self._remove(path)

    def _remove(self, version: Path) -> None:
        # Out of the versions in one step: one that was removed in part only would be taken for whole when its export comes back.
        going = self._folder / f"incoming-{version.name}"
        with contextlib.suppress(FileNotFoundError):
            version.rename(going)
        shutil.rmtree(going, ignore_errors=True)

    def _note(self, what: Literal["published", "refused", "failed"], export: Path, fingerprint: str, why: str = "") -> None:
        event = Event(datetime.now(UTC), what, export.name, fingerprint, why)
        last = next(iter(self.history()), None)
        # A share that stays out of reach is found so at every question; it is said once.
        if last is not None and (last.what, last.export, last.fingerprint, last.why) == (what, export.name, fingerprint, why):
            return
        self._make()
        # A line begins with its end: what a killed process left of one does not spoil the next.
        with self._log.open("a", encoding="utf-8") as log:
            log.write("\n" + json.dumps(asdict(event) | {"at": event.at.isoformat()}))
        _sync(self._log)

    def _make(self) -> None:
        # Each by itself: parents that are made on the way do not get the mode.
        for folder in (self._settings.store, self._folder, self._versions):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def seen_in(folder: Path) -> Seen:
    """What tells whether an export's files were changed, without reading them."""
    found = []
    for name in _FILES:
        try:
            file = (folder / name).stat()
        except OSError:
            continue
        found.append((name, file.st_size, file.st_mtime_ns, file.st_ino))
    return tuple(found)


def _version_of(fingerprint: str, settings: Settings) -> str:
    return hashlib.sha256(f"{fingerprint} {makings(settings)}".encode()).hexdigest()[:32]


def _read(export: Path, settings: Settings) -> str:
    """The fingerprint of an export that can be read and is of a size to be copied."""
    try:
        os.listdir(export)
        files = [(name, file) for name in _FILES if (file := _stat(export / name))]
        for name, file in files:
            # A pipe would be waited for, and a device read without an end.
            if not stat.S_ISREG(file.st_mode):
                raise Refusal(f"{name} is not a file.", f"See what is in {export}.")
        megabytes = sum(file.st_size for _, file in files) // 1_000_000
        if megabytes > settings.check_memory_mb:
            todo = "Export fewer years, or set check_memory_mb higher."
            raise Refusal(f"The export is of {megabytes:,} MB, and {settings.check_memory_mb:,} MB are the most.", todo)
        return fingerprint_of(export)
    except OSError as error:
        raise Refusal(f"The export cannot be read ({error.strerror}).", f"`oversight check {export}` says what to mend.") from error


def _verdict_on(version: Path) -> Verdict | None:
    try:
        return Verdict.of(version)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _copy(export: Path, delivered: Path) -> None:
    delivered.mkdir(mode=0o700)
    for name in _FILES:
        # One that goes away meanwhile is missed by the fingerprint.
        with contextlib.suppress(FileNotFoundError):
            shutil.copyfile(export / name, delivered / name)
    for name in contract.REPORT_FILES:
        file = _stat(export / name)
        if file and stat.S_ISREG(file.st_mode) and file.st_size <= _LARGEST_REPORT:
            shutil.copyfile(export / name, delivered / name)


def _sync(path: Path) -> None:
    """Make what is written there outlast a loss of power."""
    if sys.platform == "win32" and path.is_dir():
        return  # its folders cannot be synced
    # Windows syncs only what may be written.
    handle = os.open(path, os.O_RDWR if sys.platform == "win32" else os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
