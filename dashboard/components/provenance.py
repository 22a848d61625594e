"""Where the export that readers see came from: what an importer said of it, and what was published or refused before it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from dashboard.components import reading
from dashboard.components.text import plain
from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.imports.report import PAGE, ImportReport, read_report
from dashboard.figures.words import capital, day_words, listed, many
from dashboard.reports.evidence import served

_LATEST = 12
_BECAME = {"published": "In service", "refused": "Refused", "failed": "Could not be checked"}


def say_import() -> None:
    """The report of the importer that made the export, where one did."""
    version = reading.served().version
    try:
        report = read_report(version)
    except Refusal as refusal:
        st.info(plain(str(refusal)))
        return
    if report is None:
        return
    st.header(f"Imported from {plain(report.source)} on {day_words(report.imported_at)}", anchor=False)
    read, written = (
        listed(f"{many(rows, 'row')} of {name}" for name, rows in counted.items()) for counted in (report.rows_in, report.rows_out)
    )
    st.markdown(f"Read: {plain(read)}. Written: {plain(written)}.")
    _say_rules(report)
    if report.assumptions:
        st.markdown("**What was assumed**")
        st.markdown("\n".join(f"- {plain(assumption)}" for assumption in report.assumptions))
    page = version / PAGE
    if page.is_file():
        st.download_button("Download the import report", page.read_bytes, PAGE, "text/html", on_click="ignore", key="import-report")


def _say_rules(report: ImportReport) -> None:
    broken = [rule for rule in report.rules if rule.rows]
    kept = len(report.rules) - len(broken)
    st.markdown(f"Of {len(report.rules)} rules of the source, no row breaks {kept}." if broken else "No row breaks a rule of the source.")
    if broken:
        st.table(
            pl.DataFrame(
                {
                    "File": [plain(rule.file) for rule in broken],
                    "Rule": [plain(rule.rule) for rule in broken],
                    "Rows": [f"{rule.rows:,}" for rule in broken],
                    "What it means, and what was done": [plain(f"{rule.meaning} {rule.then}") for rule in broken],
                }
            ).to_arrow(),
            hide_index=True,
        )


def say_served() -> None:
    """The exports that were in service, from when to when, the latest first."""
    exports = served(reading.source().store.history())
    st.header("Exports served", anchor=False)
    st.table(
        pl.DataFrame(
            {
                "From": [_moment(export.from_at) for export in exports[:_LATEST]],
                "To": [_moment(export.to_at) if export.to_at else "in service" for export in exports[:_LATEST]],
                "Export": [plain(export.export) for export in exports[:_LATEST]],
                "Fingerprint begins": [export.fingerprint[:16] for export in exports[:_LATEST]],
            }
        ).to_arrow(),
        hide_index=True,
    )
    if len(exports) > _LATEST:
        st.caption(f"The latest {_LATEST} of {len(exports):,}.")


def say_history() -> None:
    """What was published, refused or could not be checked, the latest first."""
    history = reading.source().store.history()
    st.header("Exports that came in", anchor=False)
    shown = history[:_LATEST]
    st.table(
        pl.DataFrame(
            {
                "When": [_moment(event.at) for event in shown],
                "Export": [plain(event.export) for event in shown],
                "What became of it": [_BECAME[event.what] + (f". {plain(capital(event.why))}" if event.why else "") for event in shown],
            }
        ).to_arrow(),
        hide_index=True,
    )
    if len(history) > _LATEST:
        st.caption(f"The latest {_LATEST} of {len(history):,}.")


def _moment(at: datetime) -> str:
    local = at.astimezone(ZoneInfo(contract.LOCAL_TIME))
    return f"{day_words(local)}, {local:%H:%M}"
