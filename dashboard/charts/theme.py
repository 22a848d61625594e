"""Colours, type and the finish of every chart. Colours are named here once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import altair as alt

FONT = "Liberation Sans, Arial, Helvetica, sans-serif"
HEIGHT = 300


@dataclass(frozen=True)
class Palette:
    """The colours of one theme, by what they say. Counts are neutral: `high` and `low` mark special causes only."""

    text: str
    secondary: str
    high: str
    low: str
    usual: str
    grid: str
    band: str
    empty_cell: str
    halo: str
    categories: tuple[str, ...]
    sequential: tuple[str, ...]


LIGHT = Palette(
    text="#0B0C0C",
    secondary="#505A5F",
    high="#C65102",
    low="#005EB8",
    usual="#6F777B",
    grid="#DADCDE",
    band="#ECF0F3",
    empty_cell="#F3F2F1",
    halo="#FFFFFF",
    categories=("#12436D", "#28A197", "#801650", "#F46A25"),
    sequential=("#BFD8EE", "#6BACE6", "#2073BC", "#12436D"),
)
DARK = Palette(
    text="#FAFAFA",
    secondary="#B7BEC4",
    high="#FF9A5C",
    low="#6BACE6",
    usual="#A8B0B6",
    grid="#33373A",
    band="#1A2026",
    empty_cell="#24272A",
    halo="#171615",
    categories=("#6BACE6", "#4CC3B8", "#E58AB8", "#FF9A5C"),
    sequential=("#1D3F61", "#20609B", "#3F8FD0", "#86BFEE"),
)


def finish(chart: Any, palette: Palette, *, right: int = 0) -> Any:
    """The chart with type, colours and padding set on itself, on a transparent ground.

    Altair's theme is one for the process and readers are threads of it, so nothing is left to a theme. `right` is the room in
    pixels for labels that stand to the right of the plot.
    """
    config = alt.Config(
        font=FONT,
        # The page gives each chart one description, made from its data. Vega's own, on every mark, would have nameless pictures in it.
        mark=alt.MarkConfig(aria=False),
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            labelColor=palette.text,
            labelFontSize=13,
            titleColor=palette.secondary,
            titleFontSize=13,
            titleFontWeight="normal",
            gridColor=palette.grid,
            domainColor=palette.usual,
            tickColor=palette.usual,
            labelLimit=260,
        ),
        axisY=alt.AxisConfig(domain=False, ticks=False, titleAngle=0, titleAlign="left", titleAnchor="start", titleY=-12, labelPadding=6),
        axisX=alt.AxisConfig(grid=False),
        legend=alt.LegendConfig(
            orient="top",
            direction="horizontal",
            labelColor=palette.text,
            labelFontSize=13,
            titleColor=palette.secondary,
            titleFontSize=13,
            titleFontWeight="normal",
            symbolSize=90,
        ),
        header=alt.HeaderConfig(
            labelColor=palette.text, titleColor=palette.secondary, labelFontSize=14, labelFontWeight="bold", title=None
        ),
        text=alt.MarkConfig(color=palette.text, fontSize=13),
        title=alt.TitleConfig(color=palette.text, fontSize=14, anchor="start", subtitleColor=palette.secondary),
    )
    # All at once: with each `configure_…` Altair copies the chart and every row in it.
    return chart.properties(
        background="transparent",
        padding={"left": 4, "top": 4, "right": max(right, 4), "bottom": 4},
        # Here and not in the configuration, which Streamlit overrules with a fit of the height too.
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
        config=config,
    )
