"""What only a browser shows: that every page is drawn, asks nothing of the outside, fits, reads and prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import SCREENSHOTS, serving

PATHS = {
    "overview": "",
    "repeat_runners": "repeat_runners",
    "units": "units",
    "seasons": "seasons",
    "hotspots": "hotspots",
    "return_interviews": "return_interviews",
    "police_calls": "police_calls",
    "data_quality": "data_quality",
    "evidence": "evidence",
    "panel_edition": "panel_edition",
    "definitions": "definitions",
}
# Opened by a link to a page, Streamlit's front end first asks whether the server lives below that path, is told no, and looks above.
_LOOKING_FOR_THE_SERVER = re.compile(r"/[a-z_]+/_stcore/(health|host-config)$")
# A chart or map that has been drawn.
_DRAWN = "[data-testid=stVegaLiteChart] canvas, [data-testid=stVegaLiteChart] svg, [data-testid=stDeckGlJsonChart] canvas"

_BOXES = "which => [...document.querySelectorAll(which)].map(element => element.getBoundingClientRect().{})"
_ON_A_SHEET = ("[data-testid=stVegaLiteChart]", "[class*=st-key-card-]", "[data-testid=stMainBlockContainer]")


@contextmanager
def opened(browser: Browser, address: str, scheme: str = "light", **context: object) -> Iterator[Page]:
    """A page of a fresh browser context that records what goes wrong: `page.faults` (a list of sentences)."""
    with browser.new_context(viewport={"width": 1366, "height": 768}, color_scheme=scheme, **context) as fresh:  # type: ignore[arg-type]
        page = fresh.new_page()
        faults: list[str] = []
        host = address.split("/")[2]
        page.on(
            "console",
            lambda message: (
                faults.append(f"console: {message.text}")
                if message.type == "error" and not _LOOKING_FOR_THE_SERVER.search(message.location["url"])
                else None
            ),
        )
        page.on("pageerror", lambda error: faults.append(f"page error: {error}"))
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith(("data:", "blob:")) or request.url.split("/")[2] == host
                else faults.append(f"asked {request.url}")
            ),
        )
        page.faults = faults  # type: ignore[attr-defined]
        page.goto(address)
        settle(page)
        yield page


def settle(page: Page) -> None:
    """Wait until the script has run to its end and what it sent is drawn."""
    expect(page.locator("h1")).to_have_count(1, timeout=60_000)
    expect(page.locator("[data-testid=stApp][data-test-script-state=notRunning]")).to_have_count(1, timeout=60_000)
    page.wait_for_function("document.fonts.status === 'loaded'")
    # A busy machine may take seconds to draw the first chart; a page measured before would be another page.
    page.wait_for_function(
        "[...document.querySelectorAll('[data-testid=stVegaLiteChart]')].every(chart => chart.querySelector('canvas, svg'))",
        timeout=60_000,
    )
    # Vega and deck.gl finish after their element is there, and say so nowhere; a map without a graphics card takes its time.
    page.wait_for_timeout(4000 if page.locator("[data-testid=stDeckGlJsonChart]").count() else 800)


@dataclass(frozen=True)
class _Opened:
    name: str
    scheme: str
    page: Page


@pytest.fixture(scope="module", params=[(name, scheme) for name in PATHS for scheme in ("light", "dark")], ids="-".join)
def each(request: pytest.FixtureRequest, browser: Browser, demo_server: str) -> Iterator[_Opened]:
    """Each page of the demo, light and dark, at 1366×768: opened once for the tests that only look at it."""
    name, scheme = request.param
    with opened(browser, f"{demo_server}/{PATHS[name]}", scheme) as page:
        yield _Opened(name, scheme, page)


def test_a_page_is_drawn_and_asks_nothing_of_the_outside(each: _Opened) -> None:
    """No console error, no outside request, no horizontal scroll, a screenshot kept."""
    page = each.page
    SCREENSHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{each.name}_{each.scheme}.png")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert page.evaluate("(m => m.scrollWidth <= m.clientWidth)(document.querySelector('[data-testid=stMain]'))")
    assert page.locator("[data-testid=stException]").count() == 0
    assert page.faults == []  # type: ignore[attr-defined]


def test_axe_finds_nothing_of_ours(each: _Opened) -> None:
    """axe-core finds no fault of contrast, name, role, order or heading that the app's own choices cause."""
    found = Axe().run(each.page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"]}).response["violations"]
    ours = [(v["id"], [n["target"] for n in v["nodes"]][:5]) for v in found]
    assert ours == []


def test_the_first_finding_and_chart_are_above_the_fold(each: _Opened) -> None:
    """The first finding is in view, and so is the better part of the first chart or, where it comes first, table. Definitions has
    neither, and the panel's edition begins with its numbers."""
    findings = each.page.locator(".st-key-findings li")
    if each.name == "definitions":
        assert findings.count() == 0
        return
    finding = findings.first.bounding_box()
    assert finding is not None
    assert finding["y"] + finding["height"] < 768
    if each.name != "panel_edition":
        chart = each.page.locator(f"{_DRAWN}, [data-testid=stDataFrame]").first.bounding_box()
        assert chart is not None
        assert chart["y"] + chart["height"] * 0.6 < 768, chart


@pytest.mark.parametrize("name", PATHS)
def test_a_cold_server_gives_every_page_by_link(browser: Browser, name: str) -> None:
    """Asked by link as the very first thing, a page comes through the entry script, with its scope bar, or not at all."""
    with serving() as address, opened(browser, f"{address}/{PATHS[name]}") as page:
        expect(page.locator(".st-key-scope-bar").get_by_text("Period", exact=True)).to_be_visible()
        assert page.faults == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (683, 384)])
def test_every_control_of_the_bar_takes_the_mouse(browser: Browser, demo_server: str, width: int, height: int) -> None:
    """Nothing lies over the scope bar, also zoomed to 200%: a click in the middle of Missing shows missing episodes, and the menu
    beside the bar can be opened."""
    with opened(browser, f"{demo_server}/police_calls") as page:
        page.set_viewport_size({"width": width, "height": height})
        settle(page)
        page.locator(".st-key-scope-bar").get_by_text("Missing", exact=True).click(timeout=5_000)
        expect(page.get_by_text("Missing episodes, July 2025 to June 2026")).to_be_visible()
        page.locator("[data-testid=stMainMenu] button").click(timeout=5_000)
        expect(page.locator("[data-testid=stMainMenuPopover]")).to_be_visible()


def test_a_link_opens_the_same_view_and_survives_the_next_page(browser: Browser, demo_server: str) -> None:
    """A shared link opens its scope; going to another page keeps it, in the view and in the link."""
    with opened(browser, f"{demo_server}/units?period=2025-Q3&category=missing") as page:
        expect(page.get_by_text("Missing episodes, July 2025 to September 2025")).to_be_visible()
        page.get_by_role("link", name="Police calls").click()
        expect(page.locator("h1")).to_have_text("Police calls")
        settle(page)
        expect(page.get_by_text("Missing episodes, July 2025 to September 2025")).to_be_visible()
        assert "period=2025-Q3" in page.url
        assert "category=missing" in page.url


def test_the_keyboard_alone_works(browser: Browser, demo_server: str) -> None:
    """A figure's table opens by Tab and Enter or Space; focus is never trapped before it."""
    with opened(browser, demo_server) as page:
        for _ in range(60):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.innerText") == "Show as table":
                break
        else:
            pytest.fail("Tab does not reach “Show as table”")
        page.keyboard.press("Space")
        expect(page.locator("[data-testid=stDataFrame]").first).to_be_visible(timeout=15_000)


def test_a_table_is_downloaded_with_its_scope_or_not_at_all(browser: Browser, demo_server: str) -> None:
    """The button that Streamlit gives every table would write rows without scope and definition: it is there, and cannot be reached."""
    with opened(browser, f"{demo_server}/{PATHS['data_quality']}") as page:
        page.locator("[data-testid=stDataFrame]").first.hover()
        buttons = page.locator("[aria-label^='Download as CSV']")
        expect(buttons.first).to_be_attached()
        assert not any(button.is_visible() for button in buttons.all())
        expect(page.locator("[aria-label^='Search: ']").first).to_be_visible()


@pytest.mark.parametrize("name", ["overview", "units", "definitions"])
def test_a_printed_page_is_clean(browser: Browser, demo_server: str, name: str) -> None:
    """On paper there is the page and nothing of the screen's furniture, on white, from a dark screen too."""
    with opened(browser, f"{demo_server}/{PATHS[name]}", "dark") as page:
        page.emulate_media(media="print")
        page.wait_for_timeout(500)
        screen_only = (
            "[data-testid=stSidebar]",
            "[data-testid=stHeader]",
            ".st-key-scope-bar",
            "[class*=st-key-actions-]",
            ".st-key-for-whom",
        )
        for furniture in screen_only:
            assert all(not element.is_visible() for element in page.locator(furniture).all()), furniture
        assert page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor") == "rgb(255, 255, 255)"
        feet = page.evaluate("[...document.querySelectorAll('style')].map(style => style.textContent).join().match(/@bottom-left {[^}]*/g)")
        for said in ("Trentshire County Council. Missing and away episodes", "For the designated senior manager"):
            assert name == "definitions" or any(said in foot for foot in feet)
        page.pdf(path=SCREENSHOTS / f"{name}.pdf", format="A4", print_background=True)


@pytest.mark.parametrize("name", ["units", "hotspots", "data_quality"])
def test_sheets_of_paper_are_filled(browser: Browser, demo_server: str, name: str) -> None:
    """No chart is higher than a sheet has room for, and the first sheet holds what a page begins with and its first chart."""
    sheet = {"width": round(190 * 96 / 25.4), "height": round(271 * 96 / 25.4)}
    with opened(browser, f"{demo_server}/{PATHS[name]}") as page:
        settle(page)
        page.set_viewport_size(sheet)
        page.emulate_media(media="print")
        settle(page)
        tops, heights = ([page.evaluate(_BOXES.format(side), which) for which in _ON_A_SHEET] for side in ("top", "height"))
        assert max(heights[0]) <= 0.9 * sheet["height"]
        assert page.evaluate("[...document.querySelectorAll('[class*=st-key-paper-] tbody')].every(rows => rows.rows.length)")
        if name != "data_quality":  # which begins with a table
            # What only just fits is moved to the next sheet.
            assert tops[1][0] + heights[1][0] - tops[2][0] <= 0.95 * sheet["height"]
