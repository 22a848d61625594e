"""What lies under a map: the same layers, in the same colours, on screen and on paper."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
    """A layer's colour, and how many pixels wide its lines are; None where it is filled."""

    colour: str
    width: float | None = None


# Where the land beyond the outline is drawn: the British Isles, with room.
_WEST, _SOUTH, _EAST, _NORTH = -14.0, 47.0, 6.0, 63.0


def _styles(palette: Palette) -> dict[str, _Style]:
    """Each layer's look, the lowest first. An outline is two: its inside below everything, its line on top."""

    def grey(share: float) -> str:
        return between(palette.halo, palette.usual, share)

    return {
        "inside": _Style(palette.halo),
        "built_up_areas": _Style(grey(0.2)),
        "districts": _Style(grey(0.38), 1),
        "rivers": _Style(between(palette.halo, palette.sequential[1], 0.65), 1.5),
        "railways": _Style(grey(0.7), 1),
        "roads": _Style(between(palette.halo, palette.sequential[2], 0.6), 2),
        "outline": _Style(between(palette.secondary, palette.text, 0.2), 2),
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
        beyond_it = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": land}}
        layers.append(_filled("beyond", beyond_it, beyond(ground, palette)))
    for name, style, geojson in _drawn(ground, palette):
        layers.append(_filled(name, geojson, style.colour) if style.width is None else _lined(name, geojson, style))
    return layers


def _filled(name: str, geojson: Any, colour: str) -> pdk.Layer:
    return pdk.Layer("GeoJsonLayer", geojson, id=f"ground-{name}", stroked=False, get_fill_color=rgb(colour), pickable=False)


def _lined(name: str, geojson: Any, style: _Style) -> pdk.Layer:
    return pdk.Layer(
        "LineLayer",
        _segments(geojson),
        id=f"ground-{name}",
        get_source_position="from",
        get_target_position="to",
        get_color=rgb(style.colour),
        get_width=style.width,
        width_units=pdk.types.String("pixels"),
        pickable=False,
    )


def _segments(geojson: Any) -> list[dict[str, list[float]]]:
    """The straight pieces of a layer's lines and borders, each once: two neighbours share a border.

    Where no graphics chip draws, a line takes the time of its points: pieces without joints, which no one sees at a pixel or two, take
    half of that of whole lines, and each border drawn once is half of the pieces.
    """
    shapes = [feature["geometry"] for feature in geojson["features"]]
    lines = [line for shape in shapes for line in (shape["coordinates"] if shape["type"] == "Polygon" else [shape["coordinates"]])]
    pieces = dict.fromkeys(tuple(sorted(map(tuple, ends))) for line in lines for ends in pairwise(line))
    return [{"from": list(start), "to": list(end)} for start, end in pieces]


def paper_layers(ground: Ground, palette: Palette) -> tuple[list[alt.Chart], Rows]:
    """The ground as layers of a chart with a projection, and their shapes."""
    drawn = _drawn(ground, palette)
    layers = [
        alt.Chart(alt.NamedData(f"ground-{name}")).mark_geoshape(
            filled=style.width is None,
            fill=style.colour if style.width is None else "transparent",
            stroke="transparent" if style.width is None else style.colour,
            strokeWidth=style.width or 0,
            strokeJoin="round",
            clip=True,
        )
        for name, style, _ in drawn
    ]
    return layers, {f"ground-{name}": geojson["features"] for name, _, geojson in drawn}
