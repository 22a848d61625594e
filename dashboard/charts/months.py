"""The axis of months that charts over time share."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import altair as alt

# Up to so many months, each is named, and has room for two numbers below it at 640 pixels.
ALL_NAMED = 13


def month_axis(months: Sequence[date]) -> alt.Axis:
    """Each month named while there is room; then each third from the first, then the same month of each year."""
    step = 1 if len(months) <= ALL_NAMED else 3 if len(months) <= 3 * ALL_NAMED else 12
    shown = months[::step]
    first = f"datetime({shown[0].year}, {shown[0].month - 1}, 1)"
    return alt.Axis(
        values=[alt.DateTime(year=month.year, month=month.month, date=1) for month in shown],
        # The year stands under the first month shown and under each January, or each year's only one.
        labelExpr=(
            f"[timeFormat(datum.value, '%b'), {step} == 12 || month(datum.value) == 0 || time(datum.value) == time({first})"
            " ? timeFormat(datum.value, '%Y') : '']"
        ),
        labelOverlap=False,
    )
