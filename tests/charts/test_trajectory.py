"""One child's path is drawn alike for a month and for five years."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from dashboard.charts.theme import LIGHT
from dashboard.charts.trajectory import trajectory

_LANES = ["Over 3 days", "Under 6 hours"]
_COLUMNS = ("kind", "starts_at", "ends_at", "unit_id", "category", "detail", "lane")


def _drawn(rows: list[tuple[Any, ...]], first_day: date, last_day: date, rules: tuple[str, ...] = ()) -> dict[str, list[dict[str, Any]]]:
    """Each mark's rows."""
    frame = pl.DataFrame(
        rows,
        schema={name: pl.Datetime("us", "UTC") if name in ("starts_at", "ends_at") else pl.String for name in _COLUMNS},
        orient="row",
    )
    chart = trajectory(
        frame,
        LIGHT,
        first_day=first_day,
        last_day=last_day,
        lanes=_LANES,
        rules=rules,
        kinds=["placement", "episode", "interview", "police_call"],
        unit_names={"U1": "Oak House", "U2": "Elm House"},
    ).to_dict()
    return {f"{place} {layer['mark']['type']}": layer["data"]["values"] for place, layer in enumerate(chart["layer"])}


def _at(day: int, hour: int = 0) -> datetime:
    return datetime(2025, 1, 1, hour, tzinfo=UTC) + timedelta(days=day)


@pytest.mark.parametrize("last_day", [date(2025, 1, 31), date(2029, 12, 31)])
def test_an_episode_is_as_long_as_it_lasted(last_day: date) -> None:
    """An episode reaches from its start to its end, an open one to the end of the period, and one that ends before it starts has no
    length."""
    rows = [
        ("episode", _at(2), _at(6), "U1", "missing", None, "Over 3 days"),
        ("episode", _at(9), None, "U1", "away", None, "Over 3 days"),
        ("episode", _at(12), _at(11), "U1", "missing", None, "Under 6 hours"),
    ]
    lasting = [(row["at"][:10], row["to"][:10]) for row in _drawn(rows, date(2025, 1, 1), last_day)["3 rule"]]
    assert lasting == [("2025-01-03", "2025-01-07"), ("2025-01-10", f"{last_day + timedelta(1)}"), ("2025-01-13", "2025-01-13")]


def test_a_move_is_marked_where_the_unit_changes() -> None:
    """A further stay in the same unit is no move, nor is a placement that began before the period."""
    stays = [("U2", -40, -10), ("U1", -10, 5), ("U1", 5, 10), ("U2", 10, None)]
    rows = [("placement", _at(start), None if end is None else _at(end), unit, None, None, None) for unit, start, end in stays]
    drawn = _drawn(rows[1:], date(2025, 1, 1), date(2025, 1, 31))
    assert [row["at"][:10] for row in drawn["1 rule"]] == ["2025-01-11"]
    assert [row["words"] for row in drawn["2 text"]] == ["Oak House", "Oak House", "Elm House"]


def test_a_rule_stands_in_its_own_lane() -> None:
    """Each rule crossed has a lane of its own name; one without a lane is not drawn."""
    rows = [("rule", _at(3), None, None, None, rule, None) for rule in ("3 in 90 days", "5 in 30 days")]
    drawn = _drawn(rows, date(2025, 1, 1), date(2025, 1, 31), rules=("3 in 90 days",))
    assert [row["lane"] for row in drawn["5 point"]] == ["3 in 90 days"]
