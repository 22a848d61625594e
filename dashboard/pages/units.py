"""Units: each beside its own past and beside others of its kind; and one unit's own page within the page."""

import streamlit as st

from dashboard.charts.unit_charts import PANELS_A_PAGE
from dashboard.components.page import open_page
from dashboard.figures.units_beside import kinds_compared
from dashboard.figures.units_past import units_by_attention

view = open_page("Units")
past = view.figure("units/control_chart")
names = view.reading.snapshot.unit_names
attention = units_by_attention(past.frame, past.scope.period.first_month, names)

shown, page = next(iter(attention), ""), 0
if len(attention) > 1:
    which, pages = st.columns([3, 1])
    # A mark in words beside each name: whom to look at first.
    marks = {unit: f" ({change.bare} {change.when})" if change else "" for unit, change in attention.items()}
    with which:
        shown = view.choose("Show", {"": "All units, side by side"} | {unit: names[unit] + mark for unit, mark in marks.items()}) or ""
    firsts = range(0, len(attention), PANELS_A_PAGE)
    if not shown and len(firsts) > 1:
        with pages:
            numbers = {n: f"{first + 1} to {min(first + PANELS_A_PAGE, len(attention))}" for n, first in enumerate(firsts)}
            page = view.choose("Units drawn", numbers) or 0

if not shown:
    beside = view.figure("units/funnel_episodes")
    children = view.figure("units/funnel_children")
    rates = view.figure("units/unit_rates")
    settings = view.figure("units/settings")
    view.findings(past, beside, rates, settings)
    view.card(view.figure("units/control_chart", page=page) if page else past)
    view.card(rates)
    kinds = kinds_compared(beside.frame, children.frame)
    kind = view.choose("Kind of unit", kinds) if len(kinds) > 1 else None
    for name, figure in (("units/funnel_episodes", beside), ("units/funnel_children", children)):
        view.card(figure if kind is None else view.figure(name, kind=kind))
    view.card(settings)
    view.card(view.figure("units/unit_months"))
    view.card(view.figure("units/residents"))
    view.card(view.figure("units/events"))
else:
    unit = view.of_unit(shown)
    own_past = unit.figure("units/control_chart")
    who_went = unit.figure("units/who_went")
    interviews = unit.figure("return_interviews/coverage")
    police = unit.figure("police_calls/months")
    unit.findings(own_past, who_went, interviews, police)
    unit.card(own_past)
    unit.card(who_went)
    unit.card(unit.figure("units/unit_rates"))
    unit.card(unit.figure("units/residents"))
    unit.card(unit.figure("seasons/week_clock"))
    unit.card(unit.figure("hotspots/flows"))
    unit.card(interviews)
    unit.card(police)
    unit.card(unit.figure("police_calls/call_rate"))
    unit.card(unit.figure("units/events"))
