"""The Hotspots figures, against plain Python and by their rules."""

from __future__ import annotations

import json

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
    assert made["cells"].finding == f"6 children were found near {burton}, the most in one area"
    assert made["nearest_places"].finding == f"6 children were found nearest to {burton}, the most of any place"
    assert made["flows"].finding == f"Most often: U1 House to {burton}, 6 episodes, about {kilometres:.0f} km"
    assert made["places"].finding == "8 of 11 episodes ended away from any unit; most often: friend, 8"


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
    assert build("hotspots/cells", snapshot, YEAR, Settings()).finding == "3 children were found in each of 2 areas, the most in one"
    assert build("hotspots/nearest_places", snapshot, YEAR, Settings()).finding == "2 places lead, with 3 children each"
    assert build("hotspots/flows", snapshot, YEAR, Settings()).finding == "2 journeys from a unit to a place lead, with 3 episodes each"


@pytest.mark.parametrize("name", ["cells", "nearest_places", "flows", "places"])
def test_nothing_in_the_period(name: str) -> None:
    """A period without an episode gives a sentence and no chart."""
    snapshot, _ = opened(episodes=_found(BURTON, 3), units=UNITS)
    made = build(f"hotspots/{name}", snapshot, Scope(Period.parse("2025-03")), Settings())
    assert made.finding.startswith("No ")
    assert "March 2025" in made.finding
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
