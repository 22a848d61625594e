"""The process that serves the dashboard: Streamlit's app with every setting passed in code, none left to a file or a default."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.charts.theme import DARK, FONT, LIGHT, Palette

ADDRESS = "127.0.0.1"
_APP = Path(__file__).resolve().parent / "app.py"
_LINKS = {"light": "#1D70B8", "dark": "#6BACE6"}


def config(port: int) -> dict[str, Any]:
    """Streamlit's settings, each for a reason that was measured or that keeps children's data where they are."""
    return {
        # Without an address of its own the server asks an outside service for one.
        "server.address": ADDRESS,
        "server.port": port,
        "server.headless": True,
        # A page of another site must not reach this one by pointing its name here.
        "server.allowedHosts": [ADDRESS, "localhost"],
        "server.enableStaticServing": True,
        # Watching files for changes halves the speed of a new session.
        "server.fileWatcherType": "none",
        "server.maxUploadSize": 1,
        "server.disconnectedSessionTTL": 60,
        "server.showEmailPrompt": False,
        # A full garbage collection after every run is most of a rerun's time.
        "runner.postScriptGC": False,
        "runner.magicEnabled": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "client.showErrorLinks": False,
        "browser.gatherUsageStats": False,
        "logger.level": "warning",
        "logger.hideWelcomeMessage": True,
        "theme.font": FONT,
        "theme.headingFont": FONT,
        "theme.fontFaces": [
            {"family": "Liberation Sans", "url": "app/static/LiberationSans-Regular.woff2", "weight": 400},
            {"family": "Liberation Sans", "url": "app/static/LiberationSans-Bold.woff2", "weight": 700},
        ],
        "theme.headingFontSizes": ["26px", "19px", "17px", "16px", "16px", "16px"],
        "theme.headingFontWeights": [700] * 6,
        "theme.metricValueFontSize": "26px",
        "theme.metricValueFontWeight": 700,
        "theme.baseRadius": "2px",
        "theme.showWidgetBorder": True,
        **_theme("light", LIGHT, background="#FFFFFF", raised="#F3F2F1", border="#B1B4B6"),
        **_theme("dark", DARK, background="#171615", raised="#24272A", border="#50575C"),
    }


def _theme(name: str, palette: Palette, *, background: str, raised: str, border: str) -> dict[str, Any]:
    return {
        f"theme.{name}.primaryColor": _LINKS[name],
        f"theme.{name}.linkColor": _LINKS[name],
        f"theme.{name}.backgroundColor": background,
        f"theme.{name}.secondaryBackgroundColor": raised,
        f"theme.{name}.textColor": palette.text,
        f"theme.{name}.grayTextColor": palette.secondary,
        f"theme.{name}.borderColor": border,
        f"theme.{name}.chartCategoricalColors": list(palette.categories),
    }


def serve(port: int) -> None:
    """Serve the export of the settings on 127.0.0.1 until the process is stopped."""
    st.App(_APP).run(config=config(port))
