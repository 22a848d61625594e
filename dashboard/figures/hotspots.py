"""The figures of the Hotspots page: where children were found, and where they went from.

Nothing here is finer than an H3 cell: a point would be a front door.
"""

from __future__ import annotations

from functools import lru_cache
from math import sqrt

import h3
import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.hotspot_map import BAND_WORDS, hotspot_map
from dashboard.charts.places import FINDERS
from dashboard.charts.places import places as places_chart
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import code_words, many, number
from dashboard.resources import REFERENCE

_A_PLACE = (
    "episodes.found_latitude or episodes.last_seen_latitude",
    "episodes.found_longitude or episodes.last_seen_longitude",
)
_GUIDANCE = "Department for Education, statutory guidance on children who run away or go missing, January 2014: where children are found."
_LISTED = 10
# Codes whose words elsewhere would mislead here.
_PLACE_WORDS = {"unit": "a unit", "other": "elsewhere"}


@figure(
    Definition(
        name="hotspots/cells",
        title="Where children are found",
        counts="Different children, and episodes that began in the period, by the hexagon in which the child was found; where that is "
        "not recorded, last seen. Episodes found at a unit are left out.",
        matters="Different children drawn to one place may be drawn by one thing: a person, a flat, a station.",
        source=f"{_GUIDANCE} Hexagons: H3. Nearest place: in a straight line, from GeoNames.",
        columns={
            "cell": "H3 cell",
            "latitude": "of the cell's centre, WGS 84 degrees",
            "longitude": "of the cell's centre, WGS 84 degrees",
            "children": "different children",
            "episodes": "episodes",
            "units": "different units that they went from",
            "nearest_place": "named place nearest to the cell's centre",
            "kilometres_to_place": "kilometres from the centre to it",
            "episodes_last_seen": "episodes placed by where the child was last seen",
        },
        caveat="Nothing finer than a hexagon is shown: a point would be a front door.",
        needs=_A_PLACE,
    )
)
def cells(asked: Asked) -> Shown:
    frame = asked.rows()
    found = _found(asked)
    if frame.is_empty():
        return Shown(frame=frame, finding=_nowhere(asked), alt="No place to draw.", caveats=_left_out(asked, frame))
    episodes, most = int(frame["episodes"].sum()), int(frame["children"][0])
    leading = frame.filter(pl.col("children") == most)
    whom = many(most, "child", "children")
    were = f"{whom} {'was' if most == 1 else 'were'} {found}"
    finding = (
        f"{were} near {leading['nearest_place'][0]}, the most in one area"
        if leading.height == 1
        else f"{were} in each of {leading.height} areas, the most in one"
    )
    across = round(sqrt(3) * h3.average_hexagon_edge_length(asked.settings.cell_resolution, unit="km"))
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Map of {many(frame.height, 'hexagon')} about {across} km across, by how many different children were {found} there, over "
        f"{many(episodes, 'episode')}. {finding}. "
        f"The table holds the same numbers.",
        measure=f"Different children {found} in each hexagon, about {across} km across, in four bands: {BAND_WORDS}",
        draw=lambda palette: hotspot_map(frame, _named_places(), palette),
        caveats=(*_left_out(asked, frame), "Place names: GeoNames, CC BY 4.0."),
    )


def _found(asked: Asked) -> str:
    """What the places tell: "found", or "last seen" where the export never says where a child was found."""
    return "found" if "episodes.found_latitude" in asked.snapshot.given else "last seen"


def _nowhere(asked: Asked) -> str:
    return f"No {asked.episodes} with a place away from a unit in {asked.scope.period.words}"


def _left_out(asked: Asked, located: pl.DataFrame) -> tuple[str, ...]:
    """What the figures of cells do not hold, in numbers, and what they hold by a second-best place."""
    all_places = asked.rows("hotspots/places")
    at_unit = int(all_places.filter(pl.col("found_place") == "unit")["episodes"].sum())
    nowhere = int(all_places["episodes"].sum()) - at_unit - int(located["episodes"].sum())
    by_last_seen = int(located["episodes_last_seen"].sum()) if _found(asked) == "found" else 0
    return tuple(
        f"{many(count, 'episode')} {'is' if count == 1 else 'are'} {why}."
        for count, why in (
            (at_unit, "left out: the child was found at a unit"),
            (nowhere, "left out: no place is recorded"),
            (by_last_seen, "placed by where the child was last seen: no place found is recorded"),
        )
        if count
    )


@lru_cache(maxsize=1)  # some hundred places, the same for every reader
def _named_places() -> pl.DataFrame:
    return pl.read_csv(REFERENCE / "places.csv").select("name", "latitude", "longitude", "population")


@figure(
    Definition(
        name="hotspots/nearest_places",
        title="Places by children found near them",
        counts="Different children, and episodes, over all hexagons that have the same named place nearest to them. Episodes found at a "
        "unit are left out.",
        matters="The map as a list: a town often lies in several hexagons, and a child found in two of them is one child here.",
        source=f"{_GUIDANCE} Nearest place: in a straight line, from GeoNames.",
        columns={
            "nearest_place": "named place",
            "children": "different children found, or last seen, nearest to it",
            "episodes": "episodes",
            "cells": "hexagons in which they were",
        },
        needs=_A_PLACE,
    )
)
def nearest_places(asked: Asked) -> Shown:
    frame = asked.rows()
    if frame.is_empty():
        return Shown(frame=frame, finding=_nowhere(asked), alt="No place to list.")
    found, top = _found(asked), frame.head(_LISTED)
    most = int(frame["children"][0])
    leading = frame.filter(pl.col("children") == most)["nearest_place"].to_list()
    finding = (
        f"{many(most, 'child', 'children')} {'was' if most == 1 else 'were'} {found} nearest to {leading[0]}, the most of any place"
        if len(leading) == 1
        else f"{many(len(leading), 'place')} lead, with {many(most, 'child', 'children')} each"
    )
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Bar chart of the {many(top.height, 'place')} with most different children {found} nearest to them, from {most:,} down to "
        f"{int(top['children'][-1]):,}. {finding}.",
        measure=f"Different children {found}, by nearest named place"
        + (f"; the first {_LISTED} of {frame.height}" if frame.height > _LISTED else ""),
        draw=lambda palette: bars(
            [Bar(place, children, children, f"{children:,}") for place, children in top.select("nearest_place", "children").iter_rows()],
            palette,
        ),
        caveats=("Place names: GeoNames, CC BY 4.0.",),
    )


@figure(
    Definition(
        name="hotspots/flows",
        title="From unit to place",
        counts="Episodes, and different children, by the unit that the child went from and the hexagon in which the child was found or "
        "last seen. Episodes found at a unit are left out.",
        matters="Children of one unit who go to one place can be looked for there first, and what draws them there can be dealt with.",
        source=f"{_GUIDANCE} Distance: great circle, from the unit to the middle of the hexagon.",
        columns={
            "unit_id": "unit that the child went from; empty where none is known",
            "cell": "H3 cell",
            "episodes": "episodes",
            "children": "different children",
            "kilometres": "kilometres in a straight line from the unit to the cell's centre; empty where the unit has no point",
            "nearest_place": "named place nearest to the cell's centre",
        },
        caveat="Distances are to the middle of a hexagon, so that short ones are rough.",
        needs=_A_PLACE,
    )
)
def flows(asked: Asked) -> Shown:
    frame = asked.rows()
    journeys = _journeys(frame)
    unknown = int(frame.filter(pl.col("unit_id").is_null())["episodes"].sum())
    caveats = (f"{many(unknown, 'episode')} with no unit known: in the table, not in the chart.",) if unknown else ()
    if journeys.is_empty():
        return Shown(
            frame=frame,
            finding=_nowhere(asked) if frame.is_empty() else "No unit is known for these episodes",
            alt="No journey to draw.",
            caveats=caveats,
        )
    rows = [
        Bar(
            label=f"{asked.unit(row['unit_id'])} → {row['nearest_place']}",
            value=row["episodes"],
            dark=row["episodes"],
            number=many(row["episodes"], "episode") + ("" if row["kilometres"] is None else f", {number(row['kilometres'])} km"),
        )
        for row in journeys.head(_LISTED).iter_rows(named=True)
    ]
    finding = _commonest(asked, journeys)
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Bar chart of the {many(len(rows), 'journey')} with most episodes, from unit to the named place nearest to where the child "
        f"was {_found(asked)}. {finding}.",
        measure="Episodes by unit and nearest named place, with the usual distance in a straight line",
        draw=lambda palette: bars(rows, palette),
        caveats=(*caveats, "Place names: GeoNames, CC BY 4.0."),
    )


def _journeys(frame: pl.DataFrame) -> pl.DataFrame:
    """Units and named places, over all cells of a place: unit_id, nearest_place, episodes, kilometres (mean over episodes)."""
    return (
        frame.filter(pl.col("unit_id").is_not_null())
        .group_by("unit_id", "nearest_place")
        .agg(
            pl.col("episodes").sum(),
            # All cells of a unit have a distance, or none has.
            kilometres=pl.when(pl.col("kilometres").is_not_null().all()).then(
                (pl.col("kilometres") * pl.col("episodes")).sum() / pl.col("episodes").sum()
            ),
        )
        .sort("episodes", "unit_id", "nearest_place", descending=[True, False, False])
    )


def _commonest(asked: Asked, journeys: pl.DataFrame) -> str:
    most = int(journeys["episodes"][0])
    leading = journeys.filter(pl.col("episodes") == most)
    if most == 1:
        return "No journey from a unit to a place was made twice"
    if leading.height > 1:
        return f"{many(leading.height, 'journey')} from a unit to a place lead, with {many(most, 'episode')} each"
    row = leading.row(0, named=True)
    far = "" if row["kilometres"] is None else f", about {number(row['kilometres'])} km"
    return f"Most often: {asked.unit(row['unit_id'])} to {row['nearest_place']}, {many(most, 'episode')}{far}"


@figure(
    Definition(
        name="hotspots/places",
        title="Kinds of place",
        counts="Episodes that began in the period, and different children, by the kind of place where the child was found and who found "
        "the child.",
        matters="Family and friends call for another answer than a town centre at night or a stranger's flat.",
        source=_GUIDANCE,
        columns={
            "found_place": "kind of place; empty where it is not recorded or the episode is still open",
            "found_by": "who found the child, or own accord; empty where it is not recorded",
            "episodes": "episodes",
            "children": "different children",
        },
        needs=("episodes.found_place",),
    )
)
def places(asked: Asked) -> Shown:
    frame = asked.rows()
    known = frame.filter(pl.col("found_place").is_not_null())
    if known.is_empty():
        return Shown(frame=frame, finding=f"No kind of place is recorded in {asked.scope.period.words}", alt="No place to draw.")
    by_place = known.group_by("found_place").agg(pl.col("episodes").sum()).sort("episodes", "found_place", descending=[True, False])
    total, away = int(known["episodes"].sum()), by_place.filter(pl.col("found_place") != "unit")
    finding = f"{int(away['episodes'].sum()):,} of {total:,} episodes ended away from any unit"
    if away.height:
        finding += f"; most often: {code_words(away['found_place'][0])}, {int(away['episodes'][0]):,}"
    unknown = int(frame["episodes"].sum()) - total
    return Shown(
        frame=frame,
        finding=finding,
        alt="Bar chart of episodes by kind of place, parted by who found the child: "
        + ", ".join(f"{_place_words(place)} {episodes:,}" for place, episodes in by_place.iter_rows())
        + f". {finding}.",
        measure="Episodes by kind of place where the child was found, and by whom",
        draw=lambda palette: places_chart(_drawn(known, by_place), palette),
        caveats=(f"{many(unknown, 'episode')} left out of the chart: no place recorded, or still open.",) if unknown else (),
    )


def _place_words(code: str) -> str:
    return _PLACE_WORDS.get(code, code_words(code))


def _drawn(known: pl.DataFrame, by_place: pl.DataFrame) -> pl.DataFrame:
    """Kinds of place in words, most episodes first, by the finders that the chart tells apart."""
    order = {place: index for index, place in enumerate(by_place["found_place"])}
    finder = pl.col("found_by").str.replace("_", " ")
    return (
        known.with_columns(finder=pl.when(finder.is_in(FINDERS[:-1])).then(finder).otherwise(pl.lit(FINDERS[-1])))
        .group_by("found_place", "finder")
        .agg(pl.col("episodes").sum())
        .sort(pl.col("found_place").replace_strict(order), "finder")
        .select("finder", "episodes", place=pl.col("found_place").map_elements(_place_words, return_dtype=pl.String))
    )
