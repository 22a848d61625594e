"""A real server and a real browser. Left out where there is no Chromium, unless OVERSIGHT_BROWSER_TESTS=required."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SCREENSHOTS = ROOT / "screenshots"
_CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Without a browser these tests say nothing about the product."""
    if _CHROMIUM is None and os.environ.get("OVERSIGHT_BROWSER_TESTS") != "required":
        for item in items:
            if "tests/browser/" in item.path.as_posix():
                item.add_marker(pytest.mark.skip(reason="no chromium: apt-get install chromium"))


@contextmanager
def serving(folder: Path | None = None, **settings: str) -> Iterator[str]:
    """A server of its own, on a free port of 127.0.0.1, with these settings in its environment; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from dashboard.cli import main; main()",
        "open",
        *([str(folder)] if folder else []),
        "--port",
        str(port),
    ]
    # From a directory that is not the project's: nothing may lean on where it is started.
    environment = os.environ | {f"OVERSIGHT_{name.upper()}": value for name, value in settings.items()}
    with subprocess.Popen(command, cwd="/", env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(address, process)
            yield address
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended: {process.stdout.read() if process.stdout else ''}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not come up within a minute")


@pytest.fixture(scope="session")
def demo_server() -> Iterator[str]:
    """The dashboard on the embedded demo."""
    with serving() as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=_CHROMIUM, args=list(_FLAGS))
        yield launched
        launched.close()
