"""Each question as someone would ask it of the same Parquet files with polars' lazy frames, in the scope of every child and unit of ours.

What the dashboard's tables have ready (local dates, length, unit at the time, what became of an interview, nights by month) is worked
out here from the files, as far as the question needs it. Start and end of a period are compared as instants, so that polars can filter
while it reads. Every function gives the columns of the SQL: `questions.py` holds the two to the same rows before it times them.
"""

from benchmarks.in_polars import data_quality, evidence, hotspots, overview, police_calls, repeat_runners, return_interviews, seasons, units
from benchmarks.in_polars.shared import IN_POLARS

__all__ = [
    "IN_POLARS",
    "data_quality",
    "evidence",
    "hotspots",
    "overview",
    "police_calls",
    "repeat_runners",
    "return_interviews",
    "seasons",
    "units",
]
