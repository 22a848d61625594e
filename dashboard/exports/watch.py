"""A drop folder: every export that is put in it is checked and published, or refused with the report beside it, while readers are served.

Each sub-folder is an export; where the folder itself holds episodes.parquet, it is the one export. One whose name begins with a dot is
not looked at, so that a large export can be written under such a name and then renamed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.live import Served, and_the_one_before, last_good, opened
from dashboard.exports.manifest import fingerprint_of
from dashboard.exports.store import Published, Seen, Store, seen_in
from dashboard.settings import Settings

# Seconds from one look to the next. The folder is looked at and not listened to: a network share tells nobody of its changes.
_EVERY = 2
# Seconds without a change after which an export is taken to be whole. A manifest tells of a part that is still to come, so that without
# one it is waited for longer.
_QUIET, _QUIET_WITHOUT_MANIFEST = 4, 60


class DropFolder:
    """A folder that exports are dropped in, and the newest good one of them.

    Attributes:
        folder: where the exports come from.
        store: the versions that it serves, and the history of what was published and refused.
    """

    def __init__(self, folder: Path, settings: Settings, say: Callable[[str], None]) -> None:
        """`say` is told in a line what became of each export."""
        self.store = Store(folder, settings)
        self.folder = folder
        self._say = say
        self._seen: dict[Path, tuple[Seen, float]] = {}
        self._dealt_with: dict[Path, Seen] = {}
        self._served: Served | None = None

    def current(self) -> Served:
        """The newest good export. Nobody waits for a check.

        Raises:
            Refusal: none that passes the check has been dropped yet.
        """
        if self._served is None:
            raise Refusal(f"There is no good export in {self.folder} yet.", "Drop a folder there that holds episodes.parquet.")
        return self._served

    def start(self) -> None:
        """Look at the folder from now on, in a thread that ends with the process."""

        def look_again_and_again() -> None:
            while True:
                try:
                    self.look(time.monotonic())
                except Exception as error:
                    # A fault in one look must not be the last one.
                    self._say(f"{self.folder} could not be looked at ({error}).")
                pause.wait(_EVERY)

        pause = threading.Event()
        threading.Thread(target=look_again_and_again, name="drop folder", daemon=True).start()

    def look(self, now: float) -> None:
        """Deal with each export that has stopped changing and has not been dealt with as it is. `now` is in seconds."""
        if self._served is None:
            self._resume()
        before, self._seen = self._seen, {}
        settled = []
        for export in self._exports():
            files = seen_in(export)
            seen, since = before.get(export, ((), now))
            if files != seen:
                since = now
            self._seen[export] = files, since
            quiet = _QUIET if (export / contract.MANIFEST).exists() else _QUIET_WITHOUT_MANIFEST
            if files and now - since >= quiet and files != self._dealt_with.get(export):
                settled.append((max(changed_at for _, _, changed_at, _ in files), export, files))
        # In the order in which they were written: the newest is served in the end.
        for _, export, files in sorted(settled):
            self._deal_with(export, files)

    def _exports(self) -> list[Path]:
        if (self.folder / contract.CONTRACT["episodes"].file_name).exists():
            return [self.folder]
        return [path for path in self.folder.iterdir() if path.is_dir() and not path.name.startswith(".")]

    def _resume(self) -> None:
        """Serve what was served before the process was started."""
        history = self.store.history()
        latest = next((event for event in history if event.what != "failed"), None)
        why = f"The newest export, {latest.export}, was refused. {latest.why}" if latest and latest.what == "refused" else ""
        self._served = last_good(self.store, why)
        if self._served is None:
            return
        known = {(event.export, event.fingerprint) for event in history if event.what != "failed"}
        for export in self._exports():
            files = seen_in(export)
            if (export.name, fingerprint_of(export)) in known:
                self._dealt_with[export] = files

    def _deal_with(self, export: Path, files: Seen) -> None:
        try:
            published = self.store.publish(export)
        except Refusal as refusal:
            # Of the disk or the share, and not of the export: it is tried again.
            self._say(f"{export.name}: {refusal}")
            self._tell_readers(refusal.message)
            return
        _report(export, published)
        self._say(f"{export.name}: {published.summary}")
        if published.version is None:
            self._tell_readers(f"The newest export, {export.name}, was refused. {published.why}")
        elif snapshot := opened(self.store, published.version):
            self._served = Served(snapshot, published.version)
        else:
            return  # made anew at the next look
        self._dealt_with[export] = files

    def _tell_readers(self, why: str) -> None:
        if self._served is not None:
            served = self._served
            self._served = Served(served.snapshot, served.version, and_the_one_before(served.snapshot, why))


def _report(export: Path, published: Published) -> None:
    """Leave the findings beside a refused export, and take away those of an earlier one of its name."""
    report = export.with_name(f"{export.name}.check.txt")
    try:
        if published.version is None:
            lines = [*map(str, published.findings), published.summary]
            report.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        else:
            report.unlink(missing_ok=True)
    except OSError:
        return  # where nothing may be written, the log says it all


_watched: list[DropFolder] = []


def start(folder: Path, settings: Settings, say: Callable[[str], None]) -> None:
    """Let this process serve what is dropped in `folder`."""
    drop = DropFolder(folder, settings, say)
    drop.start()
    _watched[:] = [drop]


def watched() -> DropFolder | None:
    """The drop folder that this process serves, where it serves one."""
    return _watched[0] if _watched else None
