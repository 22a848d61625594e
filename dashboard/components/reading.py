"""What one run of the dashboard reads from: a snapshot, a scope and the settings.

`server/app.py` begins a reading on every run, before any page. A page that is reached round it finds none and stops, so that no
page is served without the scope bar and, later, without a check of who reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from dashboard.exports.live import LiveExport, Served
from dashboard.exports.tables import Snapshot
from dashboard.exports.watch import DropFolder, watched
from dashboard.scope import Scope
from dashboard.settings import Settings, load_settings

_KEY = "reading"


@dataclass(frozen=True)
class Reading:
    """A snapshot, the scope that the reader chose, and the authority's settings."""

    snapshot: Snapshot
    scope: Scope
    settings: Settings


@st.cache_resource(max_entries=1, show_spinner="Reading the export")
def _live_export(folder: Path, _settings: Settings) -> LiveExport:
    return LiveExport(folder, _settings)


def source() -> LiveExport | DropFolder:
    """Where this process has its exports from: the folder in the settings, or one that they are dropped in."""
    settings = load_settings()
    return watched() or _live_export(settings.export, settings)


def served() -> Served:
    """The newest good export; Refusal where there is none."""
    return source().current()


def export_folder() -> Path:
    """The folder that the export which readers see was put in; what lies there by now may be another one."""
    come_from = source()
    served_now = current().snapshot.fingerprint
    names = (event.export for event in come_from.store.history() if event.fingerprint == served_now)
    dropped = come_from.folder / next(names, "")
    return dropped if dropped.is_dir() else come_from.folder


def begin(reading: Reading) -> None:
    """Say what this run reads from."""
    st.session_state[_KEY] = reading


def current() -> Reading:
    """What this run reads from. Stops the script where nothing has begun one."""
    if _KEY not in st.session_state:
        st.stop()
    reading: Reading = st.session_state[_KEY]
    return reading
