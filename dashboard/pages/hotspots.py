"""Hotspots: where children were found, whether any place is new, what kind of place it was, and how far they went."""

from dashboard.components.map_and_list import map_and_list
from dashboard.components.page import open_page

view = open_page("Hotspots")
cells = view.figure("hotspots/cells")
emerging = view.figure("hotspots/emerging")
nearest_places = view.figure("hotspots/nearest_places")
flows = view.figure("hotspots/flows")
distances = view.figure("hotspots/distances")
places = view.figure("hotspots/places")
view.findings(cells, emerging, distances, places)
map_and_list(view, "hotspots/cells")
view.card(emerging)
view.card(nearest_places)
view.card(distances)
view.card(places)
view.card(flows)
