"""The Hotspots figures, against plain Python and by their rules."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import h3
import pydeck as pdk
import pytest
from hypothesis import given

from dashboard.charts.theme import DARK, LIGHT
from dashboard.figures.figure import build, what_is_needed
from dashboard.scope import Period, Scope
from dashboard.settings import Settings
from tests.oracle import hotspots as oracle
from tests.oracle.checking import agree
from tests.oracle.made import Rows, Tables, exports, opened, scopes, utc

YEAR = Scope(Period.parse("2024-01-01..2024-12-31"))
STAFFORD, BURTON = (52.8062, -2.1171), (52.8019, -1.6367)


@given(exports(), scopes())
def test_cells(tables: Tables, scope: Scope) -> None:
    """Different children, episodes and units by cell; where no place found is known, last seen; found at a unit left out."""
    if any(row["found_latitude"] or row["last_seen_latitude"] for row in tables["episodes"]):
        agree("hotspots/cells", tables, scope, oracle.cells)


@given(exports(), scopes())
def test_nearest_places(tables: Tables, scope: Scope) -> None:
    """A child found in two cells of one town counts once for the town."""
    if any(row["found_latitude"] or row["last_seen_latitude"] for row in tables["episodes"]):
        agree("hotspots/nearest_places", tables, scope, oracle.nearest_places)


@given(exports(), scopes())
def test_flows(tables: Tables, scope: Scope) -> None:
    """Episodes and children by unit and cell; no distance where the unit has no point; no unit is a row of its own."""
    if any(row["found_latitude"] or row["last_seen_latitude"] for row in tables["episodes"]):
        agree("hotspots/flows", tables, scope, oracle.flows)


@given(exports(), scopes())
def test_places(tables: Tables, scope: Scope) -> None:
    """Every episode of the scope is in one row, those with nothing recorded too."""
    if any(row["found_place"] for row in tables["episodes"]):
        agree("hotspots/places", tables, scope, oracle.places)


@given(exports(), scopes())
def test_distances(tables: Tables, scope: Scope) -> None:
    """Bands from point to point; no unit or no point of it is in no band; without an outline nothing is said of outside."""
    if any(row["found_latitude"] or row["last_seen_latitude"] for row in tables["episodes"]):
        agree("hotspots/distances", tables, scope, oracle.distances)


@given(exports(most_episodes=80), scopes())
def test_emerging(tables: Tables, scope: Scope) -> None:
    """Different children by cell and quarter, the exact binomial tail, and the steps of Benjamini and Hochberg."""
    if any(row["found_latitude"] or row["last_seen_latitude"] for row in tables["episodes"]):
        agree("hotspots/emerging", tables, scope, oracle.emerging)


def _found(where: tuple[float, float], children: int, **more: object) -> Rows:
    return [
        {
            "episode_id": f"{where}-{n}-{more}",
            "child_id": f"C{n}",
            "started_at": utc(2024, 2, 1 + n, 20),
            "unit_id": "U1",
            "found_latitude": where[0],
            "found_longitude": where[1],
            "found_place": "friend",
            "found_by": "police",
        }
        | more
        for n in range(children)
    ]


UNITS = [{"unit_id": "U1", "latitude": STAFFORD[0], "longitude": STAFFORD[1]}]


def test_findings_count_and_name_places() -> None:
    """The findings say which area, kind of place and journey lead, in counts."""
    episodes = _found(BURTON, 6) + _found(STAFFORD, 2) + _found(STAFFORD, 3, found_place="unit")
    snapshot, _ = opened(episodes=episodes, units=UNITS)
    made = {name: build(f"hotspots/{name}", snapshot, YEAR, Settings()) for name in ("cells", "nearest_places", "flows", "places")}
    burton, kilometres = made["flows"].frame.select("nearest_place", "kilometres").row(0)
    assert made["cells"].finding == f"6 children were found near {burton}, the most in one hexagon"
    assert made["nearest_places"].finding == f"6 children were found nearest to {burton}, the most of any place"
    assert made["flows"].finding == f"Most often: U1 House to {burton}, 6 episodes, about {kilometres:.0f} km"
    assert made["places"].finding == "8 of 11 ended outside units, most often “friend”; 11 found by police"


def test_how_children_were_found_is_of_the_same_episodes() -> None:
    """Where and how are counted over the episodes whose kind of place is recorded; who came back is not said to be found."""
    episodes = _found(BURTON, 4, found_by="own_accord") + _found(STAFFORD, 3) + _found(STAFFORD, 6, found_place=None)
    snapshot, _ = opened(episodes=episodes, units=UNITS)
    finding = build("hotspots/places", snapshot, YEAR, Settings()).finding
    assert finding == "7 of 7 ended outside units, most often “friend”; 4 returned by themselves"
    alone, _ = opened(episodes=_found(BURTON, 2, found_by=None) + _found(STAFFORD, 1, found_place=None), units=UNITS)
    assert build("hotspots/places", alone, YEAR, Settings()).finding == "2 of 2 ended outside units, most often “friend”"


def test_a_journey_of_some_streets_is_not_about_no_kilometres() -> None:
    """A place less than a kilometre from the unit is under 1 km away."""
    middle = h3.cell_to_latlng(h3.latlng_to_cell(*BURTON, 7))
    unit = {"unit_id": "U1", "name": "U1 House", "latitude": middle[0], "longitude": middle[1]}
    snapshot, _ = opened(episodes=_found(BURTON, 6), units=[unit])
    assert build("hotspots/flows", snapshot, YEAR, Settings()).finding.endswith(", 6 episodes, under 1 km")


def test_what_is_left_out_is_counted() -> None:
    """Episodes found at a unit, with no place, and placed by where the child was last seen are each counted in a caveat."""
    nowhere = {"found_latitude": None, "found_longitude": None}
    episodes = [
        *_found(BURTON, 2),
        *_found(STAFFORD, 3, found_place="unit"),
        *_found(STAFFORD, 1, **nowhere),
        *_found(STAFFORD, 2, **nowhere, last_seen_latitude=STAFFORD[0], last_seen_longitude=STAFFORD[1]),
    ]
    snapshot, _ = opened(episodes=episodes, units=UNITS)
    made = build("hotspots/cells", snapshot, YEAR, Settings())
    assert made.frame["episodes"].sum() == 4
    said = " ".join(made.caveats)
    assert "3 episodes are left out: the child was found at a unit." in said
    assert "1 episode is left out: no place is recorded." in said
    assert "2 episodes are placed by where the child was last seen" in said


def test_last_seen_serves_where_no_place_found_is_ever_recorded() -> None:
    """Either pair of coordinates will do; the finding then says "last seen", not "found"."""
    seen = {"last_seen_latitude": BURTON[0], "last_seen_longitude": BURTON[1]}
    snapshot, _ = opened(episodes=[{"started_at": utc(2024, 2, n, 20), **seen} for n in (1, 2)])
    made = build("hotspots/cells", snapshot, YEAR, Settings())
    assert made.finding.startswith("1 child was last seen near")


def test_needs_either_pair_of_coordinates() -> None:
    """Without any coordinates the sentence names both columns that would bring the figure back."""
    snapshot, _ = opened(episodes=[{"started_at": utc(2024, 2, 1)}])
    assert build("hotspots/cells", snapshot, YEAR, Settings()).needs == (
        "Needs column found_latitude of table episodes or column last_seen_latitude of table episodes"
        " and column found_longitude of table episodes or column last_seen_longitude of table episodes."
    )
    assert build("hotspots/places", snapshot, YEAR, Settings()).needs == "Needs column found_place of table episodes."


def test_one_of_two_needs_is_enough() -> None:
    """A need of the form "A or B" is met by either, and named with both where neither is there."""
    assert what_is_needed(("episodes.risk or episodes.category",), frozenset({"episodes.category"})) is None
    assert what_is_needed(("episodes.risk or episodes.category",), frozenset()) == (
        "Needs column risk of table episodes or column category of table episodes."
    )


def test_areas_that_lead_together_are_not_ranked() -> None:
    """Of two areas with as many children neither is called the first."""
    snapshot, _ = opened(episodes=_found(BURTON, 3) + _found(STAFFORD, 3), units=UNITS)
    assert build("hotspots/cells", snapshot, YEAR, Settings()).finding == "3 children were found in each of 2 hexagons, the most in one"
    assert build("hotspots/nearest_places", snapshot, YEAR, Settings()).finding == "2 places lead, with 3 children each"
    assert build("hotspots/flows", snapshot, YEAR, Settings()).finding == "2 journeys from a unit to a place lead, with 3 episodes each"


@pytest.mark.parametrize("name", ["cells", "nearest_places", "flows", "places", "distances"])
def test_nothing_in_the_period(name: str) -> None:
    """A period without an episode gives a sentence of 15 words at most, however long its name, and no chart."""
    snapshot, _ = opened(episodes=_found(BURTON, 3), units=UNITS)
    made = build(f"hotspots/{name}", snapshot, Scope(Period.parse("2025-03-01..2025-04-30")), Settings())
    assert made.finding.startswith("No ")
    assert len(made.finding.split()) <= 15
    assert made.draw is None


def test_map_asks_nothing_of_the_outside_and_shows_no_point() -> None:
    """No tile style is named, no address is in the map, and the coordinates in it are middles of cells, never where a child was."""
    snapshot, _ = opened(episodes=_found(BURTON, 6), units=UNITS)
    made = build("hotspots/cells", snapshot, YEAR, Settings())
    for palette in (LIGHT, DARK):
        written = made.draw(palette).to_json()
        deck = json.loads(written)
        # As pydeck has it where no `map_style` is given at all.
        assert deck["mapStyle"] == json.loads(pdk.Deck(map_provider=None).to_json())["mapStyle"]
        assert "http" not in written
        assert str(BURTON[0]) not in written
        hexagons = next(layer for layer in deck["layers"] if layer["id"] == "hexagons")
        assert [cell["number"] for cell in hexagons["data"]] == ["6"]


def _over_the_months(where: tuple[float, float], months: dict[tuple[int, int], int], **more: object) -> Rows:
    """In each month so many different children, found in one place; the same children from month to month."""
    return [
        {
            "episode_id": f"{where}{year}{month}{n}{more}",
            "child_id": f"C{n}",
            "started_at": utc(year, month, 1 + n, 20),
            "unit_id": "U1",
            "found_latitude": where[0],
            "found_longitude": where[1],
            "found_place": "friend",
        }
        | more
        for (year, month), children in months.items()
        for n in range(children)
    ]


FIVE_QUARTERS = dict.fromkeys([(2024, 4), (2024, 7), (2024, 10), (2025, 1), (2025, 4)], 12)
TO_JUNE = Scope(Period.parse("2024-07-01..2025-06-30"))


def test_a_new_place_is_named_with_what_was_expected() -> None:
    """Given twelve children active in every quarter, when nine are found where none was before, then that place is new and no other."""
    episodes = _over_the_months(STAFFORD, FIVE_QUARTERS) + _over_the_months(BURTON, {(2025, 5): 9})
    snapshot, _ = opened(episodes=episodes, units=UNITS)
    made = build("hotspots/emerging", snapshot, TO_JUNE, Settings())
    assert made.finding == "New near Burton upon Trent: 9 children in three months, 2 expected"
    assert made.frame["is_emerging"].to_list() == [True, False]
    on_map = json.loads(build("hotspots/cells", snapshot, TO_JUNE, Settings()).draw(LIGHT).to_json())
    layers = {layer["id"]: layer["data"] for layer in on_map["layers"]}
    assert [cell["cell"] for cell in layers["new"]] == [made.frame["cell"][0]]
    assert "New: 9 children in 3 months, 2 expected" in [label["name"] for label in layers["places"]]


def test_one_child_makes_no_place_new() -> None:
    """Thirty episodes of one child in a new place name nothing: children are counted."""
    often = [
        {**row, "child_id": "C1", "episode_id": f"often{n}"}
        for n, row in enumerate(_over_the_months(BURTON, {(2025, 5): 28, (2025, 6): 2}))
    ]
    snapshot, _ = opened(episodes=_over_the_months(STAFFORD, FIVE_QUARTERS) + often, units=UNITS)
    assert build("hotspots/emerging", snapshot, TO_JUNE, Settings()).finding == "No place is new beyond chance in the latest three months"


def test_a_new_place_needs_fifteen_months() -> None:
    """An export that does not reach back four quarters before the latest gives no place, and says what is needed."""
    snapshot, _ = opened(episodes=_over_the_months(BURTON, {(2025, 5): 9}), units=UNITS)
    made = build("hotspots/emerging", snapshot, Scope(Period.parse("2024-Q4")), Settings())
    assert made.finding == "Too few months to tell a new place: 15 are needed to December 2024"
    assert made.frame.is_empty()


def test_a_month_that_is_not_over_is_in_no_quarter() -> None:
    """The latest quarter ends with the last whole month that the export covers."""
    snapshot, _ = opened((date(2024, 1, 1), date(2025, 6, 20)), episodes=_over_the_months(BURTON, {(2025, 6): 9}), units=UNITS)
    assert build("hotspots/emerging", snapshot, TO_JUNE, Settings()).parameters["latest_to"] == date(2025, 5, 31)


def _square(middle: tuple[float, float], reach: float = 0.1) -> dict:
    (north, east) = middle
    ring = [[east + x * reach, north + y * reach] for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1), (-1, -1))]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def ground(tmp_path: Path) -> Path:
    """A basemap folder: an outline about Stafford, one road, a place and an attribution."""
    (tmp_path / "outline.geojson").write_text(json.dumps(_square(STAFFORD)), encoding="utf-8")
    road = {"type": "LineString", "coordinates": [[-2.3, 52.7], [-1.5, 52.9]]}
    (tmp_path / "roads.geojson").write_text(json.dumps({"type": "Feature", "properties": {}, "geometry": road}), encoding="utf-8")
    (tmp_path / "places.csv").write_text("name,latitude,longitude\nOur Town,52.70,-2.0\n", encoding="utf-8")
    (tmp_path / "attribution.txt").write_text("Drawn by us.\n", encoding="utf-8")
    return tmp_path


def test_outside_the_area_is_by_the_outline(ground: Path) -> None:
    """With an outline, episodes found outside it are counted over all with a place, whatever the distance."""
    snapshot, _ = opened(episodes=_found(BURTON, 6) + _found(STAFFORD, 2), units=UNITS)
    made = build("hotspots/distances", snapshot, YEAR, Settings(basemap=ground))
    assert made.frame.row(5) == ("outside the area", 6, 0.75, 8, 6)
    assert made.finding == "2 of 8 were found within 5 km, 6 beyond 20; 6 outside the area"
    assert "Outside the area: 6 of 8 episodes (75%), by the middle of the hexagon." in made.caveats
    plain = build("hotspots/distances", snapshot, YEAR, Settings())
    assert plain.frame["episodes"][5] is None
    assert any("needs its outline" in caveat for caveat in plain.caveats)


def test_ground_is_drawn_under_the_cells_on_screen_and_on_paper(ground: Path) -> None:
    """What the folder has is drawn, below the hexagons and above nothing of theirs, with its names and its attribution."""
    snapshot, _ = opened(episodes=_found(BURTON, 6), units=UNITS)
    made = build("hotspots/cells", snapshot, YEAR, Settings(basemap=ground))
    for palette in (LIGHT, DARK):
        deck = json.loads(made.draw(palette).to_json())
        assert [layer["id"] for layer in deck["layers"]][:5] == [
            "ground-beyond",
            "ground-inside",
            "ground-roads",
            "ground-outline",
            "hexagons",
        ]
        paper = made.draw_on_paper(palette).to_dict()
        shapes = [paper["datasets"][layer["data"]["name"]] for layer in paper["layer"] if layer["mark"]["type"] == "geoshape"]
        # The outline's inside, the road, the outline; one hexagon; nothing new.
        assert [len(shape) for shape in shapes] == [1, 1, 1, 1, 0]
        assert "http" not in json.dumps({**paper, "$schema": ""})
    assert "The ground: Drawn by us." in made.caveats
    assert not any("GeoNames" in caveat for caveat in made.caveats)


def test_a_border_of_two_districts_is_drawn_once(tmp_path: Path) -> None:
    """Neighbours share a border: two squares side by side, wound either way, have seven sides and not eight."""
    west, east = [[0, 51], [0, 52], [1, 52], [1, 51], [0, 51]], [[1, 51], [2, 51], [2, 52], [1, 52], [1, 51]]
    districts = {"type": "MultiPolygon", "coordinates": [[west], [east]]}
    (tmp_path / "districts.geojson").write_text(json.dumps(districts), encoding="utf-8")
    snapshot, _ = opened(episodes=_found(BURTON, 6), units=UNITS)
    layers = json.loads(build("hotspots/cells", snapshot, YEAR, Settings(basemap=tmp_path)).draw(LIGHT).to_json())["layers"]
    (borders,) = [layer["data"] for layer in layers if layer["id"] == "ground-districts"]
    sides = {frozenset((tuple(side["from"]), tuple(side["to"]))) for side in borders}
    assert len(borders) == len(sides) == 7
    assert frozenset(((1, 51), (1, 52))) in sides


def test_a_basemap_that_cannot_be_read_leaves_a_plain_ground(tmp_path: Path) -> None:
    """A fault of the basemap takes the ground and never the figure; the caveat says what is wrong."""
    (tmp_path / "roads.geojson").write_text("no json", encoding="utf-8")
    snapshot, _ = opened(episodes=_found(BURTON, 6), units=UNITS)
    made = build("hotspots/cells", snapshot, YEAR, Settings(basemap=tmp_path))
    assert any("plain ground. roads.geojson is not GeoJSON" in caveat for caveat in made.caveats)
    assert not [layer for layer in json.loads(made.draw(LIGHT).to_json())["layers"] if layer["id"].startswith("ground")]


def test_arcs_begin_and_end_at_the_middle_of_a_hexagon() -> None:
    """An arc shows no point: a unit may be a family's home, and a place may be a door."""
    snapshot, _ = opened(episodes=_found(BURTON, 6) + _found(STAFFORD, 1, unit_id="U2"), units=[*UNITS, {"unit_id": "U2"}])
    made = build("hotspots/flows", snapshot, YEAR, Settings())
    written = made.draw(LIGHT).to_json()
    layers = {layer["id"]: layer["data"] for layer in json.loads(written)["layers"]}
    assert [arc["said"].split("\n")[0] for arc in layers["arcs"]] == ["U1 House to near Burton upon Trent"]
    on_paper = made.draw_on_paper(LIGHT).to_dict()
    (journey,) = on_paper["datasets"]["journeys"]
    assert (journey["latitude"], journey["to_latitude"]) == pytest.approx((layers["arcs"][0]["from"][1], layers["arcs"][0]["to"][1]))
    for degrees in (*BURTON, *STAFFORD):
        assert str(degrees) not in written + json.dumps(on_paper)
    assert "1 episode from a unit without a point: in the table, not on the map." in made.caveats
    assert "unit_latitude" not in made.frame.columns


@pytest.mark.parametrize(("once", "drawn"), [(20, 21), (200, 1)])
def test_of_many_journeys_those_made_once_are_not_drawn(once: int, drawn: int) -> None:
    """Among some, every journey has its arc; among hundreds only those made more than once, and the caveat says how many they are."""
    apart = [(52.0 + 0.05 * (n % 20), -2.5 + 0.1 * (n // 20)) for n in range(once)]
    rows = [row for n, place in enumerate(apart) for row in _found(place, 1, child_id=f"once{n}")]
    snapshot, _ = opened(episodes=[*_found(BURTON, 6), *rows], units=UNITS)
    made = build("hotspots/flows", snapshot, YEAR, Settings())
    assert made.frame.height == once + 1
    layers = {layer["id"]: layer["data"] for layer in json.loads(made.draw(LIGHT).to_json())["layers"]}
    assert len(layers["arcs"]) == len(made.draw_on_paper(LIGHT).to_dict()["datasets"]["journeys"]) == drawn
    said = [caveat for caveat in made.caveats if caveat.startswith("The map shows")]
    assert said == (["The map shows the 1 journey made more than once; the table has all 201."] if drawn == 1 else [])
