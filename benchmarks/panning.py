"""How the map of Hotspots follows the pointer: frames a second while it is dragged, and the script's share of a frame.

    python -m benchmarks.panning --basemap FOLDER

The export has 100,000 places where children were found, and the page shows all of them. Chromium without a screen draws on the
processor, where a graphics chip draws at the display's own rate: a frame here is slow because it is drawn, and the time of the page's
own script in it is what is left where there is such a chip. A display of 60 frames a second allows 16.7 ms.
"""

from __future__ import annotations

import math
import os
import shutil
import statistics
import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import FLAGS, SERVE, serving
from benchmarks.exports import FIRST_DAY, LAST_DAY, export_of, folder_option
from dashboard.scope import Period, Scope

# About three in four episodes have a place where the child was found.
_EPISODES = 135_000
_MILLISECONDS = 4_000
_COUNT_FRAMES = """milliseconds => { window.frames_seen = new Promise(done => {
    const began = performance.now(); let seen = 0;
    const next = now => { seen += 1; if (now - began < milliseconds) requestAnimationFrame(next); else done(seen * 1000 / (now - began)); };
    requestAnimationFrame(next);
}); }"""


def drag(page: Page) -> tuple[float, float]:
    """Frames a second while the map is dragged to and fro, and milliseconds of script in each."""
    box = page.locator("[data-testid=stDeckGlJsonChart] canvas").first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    metrics = page.context.new_cdp_session(page)
    metrics.send("Performance.enable")

    def script() -> float:
        return next(m["value"] for m in metrics.send("Performance.getMetrics")["metrics"] if m["name"] == "ScriptDuration") * 1000

    before = script()
    page.evaluate(_COUNT_FRAMES, _MILLISECONDS)
    page.mouse.move(x, y)
    page.mouse.down()
    until, step = time.monotonic() + _MILLISECONDS / 1000, 0
    while time.monotonic() < until:
        step += 1
        page.mouse.move(x + 120 * math.sin(step / 15), y + 60 * math.cos(step / 11))
    page.mouse.up()
    rate = float(page.evaluate("window.frames_seen"))
    return rate, (script() - before) / (rate * _MILLISECONDS / 1000)


@click.command()
@folder_option
@click.option("--basemap", type=click.Path(path_type=Path, exists=True, file_okay=False), help="A ground: see docs/settings.md.")
@click.option("--runs", default=5, show_default=True)
def main(folder: Path, basemap: Path | None, runs: int) -> None:
    """Drag the map on a plain ground and on the basemap, and print the table of README.md."""
    export = export_of(_EPISODES, folder)
    scope = Scope(Period(FIRST_DAY, LAST_DAY.replace(day=1)))
    with ExitStack() as stack:
        os.environ["OVERSIGHT_STORE"] = stack.enter_context(TemporaryDirectory())
        chromium = stack.enter_context(sync_playwright()).chromium
        click.echo("| ground | frames a second, drawn by the processor | script in a frame |\n| --- | ---: | ---: |")
        for ground in [None, basemap] if basemap else [None]:
            os.environ |= {"OVERSIGHT_BASEMAP": str(ground.resolve())} if ground else {}
            with serving(SERVE, str(export.folder)) as address:
                browser = chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
                page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
                page.goto(f"{address}/hotspots?period={scope.link['period']}")
                page.locator("[data-testid=stDeckGlJsonChart] canvas").first.wait_for(timeout=60_000)
                page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=60_000)
                page.wait_for_timeout(3_000)
                rates, scripts = zip(*(drag(page) for _ in range(runs)), strict=True)
                browser.close()
            name = "basemap" if ground else "plain"
            click.echo(f"| {name} | {statistics.median(rates):.1f} | {statistics.median(scripts):.1f} ms |")


if __name__ == "__main__":
    main()
