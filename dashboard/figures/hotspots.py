"""The figures of the Hotspots page: where children were found, and where they went from.

Nothing here is finer than an H3 cell: a point would be a front door.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from math import sqrt
from typing import Any

import h3
import polars as pl

from dashboard.basemap import Basemap, read_basemap
from dashboard.charts.bars import Bar, bars
from dashboard.charts.flow_map import arcs_drawn, flow_map, flow_map_on_paper
from dashboard.charts.ground import Ground
from dashboard.charts.hotspot_map import BAND_WORDS, hotspot_map, hotspot_map_on_paper
from dashboard.charts.places import FINDERS
from dashboard.charts.places import places as places_chart
from dashboard.errors import Refusal
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import code_words, listed, many, month_words, number, percent
from dashboard.resources import REFERENCE
from dashboard.scope import month_after
from dashboard.statistics.emerging import emerging as emerging_cells

_A_PLACE = (
    "episodes.found_latitude or episodes.last_seen_latitude",
    "episodes.found_longitude or episodes.last_seen_longitude",
)
_GEONAMES = "Place names: GeoNames, CC BY 4.0."
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
    under, new = _under(asked), _new(asked)
    if frame.is_empty():
        return Shown(frame=frame, finding=_nowhere(asked), alt="No place to draw.", caveats=_left_out(asked, frame))
    episodes, most = int(frame["episodes"].sum()), int(frame["children"][0])
    leading = frame.filter(pl.col("children") == most)
    whom = many(most, "child", "children")
    were = f"{whom} {'was' if most == 1 else 'were'} {found}"
    finding = (
        f"{were} near {leading['nearest_place'][0]}, the most in one hexagon"
        if leading.height == 1
        else f"{were} in each of {leading.height} hexagons, the most in one"
    )
    across = round(sqrt(3) * h3.average_hexagon_edge_length(asked.settings.cell_resolution, unit="km"))
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Map of {many(frame.height, 'hexagon')} about {across} km across, by how many different children were {found} there, over "
        f"{many(episodes, 'episode')}. {finding}. "
        f"The table holds the same numbers.",
        measure=f"Different children {found} in each hexagon, about {across} km across, in four bands: {BAND_WORDS}",
        draw=lambda palette: hotspot_map(frame, new, under.labels, under.ground, palette, asked.extra.get("chosen_cell")),
        draw_on_paper=lambda palette: hotspot_map_on_paper(frame, new, under.labels, under.ground, palette),
        caveats=(*_left_out(asked, frame), *under.said),
    )


@dataclass(frozen=True)
class _Under:
    """What lies under a map: the ground, the names that may stand on it, and what must be said of both."""

    ground: Ground
    labels: pl.DataFrame
    said: tuple[str, ...]


def _under(asked: Asked) -> _Under:
    names = _named_places()
    try:
        basemap = _basemap(asked)
    except Refusal as refusal:
        return _Under({}, names, (f"The map has a plain ground. {refusal}", _GEONAMES))
    if basemap is None:
        return _Under({}, names, (_GEONAMES,))
    said = () if basemap.places is not None else (_GEONAMES,)
    if basemap.attribution:
        said = (*said, f"The ground: {basemap.attribution}")
    return _Under(basemap.geojson, names if basemap.places is None else basemap.places, said)


def _basemap(asked: Asked) -> Basemap | None:
    return None if asked.settings.basemap is None else read_basemap(asked.settings.basemap)


def _new(asked: Asked) -> pl.DataFrame:
    """The cells that are new beyond chance, with what the map says of them."""
    frame = asked.figure("hotspots/emerging").frame
    if frame.is_empty():
        return pl.DataFrame(schema={"cell": pl.String, "latitude": pl.Float64, "longitude": pl.Float64, "said": pl.String})
    return frame.filter("is_emerging").select(
        "cell",
        "latitude",
        "longitude",
        said=pl.format("New: {} children in 3 months, {} expected", "children_latest", pl.col("children_expected").round(0).cast(pl.Int64)),
    )


def _found(asked: Asked) -> str:
    """What the places tell: "found", or "last seen" where the export never says where a child was found."""
    return "found" if "episodes.found_latitude" in asked.snapshot.given else "last seen"


def _nowhere(asked: Asked) -> str:
    return f"No {asked.episodes} with a place away from a unit in the period"


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
        caveats=(_GEONAMES,),
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
    caveats = [f"{many(unknown, 'episode')} with no unit known: in the table, not on the map."] if unknown else []
    if journeys.is_empty():
        return Shown(
            frame=frame,
            finding=_nowhere(asked) if frame.is_empty() else "No unit is known for these episodes",
            alt="No journey to draw.",
            caveats=tuple(caveats),
        )
    rows = [
        Bar(
            label=f"{asked.unit(row['unit_id'])} → {row['nearest_place']}",
            value=row["episodes"],
            dark=row["episodes"],
            number=many(row["episodes"], "episode") + ("" if row["kilometres"] is None else f", {_far(row['kilometres'])}"),
        )
        for row in journeys.head(_LISTED).iter_rows(named=True)
    ]
    finding = _commonest(asked, journeys)
    arcs, under = _arcs(asked, frame), _under(asked)
    without_point = int(frame.filter(pl.col("unit_id").is_not_null(), pl.col("kilometres").is_null())["episodes"].sum())
    if without_point:
        caveats.append(f"{many(without_point, 'episode')} from a unit without a point: in the table, not on the map.")
    drawn = arcs_drawn(arcs).height
    if drawn < arcs.height:
        which = "made more than once" if drawn == (arcs["episodes"] > 1).sum() else "with most episodes"
        caveats.append(f"The map shows the {many(drawn, 'journey')} {which}; the table has all {frame.height:,}.")
    by_bars = lambda palette: bars(rows, palette)  # noqa: E731  # drawn in two places
    first = "; ".join(f"{bar.label}, {bar.number}" for bar in rows[:3])
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Map of {many(drawn, 'arc')} from units to the hexagons where children were {_found(asked)}, wider with "
        f"more episodes. {finding}. The most: {first}. The table holds the same numbers.",
        measure="Arcs from unit (dot) to hexagon, wider with more episodes; both ends at the middle of a hexagon",
        draw=(lambda palette: flow_map(arcs, under.labels, under.ground, palette)) if arcs.height else by_bars,
        draw_on_paper=(lambda palette: flow_map_on_paper(arcs, under.labels, under.ground, palette)) if arcs.height else by_bars,
        caveats=(*caveats, *under.said),
    )


def _arcs(asked: Asked, frame: pl.DataFrame) -> pl.DataFrame:
    """The journeys of units with a point, their start at the middle of the unit's own hexagon: some units are families' homes."""
    known = frame.filter(pl.col("kilometres").is_not_null())
    middles = {}
    for unit_id, latitude, longitude in known.select("unit_id", "unit_latitude", "unit_longitude").unique().iter_rows():
        cell = h3.latlng_to_cell(latitude, longitude, asked.settings.cell_resolution)
        middles[unit_id] = (asked.unit(unit_id), cell, *h3.cell_to_latlng(cell))
    starts = [middles[unit_id] for unit_id in known["unit_id"]]
    schema = {"unit": pl.String, "unit_cell": pl.String, "unit_latitude": pl.Float64, "unit_longitude": pl.Float64}
    return known.drop("unit_latitude", "unit_longitude").hstack(pl.DataFrame(starts, schema=schema, orient="row"))


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


def _far(kilometres: float) -> str:
    return f"about {number(kilometres)} km" if kilometres >= 1 else "under 1 km"


def _commonest(asked: Asked, journeys: pl.DataFrame) -> str:
    most = int(journeys["episodes"][0])
    leading = journeys.filter(pl.col("episodes") == most)
    if most == 1:
        return "No journey from a unit to a place was made twice"
    if leading.height > 1:
        return f"{many(leading.height, 'journey')} from a unit to a place lead, with {many(most, 'episode')} each"
    row = leading.row(0, named=True)
    far = "" if row["kilometres"] is None else f", {_far(row['kilometres'])}"
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
    finding = f"{int(away['episodes'].sum()):,} of {total:,} ended outside units"
    if away.height:
        finding += f", most often “{code_words(away['found_place'][0])}”"
    finding += _how(known)
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


def _how(frame: pl.DataFrame) -> str:
    """How most children were found, as the end of a sentence; "" where it is never recorded."""
    by_finder = frame.drop_nulls("found_by").group_by("found_by").agg(pl.col("episodes").sum())
    if by_finder.is_empty():
        return ""
    finder, episodes = by_finder.sort("episodes", "found_by", descending=[True, False]).row(0)
    how = {"own_accord": "returned by themselves", "other": "found by others"}.get(finder, f"found by {code_words(finder)}")
    return f"; {episodes:,} {how}"


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


_BAND_WORDS = {"under 1": "Under 1 km", "1–5": "1 to 5 km", "5–20": "5 to 20 km", "20–50": "20 to 50 km", "over 50": "50 km and over"}


@figure(
    Definition(
        name="hotspots/distances",
        title="How far away children are found",
        counts="Episodes that began in the period, by the distance from the unit to where the child was found or, where that is not "
        "recorded, last seen; and those of whom that place is outside the authority's area. Episodes found at a unit are left out.",
        over="Episodes with such a distance; for those outside the area, episodes with a place.",
        matters="A child who is found far away had a way to get there: a train, a car, somebody who came.",
        source=f"{_GUIDANCE} Distance: great circle, in a straight line. Area: the outline in the basemap folder, by the middle "
        "of the hexagon.",
        columns={
            "band": "kilometres from the unit, lower bound included; last, outside the area, at whatever distance",
            "episodes": "episodes; empty for outside the area where its outline is not known",
            "share": "episodes ÷ of_episodes; empty below the smallest number of children",
            "of_episodes": "episodes that the share is over",
            "children": "different children",
        },
        needs=_A_PLACE,
    )
)
def distances(asked: Asked) -> Shown:
    outside, caveats = _cells_outside(asked)
    parameters: dict[str, Any] = {"cells_outside": outside}
    frame = asked.rows(**parameters)
    bands, beyond = frame.head(5), frame.row(5, named=True)
    measured, located = int(bands["of_episodes"][0]), int(beyond["of_episodes"])
    without = located - measured
    if without:
        caveats = (*caveats, f"{many(without, 'episode')} without a distance: no unit is known, or it has no point.")
    if not measured:
        finding = f"No distance is known in {asked.scope.period.words}" if located else _nowhere(asked)
        return Shown(frame=frame, finding=finding, alt="No distance to draw.", caveats=caveats, parameters=parameters)
    near, far = int(bands["episodes"][:2].sum()), int(bands["episodes"][3:].sum())
    finding = f"{near:,} of {measured:,} were {_found(asked)} within 5 km of their unit, {far:,} beyond 20"
    if beyond["episodes"] is not None and not without:
        finding = f"{near:,} of {measured:,} were {_found(asked)} within 5 km, {far:,} beyond 20; {beyond['episodes']:,} outside the area"
    rows = [
        Bar(_BAND_WORDS[row["band"]], row["episodes"], row["episodes"], _with_share(row["episodes"], row["share"]))
        for row in bands.iter_rows(named=True)
    ]
    if beyond["episodes"] is not None:
        caveats = (
            f"Outside the area: {beyond['episodes']:,} of {located:,} episodes"
            + (f" ({percent(beyond['share'])})" if beyond["share"] is not None else "")
            + ", by the middle of the hexagon.",
            *caveats,
        )
    return Shown(
        frame=frame,
        finding=finding,
        alt="Bar chart of episodes by distance: " + ", ".join(f"{bar.label} {bar.number}" for bar in rows) + f". {finding}.",
        measure=f"Episodes by the distance in a straight line from the unit to where the child was {_found(asked)}",
        draw=lambda palette: bars(rows, palette),
        caveats=caveats,
        parameters=parameters,
    )


def _with_share(episodes: int, share: float | None) -> str:
    return f"{episodes:,}" + ("" if share is None else f" · {percent(share)}")


def _cells_outside(asked: Asked) -> tuple[list[str] | None, tuple[str, ...]]:
    """The scope's cells whose middle is outside the area, None where that cannot be told, and the words why not."""
    try:
        basemap = _basemap(asked)
    except Refusal as refusal:
        return None, (f"How many were outside the area is not known. {refusal}",)
    places = asked.rows("hotspots/cells")
    is_outside = None if basemap is None else basemap.outside(list(places.select("longitude", "latitude").iter_rows()))
    if is_outside is None:
        return None, ("How many were outside the area needs its outline in the basemap folder; docs/settings.md says how.",)
    return places["cell"].filter(pl.Series(is_outside, dtype=pl.Boolean)).to_list(), ()


_QUARTERS = 15


@figure(
    Definition(
        name="hotspots/emerging",
        title="Places that are new",
        counts="Different children found, or last seen, in a hexagon in the latest three whole months of the period, in hexagons with "
        "three different children or more over fifteen months. Episodes found at a unit are left out.",
        over="What the four quarters before lead to expect: the hexagon's children over all five quarters, in the proportion in which "
        "children with a place were active in the latest.",
        matters="Children who begin to be found in one place may be drawn there by somebody; it is best known early.",
        source="Exact upper tail of the binomial distribution; Benjamini and Hochberg 1995 at 10% over all hexagons. In simulations of 90 "
        "children and 60 places that are not new, under 8% of quarters have a wrong alarm (benchmarks/emerging.py).",
        columns={
            "cell": "H3 cell",
            "children_latest": "different children in the latest three months",
            "children_expected": "children expected",
            "p_value": "how likely as many or more would be, were nothing new",
            "q_value": "the least false discovery rate at which the cell would be named",
            "is_emerging": "named: q_value is 0.10 or less",
            "nearest_place": "named place nearest to the cell's centre",
            "children_before": "sum over the four quarters before of the different children in each",
            "latitude": "of the cell's centre, WGS 84 degrees",
            "longitude": "of the cell's centre, WGS 84 degrees",
        },
        caveat="Different children are counted, not episodes: one child who goes often makes no place new.",
        needs=_A_PLACE,
    )
)
def emerging(asked: Asked) -> Shown:
    coverage = asked.snapshot.coverage
    # The latest month that is over at the export's end.
    month = coverage.last_day.replace(day=1)
    if month_after(month, 1) - timedelta(1) > coverage.last_day:
        month = month_after(month, -1)
    last = min(asked.scope.period.last_month, month)
    first = month_after(last, 1 - _QUARTERS)
    parameters: dict[str, Any] = {"earliest_from": first, "latest_to": month_after(last, 1) - timedelta(1)}
    rows = asked.rows(**parameters).with_columns(children_before=pl.col("children_all") - pl.col("children_latest"))
    is_covered = first >= coverage.first_day
    if not is_covered:
        rows = rows.clear()
    frame = emerging_cells(rows).sort("p_value", "children_latest", "cell", descending=[False, True, False])
    latest = f"{month_words(month_after(last, -2))} to {month_words(last)}"
    named = frame.filter("is_emerging")
    if not is_covered:
        finding = f"Too few months to tell a new place: {_QUARTERS} are needed to {month_words(last)}"
    elif frame.is_empty():
        finding = "No area has three different children or more in fifteen months"
    elif named.is_empty():
        finding = "No place is new beyond chance in the latest three months"
    elif named.height == 1:
        row = named.row(0, named=True)
        expected = number(row["children_expected"])
        finding = f"New near {row['nearest_place']}: {row['children_latest']:,} children in three months, {expected} expected"
    else:
        places = named["nearest_place"].unique(maintain_order=True).to_list()
        near = listed(places) if len(places) <= 2 else f"{places[0]} and {len(places) - 1} other places"
        finding = f"{named.height} areas have more children than expected in three months: near {near}"
    bars_shown = [
        Bar(
            f"Near {row['nearest_place']}" + (" (new)" if row["is_emerging"] else ""),
            row["children_latest"],
            row["children_latest"],
            f"{row['children_latest']:,}, {number(row['children_expected'], 1)} expected",
        )
        for row in frame.filter(pl.col("children_latest") > 0).head(_LISTED).iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"Bar chart of the {many(len(bars_shown), 'area')} whose children in {latest} stand out most from what was expected: "
        + "; ".join(f"{bar.label} {bar.number}" for bar in bars_shown[:3])
        + f". {finding}."
        if bars_shown
        else f"{finding}.",
        measure=f"Different children in each hexagon, {latest}, and how many the year before leads to expect; least likely first",
        draw=(lambda palette: bars(bars_shown, palette)) if bars_shown else None,
        caveats=(_GEONAMES,),
        parameters=parameters,
    )
