"""Importing this module registers every figure."""

from dashboard.figures import (
    data_quality,
    evidence,
    hotspots,
    overview,
    police_calls,
    repeat_runners,
    repeat_runners_again,
    repeat_runners_together,
    return_interviews,
    seasons,
    units,
    units_beside,
    units_past,
)

__all__ = [
    "data_quality",
    "evidence",
    "hotspots",
    "overview",
    "police_calls",
    "repeat_runners",
    "repeat_runners_again",
    "repeat_runners_together",
    "return_interviews",
    "seasons",
    "units",
    "units_beside",
    "units_past",
]
