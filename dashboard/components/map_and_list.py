"""A map beside its cells as a ranked list: what is selected in one is lit in the other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from dashboard.charts.hotspot_map import HEXAGONS
from dashboard.components.page import MAP_HEIGHT, View, above, below, for_paper, palette
from dashboard.components.text import plain

_CHOSEN = "chosen-cell"
_LIST = "places-list"
# A map's selection cannot be taken back: one that the list has replaced is left behind with its key.
_TURN = "places-map-turn"
# Rows without the ones of a child or two that a long list ends in can be reached by scrolling; a map of ten years has hundreds.
_COLUMNS = {
    "nearest_place": ("Near", "Named place nearest to the middle of the hexagon"),
    "kilometres_to_place": ("km", "Kilometres from the middle of the hexagon to it"),
    "children": ("Children", "Different children"),
    "episodes": ("Episodes", "Episodes"),
}


@st.fragment
def map_and_list(view: View, name: str) -> None:
    """The map of the cells in figure `name`, and beside it a list of them in its order. One cell at most is chosen, in either.

    The list is what the keyboard reaches: a map has no point that it could.
    """
    figure = view.figure(name, chosen_cell=st.session_state.get(_CHOSEN))
    with st.container(key=f"card-{name.replace('/', '-')}"):
        if above(figure) and figure.draw is not None:
            cells = figure.frame["cell"].to_list()
            for_paper(figure)
            with st.container(key="screen-map-and-list"):
                the_map, the_list = st.columns([5, 3])
            with the_map:
                key = f"map-places-{st.session_state.get(_TURN, 0)}"
                st.pydeck_chart(
                    figure.draw(palette()),
                    height=MAP_HEIGHT,
                    alt=figure.alt,
                    key=key,
                    selection_mode="single-object",
                    on_select=lambda: _chosen_on_map(key, cells),
                )
            with the_list:
                rows = figure.frame.select(list(_COLUMNS))
                st.dataframe(
                    rows.to_arrow(),
                    height=MAP_HEIGHT,
                    hide_index=True,
                    column_config={column: _column(column) for column in _COLUMNS},
                    alt=f"{figure.definition.title}: the hexagons of the map, most children first",
                    key=_LIST,
                    selection_mode="single-row",
                    on_select=lambda: _chosen_in_list(cells),
                )
        below(figure, view.reading)


def _column(column: str) -> Any:
    label, meaning = _COLUMNS[column]
    if column == "kilometres_to_place":
        return st.column_config.NumberColumn(label, help=plain(meaning), format="%.1f", width=45)
    return st.column_config.Column(label, help=plain(meaning), width=None if column == "nearest_place" else 65)


def _chosen_on_map(key: str, cells: list[str]) -> None:
    objects = st.session_state[key]["selection"]["objects"].get(HEXAGONS, [])
    chosen = objects[0]["cell"] if objects else None
    st.session_state[_CHOSEN] = chosen
    rows = [cells.index(chosen)] if chosen in cells else []
    st.session_state[_LIST] = {"selection": {"rows": rows, "columns": [], "cells": []}}


def _chosen_in_list(cells: list[str]) -> None:
    rows = st.session_state[_LIST]["selection"]["rows"]
    st.session_state[_CHOSEN] = cells[rows[0]] if rows and rows[0] < len(cells) else None
    key = f"map-places-{st.session_state.get(_TURN, 0)}"
    if st.session_state.get(key) and st.session_state[key]["selection"]["objects"]:
        st.session_state[_TURN] = st.session_state.get(_TURN, 0) + 1
