"""A map of arcs from units to the hexagons in which their children were found."""

from __future__ import annotations

from math import sqrt

import polars as pl
import pydeck as pdk

from dashboard.charts.ground import Deck, Ground, deck_layers
from dashboard.charts.heat import rgb
from dashboard.charts.hotspot_map import ON_TOP, deck_view, names_layer
from dashboard.charts.map_view import labels_that_fit, view_of
from dashboard.charts.theme import Palette

MOST_ARCS = 500
# Pixels.
_WIDEST, _NARROWEST = 8, 1


def flow_map(frame: pl.DataFrame, labels: pl.DataFrame, ground: Ground, palette: Palette) -> Deck:
    """Arcs, wider with more episodes and the more solid the fewer there are, from the middle of a unit's hexagon to that of the place.

    `frame`: unit (words), unit_cell, unit_latitude, unit_longitude, cell, latitude, longitude (of the middles), episodes, children,
    nearest_place, most episodes first. `labels`: name, latitude, longitude, population.
    """
    arcs = frame.head(MOST_ARCS)
    view = view_of(
        pl.concat(
            [
                arcs.select("latitude", "longitude", "episodes"),
                arcs.select(latitude="unit_latitude", longitude="unit_longitude", episodes="episodes"),
            ]
        ),
        "episodes",
    )
    most = int(arcs["episodes"][0])
    # Of five hundred the few wide ones must stand out from the mesh of the rest.
    faintest = 170 if arcs.height <= 50 else 90 if arcs.height <= 150 else 35

    def strength(episodes: int) -> float:
        """From 0 for what happened once to 1 for what happened most often."""
        return sqrt((episodes - 1) / (most - 1)) if most > 1 else 0.0

    start, end = rgb(palette.categories[1]), rgb(palette.categories[0])
    drawn = [
        {
            "from": [row["unit_longitude"], row["unit_latitude"]],
            "to": [row["longitude"], row["latitude"]],
            "width": round(_NARROWEST + (_WIDEST - _NARROWEST) * strength(row["episodes"]), 1),
            "start": [*start, round(faintest + (255 - faintest) * strength(row["episodes"]))],
            "end": [*end, round(faintest + (255 - faintest) * strength(row["episodes"]))],
            "said": f"{row['unit']} to near {row['nearest_place']}\nEpisodes: {row['episodes']:,}\nDifferent children: {row['children']:,}",
        }
        # The widest last, on top.
        for row in arcs.reverse().iter_rows(named=True)
        if row["unit_cell"] != row["cell"]
    ]
    places = pdk.Layer(
        "H3HexagonLayer",
        [{"cell": cell} for cell in arcs["cell"].unique(maintain_order=True)],
        id="places-reached",
        get_hexagon="cell",
        get_fill_color=rgb(palette.sequential[0]),
        extruded=False,
        stroked=False,
        pickable=False,
    )
    arcs_layer = pdk.Layer(
        "ArcLayer",
        drawn,
        id="arcs",
        get_source_position="from",
        get_target_position="to",
        get_source_color="start",
        get_target_color="end",
        get_width="width",
        # Seen from straight above an arc is a line; tilted to a side, two that go to and fro lie apart.
        get_height=0.3,
        get_tilt=20,
        pickable=True,
        auto_highlight=True,
    )
    units = pdk.Layer(
        "ScatterplotLayer",
        [
            {"position": [longitude, latitude], "said": unit}
            for unit, latitude, longitude in arcs.select("unit", "unit_latitude", "unit_longitude").unique(maintain_order=True).iter_rows()
        ],
        id="units",
        get_position="position",
        get_radius=5,
        radius_units=pdk.types.String("pixels"),
        get_fill_color=rgb(palette.text),
        get_line_color=rgb(palette.halo),
        stroked=True,
        line_width_min_pixels=1.5,
        parameters=ON_TOP,
        pickable=True,
    )
    starts = arcs.select(latitude="unit_latitude", longitude="unit_longitude").unique(maintain_order=True)
    names = labels_that_fit(
        pl.DataFrame(),
        labels,
        view,
        arcs["nearest_place"].unique().to_list(),
        starts,
    )
    return Deck(
        layers=[*deck_layers(ground, palette), places, arcs_layer, units, names_layer(names, palette)],
        initial_view_state=deck_view(view),
        map_provider=None,
        tooltip={"text": "{said}"},
    )
