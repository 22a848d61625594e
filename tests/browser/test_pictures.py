"""What only a browser shows of charts: that words never meet, are never cut, and stay inside, on wide pages, at 200% zoom and on paper."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.browser.test_pages import opened, settle

SCOPES = {
    "repeat runners": "repeat_runners",
    "units": "units",
    "one unit": "units?units=H01",
    "one unit of many quarters": "units?units=F01",
    "repeat runners, two months": "repeat_runners?period=2026-05-01..2026-06-30",
    "units, two months": "units?period=2026-05-01..2026-06-30",
    "units, five years": "units?period=2021-07-01..2026-06-30",
}
# A browser's 200% zoom of a window of 1366×768.
ZOOMED = {"width": 683, "height": 384}

_FAULTS = """() => {
  const faults = [];
  for (const chart of document.querySelectorAll('[data-testid=stVegaLiteChart] svg')) {
    const frame = chart.getBoundingClientRect();
    // Vega keeps the words of an axis for which there is no room, and does not show them.
    const words = [...chart.querySelectorAll('text')].filter(text => text.textContent.trim() && getComputedStyle(text).opacity !== '0')
      .map(text => ({said: text.textContent, box: text.getBoundingClientRect(), isRow: !!text.closest('.role-axis-label')}));
    const meet = (one, other) => [
      Math.min(one.right, other.right) - Math.max(one.left, other.left),
      Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top),
    ];
    for (const {said, box} of words) {
      if (box.left < frame.left - 1 || box.right > frame.right + 1 || box.top < frame.top - 1 || box.bottom > frame.bottom + 1)
        faults.push(`"${said}" runs out of its chart`);
      if (said.endsWith('…')) faults.push(`"${said}" is cut`);
    }
    words.forEach((one, index) => words.slice(index + 1).forEach(other => {
      const [wide, high] = meet(one.box, other.box);
      // Words and the halo behind them are two texts in one place.
      const isHalo = one.said === other.said && Math.abs(one.box.left - other.box.left) < 2 && Math.abs(one.box.top - other.box.top) < 2;
      if (!isHalo && wide > 1 && high > 3) faults.push(`"${one.said}" meets "${other.said}"`);
    }));
    for (const mark of chart.querySelectorAll('.mark-symbol.role-mark path'))
      for (const {said, box, isRow} of words) {
        const [wide, high] = meet(mark.getBoundingClientRect(), box);
        if (high > 4 && wide > (isRow ? -1 : 2)) faults.push(`a point meets "${said}"`);
      }
  }
  return faults;
}"""


@pytest.mark.parametrize("scope", SCOPES)
def test_words_of_charts_never_meet(browser: Browser, demo_server: str, scope: str) -> None:
    """On a wide page and at 200% zoom no words of a chart meet others or a point, are cut, or run out of it."""
    with opened(browser, f"{demo_server}/{SCOPES[scope]}") as page:
        assert page.evaluate(_FAULTS) == []
        page.set_viewport_size(ZOOMED)
        settle(page)
        assert page.evaluate(_FAULTS) == []


def test_every_control_of_the_scope_is_whole_at_200_percent(browser: Browser, demo_server: str) -> None:
    """At 200% zoom the controls stand two by two: none is cut, and none lies below the button that opens the side bar."""
    with opened(browser, f"{demo_server}/units") as page:
        page.set_viewport_size(ZOOMED)
        settle(page)
        bar = page.locator(".st-key-scope-bar")
        assert bar.locator(".st-key-scope_period input").evaluate("e => e.value && e.scrollWidth <= e.clientWidth")
        away = bar.get_by_role("radio", name="Away").or_(bar.get_by_text("Away", exact=True)).first.bounding_box()
        label, button = bar.get_by_text("Period", exact=True).bounding_box(), page.get_by_test_id("stExpandSidebarButton").bounding_box()
        assert away is not None
        assert label is not None
        assert button is not None
        assert away["x"] + away["width"] <= ZOOMED["width"]
        assert label["y"] >= button["y"] + button["height"]


@pytest.mark.parametrize("name", ["repeat_runners", "units"])
def test_charts_and_tables_fit_the_paper(browser: Browser, demo_server: str, name: str) -> None:
    """On A4 nothing is wider than the paper, no chart is stretched or has a gap, and tables stand there whole, not in scrolled parts."""
    with opened(browser, f"{demo_server}/{name}") as page:
        page.emulate_media(media="print")
        paper = 190 / 25.4 * 96 + 1
        page.wait_for_timeout(800)
        for chart in page.locator("[data-testid=stVegaLiteChart] svg").all():
            drawn, box = chart.evaluate("e => e.viewBox.baseVal.height / e.viewBox.baseVal.width"), chart.bounding_box()
            assert box is not None
            assert box["width"] <= paper
            assert box["height"] == pytest.approx(box["width"] * drawn, rel=0.02)
        tables = page.locator("[class*=st-key-paper-] table")
        assert tables.count() > 0
        for table in tables.all():
            assert table.is_visible()
            assert table.evaluate("e => e.scrollWidth") <= paper
        assert not any(grid.is_visible() for grid in page.locator("[data-testid=stDataFrame]").all())
