"""Figures written as files."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import build
from dashboard.reports.files import as_csv, as_json, data_to, plain_cell
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle.made import opened, utc

_SCOPE = Scope(Period.parse("2025-Q2"))


def test_csv_opens_with_its_scope_and_definition() -> None:
    """The first lines of a CSV say what it is, its scope, how far the data reach, the definition and the export's fingerprint."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 6, 1, 20)}])
    figure = build("overview/months", snapshot, _SCOPE, Settings())
    lines = as_csv(figure, snapshot).splitlines()
    head = [line for line in lines if line.startswith("# ")]
    assert lines[: len(head)] == head
    for said in ("overview/months", "April 2025 to June 2025", "Data to 30 June 2025", "Counted: ", snapshot.fingerprint):
        assert any(said in line for line in head)
    rows = list(csv.DictReader(io.StringIO("\n".join(lines[len(head) :]))))
    assert [(row["month"], row["episodes"]) for row in rows] == [("2025-04-01", "0"), ("2025-05-01", "0"), ("2025-06-01", "1")]


def test_what_must_be_said_beside_the_last_day() -> None:
    """Coverage that is inferred, an export that nothing seals and data of no real child are said wherever the last day is."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 6, 1, 20)}])
    assert data_to(snapshot.coverage) == "Data to 30 June 2025 (synthetic: no real child)"
    unsealed = replace(snapshot.coverage, is_inferred=True, is_sealed=False, is_synthetic=False)
    assert data_to(unsealed) == "Data to 30 June 2025, coverage inferred, not sealed"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "|x", "%x", "\uff1d1", " =1", "\t=1"])
def test_a_cell_is_never_a_formula(text: str) -> None:
    """A name that a spreadsheet would run begins with an apostrophe."""
    assert plain_cell(text).startswith("'")


def test_a_plain_cell_is_left_alone() -> None:
    """Ordinary names keep every letter; control and direction characters go."""
    assert plain_cell("Alder House – 2") == "Alder House – 2"
    assert plain_cell("Al\u202eder\x07") == "Alder"


def test_json_has_the_promised_form() -> None:
    """Scope, export and figures by name; instants with their offset, nulls null."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2025, 6, 29, 20), "ended_at": None}], units=[{"unit_id": "U1"}])
    figures = [build(name, snapshot, _SCOPE, Settings()) for name in ("overview/open_episodes", "overview/national")]
    said = json.loads(as_json(figures, _SCOPE, snapshot))
    assert said["scope"]["period"] == "2025-Q2"
    assert said["export"] == {"fingerprint": snapshot.fingerprint, "from": "2024-01-01", "to": "2025-06-30", "synthetic": True}
    open_episodes = said["figures"]["overview/open_episodes"]
    assert open_episodes["needs"] is None
    assert open_episodes["rows"][0]["started_at"] == "2025-06-29T21:00:00+01:00"
    assert open_episodes["rows"][0]["risk"] is None
    national = said["figures"]["overview/national"]
    assert national["rows"] == []
    assert national["needs"].startswith("Needs column looked_after_from of table children") or "table children" in national["needs"]


def test_no_head_line_holds_a_formula() -> None:
    """A unit called so that a comma and a formula follow is not run by a spreadsheet from the lines above the rows."""
    snapshot, _ = opened(
        episodes=[{"started_at": utc(2025, 6, 1, 20), "unit_id": "U1"}], units=[{"unit_id": "U1", "name": 'Oak,=HYPERLINK("x")'}]
    )
    scope = Scope(Period.parse("2025-Q2"), units=("U1",))
    lines = as_csv(build("overview/months", snapshot, scope, Settings()), snapshot).splitlines()
    named = [line for line in lines if "Oak" in line]
    assert named
    assert all("Oak,'=HYPERLINK" in line for line in named)
