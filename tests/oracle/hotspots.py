"""The Hotspots figures again, in plain Python."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import timedelta
from fractions import Fraction
from functools import cache
from math import asin, comb, cos, dist, radians, sin

import h3

from dashboard.resources import REFERENCE
from dashboard.scope import Period, Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain


def _kilometres(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Great circle by way of the straight line through the Earth, where the SQL has the haversine."""

    def on_sphere(point: tuple[float, float]) -> tuple[float, float, float]:
        north, east = map(radians, point)
        return cos(north) * cos(east), cos(north) * sin(east), sin(north)

    return 2 * 6371 * asin(dist(on_sphere(a), on_sphere(b)) / 2)


def _cell(row: dict, kind: str) -> str | None:
    latitude, longitude = row.get(f"{kind}_latitude"), row.get(f"{kind}_longitude")
    return None if latitude is None or longitude is None else h3.latlng_to_cell(latitude, longitude, 7)


def located(plain: Plain, scope: Scope) -> list[tuple[str, Episode]]:
    """The episodes with a cell: where found, else where last seen; those found at a unit left out."""
    pairs = []
    for episode in plain.episodes_in(scope):
        cell = _cell(episode.row, "found") or _cell(episode.row, "last_seen")
        if cell and episode.row.get("found_place") != "unit":
            pairs.append((cell, episode))
    return pairs


@cache
def _nearest(cell: str) -> tuple[float, str]:
    with (REFERENCE / "places.csv").open(encoding="utf-8") as file:
        return min(
            (_kilometres(h3.cell_to_latlng(cell), (float(row["latitude"]), float(row["longitude"]))), row["name"])
            for row in csv.DictReader(file)
        )


def cells(plain: Plain, scope: Scope) -> Rows:
    """hotspots/cells."""
    groups = defaultdict(list)
    for cell, episode in located(plain, scope):
        groups[cell].append(episode)
    rows = [
        {
            "cell": cell,
            "latitude": h3.cell_to_latlng(cell)[0],
            "longitude": h3.cell_to_latlng(cell)[1],
            "children": len({e.child_id for e in episodes}),
            "episodes": len(episodes),
            "units": len({e.unit_id for e in episodes} - {None}),
            "nearest_place": _nearest(cell)[1],
            "episodes_last_seen": sum(_cell(e.row, "found") is None for e in episodes),
        }
        for cell, episodes in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row["children"], -row["episodes"], row["cell"]))


def nearest_places(plain: Plain, scope: Scope) -> Rows:
    """hotspots/nearest_places."""
    groups = defaultdict(list)
    for cell, episode in located(plain, scope):
        groups[_nearest(cell)[1]].append((cell, episode))
    rows = [
        {
            "nearest_place": place,
            "children": len({e.child_id for _, e in pairs}),
            "episodes": len(pairs),
            "cells": len({cell for cell, _ in pairs}),
        }
        for place, pairs in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row["children"], -row["episodes"], row["nearest_place"]))


def flows(plain: Plain, scope: Scope) -> Rows:
    """hotspots/flows."""
    groups = defaultdict(list)
    for cell, episode in located(plain, scope):
        groups[episode.unit_id, cell].append(episode)
    rows = []
    for (unit_id, cell), episodes in groups.items():
        unit = plain.units.get(unit_id, {})
        kilometres = None
        if unit.get("latitude") is not None:
            kilometres = _kilometres((unit["latitude"], unit["longitude"]), h3.cell_to_latlng(cell))
        rows.append(
            {
                "unit_id": unit_id,
                "cell": cell,
                "episodes": len(episodes),
                "children": len({e.child_id for e in episodes}),
                "kilometres": kilometres,
                "nearest_place": _nearest(cell)[1],
            }
        )
    return sorted(rows, key=lambda row: (-row["episodes"], -row["children"], row["unit_id"] is None, row["unit_id"] or "", row["cell"]))


def places(plain: Plain, scope: Scope) -> Rows:
    """hotspots/places."""
    groups = defaultdict(list)
    for episode in plain.episodes_in(scope):
        groups[episode.row.get("found_place"), episode.row.get("found_by")].append(episode)
    rows = [
        {"found_place": place, "found_by": by, "episodes": len(episodes), "children": len({e.child_id for e in episodes})}
        for (place, by), episodes in groups.items()
    ]
    return sorted(
        rows,
        key=lambda row: (
            -row["episodes"],
            row["found_place"] is None,
            row["found_place"] or "",
            row["found_by"] is None,
            row["found_by"] or "",
        ),
    )


def distances(plain: Plain, scope: Scope) -> Rows:
    """hotspots/distances, where no outline is known."""
    bands = defaultdict(list)
    for _, episode in located(plain, scope):
        unit, row = plain.units.get(episode.unit_id, {}), episode.row
        kind = "found" if _cell(row, "found") else "last_seen"
        if unit.get("latitude") is not None:
            away = _kilometres((unit["latitude"], unit["longitude"]), (row[f"{kind}_latitude"], row[f"{kind}_longitude"]))
            bands[sum(away >= bound for bound in (1, 5, 20, 50))].append(episode.child_id)
    of = sum(map(len, bands.values()))
    children = {child for band in bands.values() for child in band}
    rows = [
        {
            "band": name,
            "episodes": len(bands[index]),
            "children": len(set(bands[index])),
            "of_episodes": of,
            "share": len(bands[index]) / of if len(children) >= 5 else None,
        }
        for index, name in enumerate(("under 1", "1–5", "5–20", "20–50", "over 50"))
    ]
    whole = len(located(plain, scope))
    return [*rows, {"band": "outside the area", "episodes": None, "children": None, "of_episodes": whole, "share": None}]


def emerging(plain: Plain, scope: Scope) -> Rows:
    """hotspots/emerging, with exact fractions and the steps of Benjamini and Hochberg one by one."""
    last = plain.covers[1].replace(day=1)
    if month_after(last, 1) - timedelta(1) > plain.covers[1]:
        last = month_after(last, -1)
    last = min(last, scope.period.last_month)
    if month_after(last, -14) < plain.covers[0]:
        return []
    quarters = []
    for before in (12, 9, 6, 3, 0):
        end = month_after(last, -before)
        three_months = Scope(Period(month_after(end, -2), end), scope.category, scope.units, scope.whose)
        quarters.append({(cell, episode.child_id) for cell, episode in located(plain, three_months)})
    active = [len({child for _, child in quarter}) for quarter in quarters]
    rows = []
    for cell in {cell for quarter in quarters for cell, _ in quarter}:
        if len({child for quarter in quarters for at, child in quarter if at == cell}) < 3:
            continue
        by_quarter = [sum(at == cell for at, _ in quarter) for quarter in quarters]
        whole, latest, share = sum(by_quarter), by_quarter[-1], Fraction(active[-1], sum(active))
        tail = sum(comb(whole, k) * share**k * (1 - share) ** (whole - k) for k in range(latest, whole + 1))
        rows.append(
            {
                "cell": cell,
                "children_latest": latest,
                "children_expected": float(whole * share),
                "p_value": float(tail),
                "children_before": whole - latest,
            }
        )
    rows.sort(key=lambda row: (row["p_value"], -row["children_latest"], row["cell"]))
    for place, row in enumerate(rows):
        row["q_value"] = min(min(1.0, later["p_value"] * len(rows) / (place + 1 + n)) for n, later in enumerate(rows[place:]))
        row["is_emerging"] = row["q_value"] <= 0.1
    return rows
