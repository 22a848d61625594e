"""Hotspots: where children were found, what kind of place it was, and where they went from."""

import streamlit as st

from dashboard.components.page import open_page

view = open_page("Hotspots")
cells = view.figure("hotspots/cells")
nearest_places = view.figure("hotspots/nearest_places")
flows = view.figure("hotspots/flows")
places = view.figure("hotspots/places")
view.findings(cells, places, flows)
# A map has no point that the keyboard reaches: the same as a list stands beside it.
the_map, the_list = st.columns([3, 2])
with the_map:
    view.card(cells)
with the_list:
    view.card(nearest_places)
view.card(places)
view.card(flows)
