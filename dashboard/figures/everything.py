"""Importing this module registers every figure."""

from dashboard.figures import hotspots, overview, police_calls, repeat_runners, return_interviews, seasons, units

__all__ = ["hotspots", "overview", "police_calls", "repeat_runners", "return_interviews", "seasons", "units"]
