"""A folder that an export is dropped in, watched: the snapshot that readers are answered from.

When the folder's files change, the next question is answered from the new export if it passes the check, and from the last good
one with a notice if it does not. No restart, no mixed answer: a page asks for a snapshot once and puts all its questions to it.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.check import check
from dashboard.exports.tables import Snapshot
from dashboard.settings import Settings

# A name, a size and a time of change for each file. Any replacement changes one of them.
_Seen = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True)
class Served:
    """What a reader is given: the snapshot, and what to tell them where it is not of what lies in the folder now."""

    snapshot: Snapshot
    notice: str | None = None


class LiveExport:
    """The export in a folder, as it is whenever it is asked for. Safe to ask from many threads."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._lock = threading.Lock()
        self._seen: _Seen | None = None
        self._served: Served | None = None
        self._is_sealed = False

    def current(self) -> Served:
        """The newest good export.

        Raises:
            Refusal: the folder holds no export that passes the check, and none has been served before.
        """
        with self._lock:
            seen = _seen(self._folder)
            if self._served is None or seen != self._seen:
                # Set first: what has to be looked at again, such as a share that is out of reach, takes it back.
                self._seen = seen
                self._served = self._opened(seen)
            return self._served

    def _opened(self, seen: _Seen) -> Served:
        if self._is_sealed and not any(name == contract.MANIFEST for name, *_ in seen):
            # Whoever writes an export with a manifest writes it last: until it is there, the files may be of two exports.
            return self._last_good("The export is being replaced, or has lost its manifest.")
        with tempfile.TemporaryDirectory(prefix="oversight-") as aside:
            # The check and the tables read the same bytes, whatever is done to the folder meanwhile.
            copy = Path(aside)
            try:
                for name, *_ in seen:
                    shutil.copyfile(self._folder / name, copy / name)
            except OSError as error:
                self._seen = None
                return self._last_good(f"The export cannot be read ({error.strerror}).")
            if _seen(self._folder) != seen:
                self._seen = None
                return self._last_good("The export is being replaced.")
            checked = check(copy, self._settings)
            if checked.snapshot is None:
                errors = [str(finding) for finding in checked.findings if finding.severity == "error"]
                return self._last_good("The newest export was refused. " + " ".join(errors[:3]))
            self._is_sealed = (copy / contract.MANIFEST).exists()
            return Served(checked.snapshot)

    def _last_good(self, why: str) -> Served:
        if self._served is None:
            raise Refusal(why, f"`oversight check {self._folder}` says what to mend.")
        last_day = self._served.snapshot.coverage.last_day
        return Served(self._served.snapshot, f"{why} You are reading the one before it, with data to {last_day:%-d %B %Y}.")


def _seen(folder: Path) -> _Seen:
    found = []
    for name in (contract.MANIFEST, *(table.file_name for table in contract.TABLES)):
        try:
            stat = (folder / name).stat()
        except OSError:
            continue
        found.append((name, stat.st_size, stat.st_mtime_ns, stat.st_ino))
    return tuple(found)
