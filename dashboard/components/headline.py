"""The headline: a few large numbers side by side, each with its value a year earlier beneath it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.figures.figure import Figure
from dashboard.figures.overview import MEASURES, measure_words, value_words

HEADLINE = ("episodes", "children", "percent_missing", "episodes_per_child", "rate", "interviews_72h")
"""The measures that a page opens with."""


def headline_row(figure: Figure, measures: Sequence[str]) -> None:
    """`measures` of overview/headline as large numbers. No arrow and no colour: more or fewer is neither good nor bad."""
    rows = {row["measure"]: row for row in figure.frame.iter_rows(named=True)}
    with st.container(key="headline"):
        for column, measure in zip(st.columns(len(measures)), measures, strict=True):
            row = rows[measure]
            before = None if row["year_before"] is None else f"{measure_words(measure, row['year_before'])} a year earlier"
            column.metric(MEASURES[measure], value_words(row), delta=before, delta_color="off", delta_arrow="off")
