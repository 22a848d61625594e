"""How long the demo's Overview takes in a browser, beside a Streamlit page with a title and nothing else.

    python -m benchmarks.browser

Both are served with the same settings and loaded in turns in one Chromium (Debian's), which has their scripts and fonts in its cache.
A load is a new reader's: a new session on the server. A page is ready when its heading is there and the script has run to its end;
the Overview, when its findings are there too and its first chart is drawn.
"""

from __future__ import annotations

import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from playwright.sync_api import Page, sync_playwright

from dashboard.server import serve

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_SERVE_EMPTY = """
import sys
import streamlit as st
from dashboard.server.serve import config
st.App(sys.argv[1]).run(config=config(int(sys.argv[2])))
"""
SERVE = "import sys; from dashboard.cli import main; main(['open', *sys.argv[1:-1], '--port', sys.argv[-1]])"
# Milliseconds since the load began, once all of the selectors are met.
_READY = "selectors => selectors.every(selector => document.querySelector(selector)) && performance.now()"
_HAS_RUN = ("h1", "[data-testid=stApp][data-test-script-state=notRunning]")
_OVERVIEW = (*_HAS_RUN, ".st-key-findings li", "[data-testid=stVegaLiteChart] :is(canvas, svg)")


@contextmanager
def serving(*command: str) -> Iterator[str]:
    """A server, on a free port that ends the command; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen([sys.executable, "-c", *command, str(port)], stdout=subprocess.DEVNULL) as process:
        try:
            while not _is_up(port):
                if process.poll() is not None:
                    raise RuntimeError("the server ended")
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _is_up(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2) as answer:
            return bool(answer.read() == b"ok")
    except OSError:
        return False


def load(page: Page, address: str, selectors: tuple[str, ...]) -> float:
    """Milliseconds from the start of a load to a ready page."""
    page.goto(address, wait_until="commit")
    return float(page.wait_for_function(_READY, arg=list(selectors), polling="raf").json_value())


@click.command()
@click.option("--runs", default=15, show_default=True, help="Loads of each page, after two that warm.")
def main(runs: int) -> None:
    """Time both pages and print the table of README.md."""
    with ExitStack() as stack:
        script = Path(stack.enter_context(TemporaryDirectory())) / "empty.py"
        script.write_text('import streamlit as st\nst.title("Empty")\n', encoding="utf-8")
        # The theme's typeface, for both.
        shutil.copytree(Path(serve.__file__).parent / "static", script.parent / "static")
        pages = {
            "empty": (stack.enter_context(serving(_SERVE_EMPTY, str(script))), _HAS_RUN),
            "overview": (stack.enter_context(serving(SERVE)), _OVERVIEW),
        }
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = chromium.launch(executable_path=shutil.which("chromium"), args=list(FLAGS))
        page = browser.new_context(viewport={"width": 1366, "height": 768}).new_page()
        times: dict[str, list[float]] = {name: [] for name in pages}
        for run in range(runs + 2):
            for name, (address, selectors) in pages.items():
                took = load(page, address, selectors)
                if run >= 2:
                    times[name].append(took)
        browser.close()
    empty, overview = (statistics.median(times[name]) for name in ("empty", "overview"))
    click.echo("| empty page | Overview | allowed: 1.6 × empty + 600 ms |\n| ---: | ---: | ---: |")
    click.echo(f"| {empty:,.0f} ms | {overview:,.0f} ms | {1.6 * empty + 600:,.0f} ms |")


if __name__ == "__main__":
    main()
