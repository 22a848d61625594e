"""Every page, run by Streamlit's own test runner: on the demo, and on exports that lack each optional table."""

from __future__ import annotations

import io
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
import streamlit as st
from click.testing import CliRunner
from streamlit.testing.v1 import AppTest

from dashboard.cli import main
from dashboard.exports import contract
from dashboard.exports.imports.report import ImportReport, RuleFound, write_report
from dashboard.resources import DEMO
from dashboard.settings import load_settings
from tests.oracle.made import COVERS, utc, write_made

APP = Path(__file__).resolve().parents[2] / "dashboard" / "server" / "app.py"
PAGES = (
    "overview",
    "repeat_runners",
    "units",
    "seasons",
    "hotspots",
    "return_interviews",
    "police_calls",
    "data_quality",
    "evidence",
    "panel_edition",
    "definitions",
)
OPTIONAL = [table.name for table in contract.TABLES if not table.required]


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings and export read anew, before and after."""

    def forget() -> None:
        load_settings.cache_clear()
        st.cache_resource.clear()

    forget()
    yield monkeypatch
    forget()


def _run(page: str, query: dict[str, str] | None = None) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    for key, value in (query or {}).items():
        app.query_params[key] = value
    app.run()
    if page != "overview":
        app.switch_page(str(APP.parents[1] / "pages" / f"{page}.py")).run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def _titles(app: AppTest) -> list[str]:
    return [header.value for header in app.header]


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_on_the_demo(page: str, fresh: pytest.MonkeyPatch) -> None:
    """Each page opens with one title, the scope in words, how far the data reach and that they are synthetic."""
    app = _run(page)
    assert len(app.title) == 1
    said = " ".join(element.value for element in app.markdown).replace("\u2060", "").replace("\\", "")
    period = "April 2026 to June 2026" if page == "panel_edition" else "July 2025 to June 2026"
    assert f"Missing and away episodes, {period}, our children wherever placed, all units" in said
    assert "Data to 30 June 2026" in said
    assert "synthetic: no real child" in said
    if page not in ("definitions",):
        assert len(_titles(app)) >= 2


@pytest.mark.parametrize("table", OPTIONAL)
def test_pages_stand_without_an_optional_table(table: str, tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    """A missing optional table takes only its figures; each is replaced by the sentence that names what is needed."""
    for path in DEMO.glob("*.parquet"):
        if path.stem != table:
            shutil.copy(path, tmp_path)
    fresh.setenv("OVERSIGHT_EXPORT", str(tmp_path))
    load_settings.cache_clear()
    needs = []
    for page in PAGES:
        app = _run(page)
        needs += [info.value.replace("\\", "").replace("\u2060", "") for info in app.info]
    if table in ("return_interviews", "police_calls", "placements"):
        assert any(f"Needs table {table}" in need or f"of table {table}" in need for need in needs), needs


def test_dates_without_times_say_what_they_cannot_give(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    """From a source with dates only, the hour of day is not given, and the page says which column would bring it back."""
    for path in DEMO.glob("*.parquet"):
        shutil.copy(path, tmp_path)
    episodes = pl.read_parquet(tmp_path / "episodes.parquet")
    local = [pl.col(c).dt.convert_time_zone(contract.LOCAL_TIME).dt.date() for c in ("started_at", "ended_at")]
    episodes.with_columns(local).write_parquet(tmp_path / "episodes.parquet")
    fresh.setenv("OVERSIGHT_EXPORT", str(tmp_path))
    load_settings.cache_clear()
    needs = []
    for page in PAGES:
        needs += [info.value.replace("\\", "").replace("\u2060", "") for info in _run(page).info]
    assert any("times, not dates alone, in column started_at of table episodes" in need for need in needs), needs


@pytest.mark.parametrize("page", ["return_interviews", "police_calls"])
def test_a_page_of_many_cards_is_in_parts_that_its_first_line_leads_to(page: str, fresh: pytest.MonkeyPatch) -> None:
    """Each part has a link before the first of them, in their order; the findings of cards are a step lower in the headings."""
    app = _run(page)
    contents = next(element.value for element in app.markdown if element.value.startswith("On this page: "))
    assert re.findall(r"\[([^]]+)\]\(#([^)]+)\)", contents) == [(part.value, part.anchor) for part in app.header]
    assert len(app.subheader) > len(app.header)
    assert len(next(element.value for element in app.markdown if element.value.startswith("- ")).splitlines()) <= 4


def test_a_link_opens_the_same_view(fresh: pytest.MonkeyPatch) -> None:
    """A shared link opens its period and category, on whichever page, and stays in the link from page to page."""
    app = _run("units", {"period": "2025-Q3", "category": "missing"})
    said = " ".join(element.value for element in app.markdown)
    assert "Missing episodes, July 2025 to September 2025" in said
    assert app.query_params["period"] == "2025-Q3"


def test_a_bad_link_says_so_and_falls_back(fresh: pytest.MonkeyPatch) -> None:
    """A link that means nothing is answered with a sentence and the usual scope, and what it said is not repeated."""
    app = _run("overview", {"period": "<script>", "units": "nobody"})
    assert any("This link does not say a scope" in warning.value for warning in app.warning)
    assert "July 2025 to June 2026" in " ".join(element.value for element in app.markdown)
    assert not any("script" in warning.value for warning in app.warning)


def test_choosing_in_the_bar_changes_page_and_link(fresh: pytest.MonkeyPatch) -> None:
    """The controls lead and the link follows them."""
    app = _run("overview")
    app.selectbox(key="scope_period").set_value("2025-26").run()
    assert not app.exception
    assert app.query_params["period"] == "2025-26"
    assert "April 2025 to March 2026" in " ".join(element.value for element in app.markdown)


def test_no_page_is_served_round_the_entry_script(fresh: pytest.MonkeyPatch) -> None:
    """A page that is run without the entry script shows nothing: it finds no reading."""
    app = AppTest.from_file(str(APP.parents[1] / "pages" / "overview.py"), default_timeout=60).run()
    assert not app.exception
    assert not app.title
    assert not app.markdown


def test_a_bad_export_is_told_in_words(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    """With no good export every page says what is wrong and how to learn more, and nothing is served."""
    (tmp_path / "episodes.parquet").write_bytes(b"x")
    fresh.setenv("OVERSIGHT_EXPORT", str(tmp_path))
    load_settings.cache_clear()
    app = _run("overview")
    assert app.title[0].value == "There is no export to read"
    assert "oversight check" in app.text[0].value


def test_where_an_export_came_from(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    """Data quality shows the importer's report, what changed since the export before, and what came in, refused ones with the reason."""
    began = {"started_at": utc(2025, 3, 1), "ended_at": utc(2025, 3, 2), "child_id": "C1"}
    write_made(tmp_path, episodes=[{"episode_id": "E1", **began}])
    write_report(
        tmp_path,
        ImportReport(
            source="SSDA903",
            imported_at=utc(2025, 7, 1),
            covers=COVERS,
            rows_in={"missing.csv": 2},
            rows_out={"episodes": 1},
            rules=(RuleFound("574", "It overlaps.", "Both are kept.", "missing.csv", 1, ("row 2",)), RuleFound("567", "x", "y", "z", 0)),
            assumptions=("The year is 2024-25.",),
        ),
    )
    fresh.setenv("OVERSIGHT_EXPORT", str(tmp_path))
    load_settings.cache_clear()
    app = _run("data_quality")
    assert "There is no earlier export to compare this one with" in _titles(app)
    said = " ".join(element.value for element in app.markdown).replace("\u2060", "").replace("\\", "")
    assert "Imported from SSDA903 on 1 July 2025" in " ".join(_titles(app))
    assert "Read: 2 rows of missing.csv. Written: 1 row of episodes." in said
    assert "Of 2 rules of the source, no row breaks 1." in said
    assert "The year is 2024-25." in said
    write_made(tmp_path, episodes=[{"episode_id": "E1", **began}, {"episode_id": "E2", **began}])
    assert "1 new episode since the export before; 0 changed and 0 gone" in _titles(_run("data_quality"))
    (tmp_path / "episodes.parquet").write_bytes(b"PAR1")
    app = _run("data_quality")
    became = app.table[-1].value["What became of it"].to_list()
    assert became[1:] == ["In service", "In service"]
    assert became[0].startswith("Refused. ")
    assert "1 new episode since the export before; 0 changed and 0 gone" in _titles(app)


def test_one_units_page_within_the_page(fresh: pytest.MonkeyPatch) -> None:
    """A unit chosen on the Units page has its own figures in place of all units'; the choice is in no link, and children have no id."""
    app = _run("units")
    assert "Units drawn" in [box.label for box in app.selectbox]
    app.selectbox(key="choice-Show").set_value("H04").run()
    assert not app.exception, [e.message for e in app.exception]
    titles = _titles(app)
    assert any("Damsonfold" in title for title in titles)
    assert not any("Brindlewick" in title for title in titles)
    assert "units" not in app.query_params
    assert "H04" not in str(app.query_params)
    assert "Units drawn" not in [box.label for box in app.selectbox]
    assert not any(re.search(r"\bC\d{7}\b", title) for title in titles)


def test_a_scope_of_one_unit_is_its_page(fresh: pytest.MonkeyPatch) -> None:
    """Where the scope holds one unit alone there is nothing to choose: its page is shown."""
    app = _run("units", {"units": "H04"})
    assert "choice-Show" not in [box.key for box in app.selectbox]
    assert any("Damsonfold" in title for title in _titles(app))


def test_no_childs_course_is_shown_unasked(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    """Repeat runners may stand on a wall: a child's course is there once that child is chosen, and the link does not name the child."""
    write_made(
        tmp_path / "export",
        episodes=[{"child_id": child, "started_at": utc(2025, 6, day, 20), "ended_at": None} for day, child in ((1, "C1"), (3, "C2"))],
    )
    fresh.setenv("OVERSIGHT_EXPORT", str(tmp_path / "export"))
    load_settings.cache_clear()
    app = _run("repeat_runners")
    trajectory = "shown-repeat_runners-trajectory"
    assert trajectory not in [group.key for group in app.button_group]
    app.selectbox(key="choice-Child").set_value("C2").run()
    assert not app.exception
    assert trajectory in [group.key for group in app.button_group]
    assert "C2" not in str(dict(app.query_params))


def test_a_printed_command_gives_the_rows_of_the_page(tmp_path: Path, fresh: pytest.MonkeyPatch) -> None:
    """Given a child chosen on the Evidence page, then the link does not name the child, and the command that the page prints writes the
    rows that the page shows, under the fingerprint that it shows."""
    write_made(
        tmp_path / "export",
        episodes=[
            {"child_id": "C1", "unit_id": "U1", "started_at": utc(2025, 5, 3, 20), "ended_at": utc(2025, 5, 4, 1)},
            {"child_id": "C2", "unit_id": "U1", "started_at": utc(2025, 6, 3, 20), "ended_at": None},
        ],
        units=[{"unit_id": "U1"}],
    )
    fresh.setenv("OVERSIGHT_EXPORT", str(tmp_path / "export"))
    load_settings.cache_clear()
    app = _run("evidence")
    app.selectbox(key="choice-Child").set_value("C2").run()
    app.button_group(key="shown-evidence-chain").set_value("How this is worked out").run()
    assert not app.exception
    assert "C2" not in str(dict(app.query_params))
    lines = [code.value for code in app.code if code.value.startswith("oversight figures evidence/chain")]
    assert lines
    program, *words = shlex.split(lines[0])
    written = CliRunner().invoke(main, words)
    assert (program, written.exit_code) == ("oversight", 0), written.output
    rows = pl.read_csv(io.StringIO(written.output), comment_prefix="#")
    assert rows["child_id"].to_list() == ["C2"]
    fingerprint = next(line for line in written.output.splitlines() if line.startswith("# Export: ")).removeprefix("# Export: ")
    assert any(fingerprint in caption.value for caption in app.caption)
    assert app.table[-1].value["Fingerprint begins"].to_list() == [fingerprint[:16]]
