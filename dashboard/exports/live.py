"""A folder that an export is dropped in, watched: the snapshot that readers are answered from.

When the folder's files change, the next question is answered from the new export if it passes the check, and from the last good
one with a notice if it does not. No restart, no mixed answer: a page asks for a snapshot once and puts all its questions to it. What is
opened is never the folder itself but a version in the store, so that a bad folder at the start leaves the last good export too.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.store import Seen, Store, seen_in
from dashboard.exports.tables import OUT_OF_MEMORY, Snapshot
from dashboard.settings import Settings


@dataclass(frozen=True)
class Served:
    """What a reader is given: the snapshot, the folder of its version in the store, and what to tell them where it is not of what lies
    in the folder now."""

    snapshot: Snapshot
    version: Path
    notice: str | None = None


class LiveExport:
    """The export in a folder, as it is whenever it is asked for. Safe to ask from many threads.

    Attributes:
        folder: where the exports come from.
        store: the versions that it serves, and the history of what was published and refused.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.store = Store(folder, settings)
        self.folder = folder
        self._looking = threading.Lock()
        self._seen: Seen | None = None
        self._served: Served | None = None

    def current(self) -> Served:
        """The newest good export.

        Whoever finds the folder changed waits for the check; others are meanwhile answered from the last good export.

        Raises:
            Refusal: the folder holds no export that passes the check, and none has been served before.
        """
        served = self._served
        if served is None:
            self._looking.acquire()
        elif self._seen == seen_in(self.folder) or not self._looking.acquire(blocking=False):
            return served
        try:
            seen = seen_in(self.folder)
            if self._served is None or seen != self._seen:
                if self._served is None:
                    self._served = last_good(self.store, "The export is being checked.")
                # Set first: what has to be looked at again, such as a share that is out of reach, takes it back.
                self._seen = seen
                self._served = self._looked_at(seen)
            return self._served
        except BaseException:
            self._seen = None
            raise
        finally:
            self._looking.release()

    def _looked_at(self, seen: Seen) -> Served:
        current = self.store.current
        has_manifest = any(name == contract.MANIFEST for name, *_ in seen)
        if seen and not has_manifest and current is not None and (current / contract.MANIFEST).exists():
            # Whoever writes an export with a manifest writes it last: until it is there, the files may be of two exports.
            return self._last_good("The export is being replaced, or has lost its manifest.")
        try:
            published = self.store.publish(self.folder)
        except Refusal as refusal:
            if self._served is None:
                raise
            self._seen = None
            return self._last_good(refusal.message)
        if published.version is None:
            return self._last_good(f"The newest export was refused. {published.why}")
        if self._served is not None and self._served.version == published.version:
            return Served(self._served.snapshot, published.version)
        snapshot = opened(self.store, published.version)
        if snapshot is None:
            self._seen = None
            return self._last_good("The export's copy in the store does not open, and is made anew.")
        return Served(snapshot, published.version)

    def _last_good(self, why: str) -> Served:
        if self._served is None:
            raise Refusal(why, f"`oversight check {self.folder}` says what to mend.")
        return Served(self._served.snapshot, self._served.version, and_the_one_before(self._served.snapshot, why))


def last_good(store: Store, why: str = "") -> Served | None:
    """The current version of a store, with `why` it is not of the newest export; None where there is none that opens."""
    version = store.current
    if version is None or (snapshot := opened(store, version)) is None:
        return None
    return Served(snapshot, version, and_the_one_before(snapshot, why) if why else None)


def opened(store: Store, version: Path) -> Snapshot | None:
    """A version, opened. None where it is damaged: it is then taken from the store, to be made anew."""
    try:
        return store.open(version)
    except (Refusal, *OUT_OF_MEMORY):
        raise  # of the settings or the machine, and no fault of the version
    except Exception:
        store.discard(version)
        return None


def and_the_one_before(snapshot: Snapshot, why: str) -> str:
    """A notice to readers of a snapshot that is not of the newest export."""
    return f"{why} You are reading the one before it, with data to {snapshot.coverage.last_day:%-d %B %Y}."
