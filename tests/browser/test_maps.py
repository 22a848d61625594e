"""Maps in a real browser: that they ask nothing of the outside, are one with their list, and stand on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, TimeoutError, expect

from dashboard.charts.map_view import MapView
from dashboard.charts.theme import LIGHT
from dashboard.exports.tables import Snapshot
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import Figure, build
from dashboard.resources import DEMO
from dashboard.scope import default_scope
from dashboard.settings import Settings
from tests.browser.conftest import SCREENSHOTS, serving
from tests.browser.test_pages import opened, settle


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A basemap folder with a square county, a road across it and one town."""
    folder = tmp_path_factory.mktemp("basemap")
    square = {"type": "Polygon", "coordinates": [[[-2.4, 52.5], [-2.4, 53.1], [-1.6, 53.1], [-1.6, 52.5], [-2.4, 52.5]]]}
    road = {"type": "LineString", "coordinates": [[-2.4, 52.5], [-1.6, 53.1]]}
    (folder / "outline.geojson").write_text(json.dumps(square), encoding="utf-8")
    (folder / "roads.geojson").write_text(json.dumps(road), encoding="utf-8")
    (folder / "places.csv").write_text("name,latitude,longitude,population\nOur Town,52.8,-2.1,9000\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def grounded_server(ground: Path) -> Iterator[str]:
    """The dashboard on the embedded demo, with a basemap."""
    with serving(basemap=str(ground)) as address:
        yield address


@pytest.fixture(scope="session")
def cells() -> Figure:
    """The map's own figure, of the scope that a page opens with."""
    snapshot = Snapshot.read(DEMO, Settings())
    return build("hotspots/cells", snapshot, default_scope(snapshot.coverage.first_day, snapshot.coverage.last_day), Settings())


def _map(page: Page) -> Locator:
    # Not the first deck of the page: while this one is drawn anew, that is the map of journeys below.
    return page.locator(".st-key-screen-map-and-list [data-testid=stDeckGlJsonChart]")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("server", ["demo_server", "grounded_server"])
def test_maps_ask_nothing_of_the_outside(browser: Browser, request: pytest.FixtureRequest, server: str, scheme: str) -> None:
    """With a ground and without, in either theme, no request leaves for another host: not at first, nor after a drag and a zoom."""
    with opened(browser, f"{request.getfixturevalue(server)}/hotspots", scheme) as page:
        for the_map in page.locator("[data-testid=stDeckGlJsonChart]").all():
            the_map.scroll_into_view_if_needed()
            box = the_map.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + 200, box["y"] + 200)
            page.mouse.down()
            page.mouse.move(box["x"] + 260, box["y"] + 240, steps=5)
            page.mouse.up()
            page.mouse.wheel(0, -300)
        page.wait_for_timeout(2000)
        assert page.faults == []  # type: ignore[attr-defined]


def test_a_place_chosen_in_the_list_is_lit_on_the_map(browser: Browser, demo_server: str) -> None:
    """Given the map, when the first row of the list is chosen, then one hexagon has an outline, and nothing else changes."""
    with opened(browser, f"{demo_server}/hotspots") as page:
        before = _pixels(_map(page))
        _choose_row(page, 0)
        rows, columns = np.nonzero(np.abs(_pixels(_map(page)) - before).max(axis=2) > 60)
        assert rows.size > 20
        assert np.ptp(rows) < 60
        assert np.ptp(columns) < 60


def test_a_hexagon_chosen_on_the_map_is_lit_in_the_list(browser: Browser, demo_server: str, cells: Figure) -> None:
    """Given the map, when its fullest hexagon is clicked, then its row is the one that is chosen in the list."""
    with opened(browser, f"{demo_server}/hotspots") as page:
        box = _map(page).bounding_box()
        assert box is not None
        assert cells.draw is not None
        state = cells.draw(LIGHT).initial_view_state
        first = cells.frame.row(0, named=True)
        right, down = MapView(state.latitude, state.longitude, state.zoom).pixels(first)
        chosen = page.locator("[data-testid=stDataFrame] [role=row][aria-selected=true]")
        for _ in range(4):
            page.mouse.click(box["x"] + box["width"] / 2 + right, box["y"] + box["height"] / 2 + down)
            # A map that has not been drawn yet, as on a busy machine, takes no click; its reader would click once more.
            with suppress(TimeoutError):
                chosen.wait_for(timeout=8_000, state="attached")
                break
        expect(chosen).to_have_count(1)
        expect(chosen).to_contain_text(first["nearest_place"])
        expect(chosen).to_have_attribute("aria-rowindex", "2")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_map_is_a_chart(browser: Browser, grounded_server: str, scheme: str) -> None:
    """On paper the deck and its list are gone, and a chart with the hexagons, the ground and its names stands there, dark on white."""
    with opened(browser, f"{grounded_server}/hotspots", scheme) as page:
        on_paper = page.locator("[class*=st-key-map-on-paper-hotspots-cells] svg.marks")
        assert not on_paper.is_visible()
        page.emulate_media(media="print")
        expect(on_paper).to_be_visible()
        for screen in page.locator("[data-testid=stDeckGlJsonChart], [class*=st-key-screen-]").all():
            assert not screen.is_visible()
        assert on_paper.locator(".mark-shape path").count() > 50
        expect(on_paper.get_by_text("Our Town").last).to_be_visible()
        ink = page.locator(".st-key-findings li").first.evaluate("e => getComputedStyle(e).color")
        assert max(int(part) for part in ink[4:-1].split(",")) < 60
        page.pdf(path=SCREENSHOTS / f"hotspots_{scheme}.pdf", format="A4", print_background=True)


def test_the_list_goes_below_the_map_where_both_do_not_fit(browser: Browser, demo_server: str) -> None:
    """At 200% zoom on a small screen the list stands below the map, with all its columns, and nothing is beyond the right edge."""
    with opened(browser, f"{demo_server}/hotspots") as page:
        page.set_viewport_size({"width": 683, "height": 384})
        page.reload()
        settle(page)
        the_map, the_list = _map(page).bounding_box(), page.locator("[data-testid=stDataFrame]").first.bounding_box()
        assert the_map is not None
        assert the_list is not None
        assert the_list["y"] >= the_map["y"] + the_map["height"]
        assert the_list["width"] > 500
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def _choose_row(page: Page, row: int) -> None:
    """Tick the box before a row of the list, which is drawn on a canvas."""
    box = page.locator("[data-testid=stDataFrame]").first.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + 18, box["y"] + 35 + 35 * row + 18)
    settle(page)


def _pixels(shown: Locator) -> np.ndarray:
    return np.asarray(Image.open(BytesIO(shown.screenshot())).convert("RGB"), dtype=int)
