"""What lies under a map: the same layers, in the same colours, on screen and on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pydeck as pdk

from dashboard.charts.heat import between, rgb
from dashboard.charts.theme import Palette

Ground = Mapping[str, Any]
"""Layer → GeoJSON, of those named below; empty for a plain ground."""


class Deck(pdk.Deck):  # type: ignore[misc]  # pydeck has no types
    """A deck that is written without a line for each coordinate: a third of the size, and it goes to the browser on every run."""

    def to_json(self) -> str:
        return json.dumps(json.loads(super().to_json()), separators=(",", ":"))


Rows = Mapping[str, Sequence[Mapping[str, Any]]]
"""Name of data → its rows, or its GeoJSON features."""


class MapOnPaper(alt.LayerChart):
    """Layers of named data, which join them when the chart is written: Altair checks and copies what a chart holds at every step, which
    takes a second for a ground, on every run of a page."""

    @classmethod
    def of(cls, chart: alt.LayerChart, rows: Rows) -> MapOnPaper:
        """The finished chart with the rows of its named data."""
        whole = cls(**chart._kwds)
        # Past Altair, which takes what is set on a chart for a property of it.
        object.__setattr__(whole, "_rows", rows)
        return whole

    def to_dict(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        made = super().to_dict(*args, **kwargs)
        return made | {"datasets": made.get("datasets", {}) | dict(self._rows)}


@dataclass(frozen=True)
class _Style:
    """A layer's colours, None for no fill or line, and the width of its line in pixels."""

    fill: str | None = None
    line: str | None = None
    width: float = 1


# Where the land beyond the outline is drawn: the British Isles, with room.
_WEST, _SOUTH, _EAST, _NORTH = -14.0, 47.0, 6.0, 63.0


def _styles(palette: Palette) -> dict[str, _Style]:
    """Each layer's look, the lowest first. An outline is two: its inside below everything, its line on top."""

    def grey(share: float) -> str:
        return between(palette.halo, palette.usual, share)

    return {
        "inside": _Style(fill=palette.halo),
        "built_up_areas": _Style(fill=grey(0.2)),
        "districts": _Style(line=grey(0.38), width=1),
        "rivers": _Style(line=between(palette.halo, palette.sequential[1], 0.65), width=1.5),
        "railways": _Style(line=grey(0.7), width=1),
        "roads": _Style(line=between(palette.halo, palette.sequential[2], 0.6), width=2),
        "outline": _Style(line=between(palette.secondary, palette.text, 0.2), width=2),
    }


def _drawn(ground: Ground, palette: Palette) -> list[tuple[str, _Style, Any]]:
    whole = dict(ground) | ({"inside": ground["outline"]} if "outline" in ground else {})
    return [(name, style, whole[name]) for name, style in _styles(palette).items() if name in whole]


def beyond(ground: Ground, palette: Palette) -> str:
    """The colour of the land beyond the outline: the page's own where there is none."""
    return between(palette.halo, palette.usual, 0.1) if "outline" in ground else palette.halo


def deck_layers(ground: Ground, palette: Palette) -> list[pdk.Layer]:
    """The ground as deck.gl layers, which no pointer reaches."""
    layers = []
    if ground:
        land = [[[_WEST, _SOUTH], [_WEST, _NORTH], [_EAST, _NORTH], [_EAST, _SOUTH], [_WEST, _SOUTH]]]
        layers.append(
            pdk.Layer(
                "GeoJsonLayer",
                {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": land}},
                id="ground-beyond",
                stroked=False,
                get_fill_color=rgb(beyond(ground, palette)),
                pickable=False,
            )
        )
    for name, style, geojson in _drawn(ground, palette):
        layers.append(
            pdk.Layer(
                "GeoJsonLayer",
                geojson,
                id=f"ground-{name}",
                filled=style.fill is not None,
                stroked=style.line is not None,
                get_fill_color=rgb(style.fill or palette.halo),
                get_line_color=rgb(style.line or palette.halo),
                get_line_width=style.width,
                line_width_units=pdk.types.String("pixels"),
                line_joint_rounded=True,
                line_cap_rounded=True,
                pickable=False,
            )
        )
    return layers


def paper_layers(ground: Ground, palette: Palette) -> tuple[list[alt.Chart], Rows]:
    """The ground as layers of a chart with a projection, and their shapes."""
    drawn = _drawn(ground, palette)
    layers = [
        alt.Chart(alt.NamedData(f"ground-{name}")).mark_geoshape(
            filled=style.fill is not None,
            fill=style.fill or "transparent",
            stroke=style.line or "transparent",
            strokeWidth=style.width,
            strokeJoin="round",
            clip=True,
        )
        for name, style, _ in drawn
    ]
    return layers, {f"ground-{name}": geojson["features"] for name, _, geojson in drawn}
