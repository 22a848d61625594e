"""Units: each beside its own past and beside others of its kind."""

from dashboard.components.page import open_page
from dashboard.figures.units import kinds_compared, units_by_attention

view = open_page("Units")
past = view.figure("units/control_chart")
beside = view.figure("units/funnel_episodes")
rates = view.figure("units/unit_rates")
months = view.figure("units/unit_months")

view.findings(past, beside, rates)

names = view.reading.snapshot.unit_names
unit = view.choose("Unit", {unit: names[unit] for unit in units_by_attention(past.frame, past.scope.period.first_month)})
view.card(past if unit is None else view.figure("units/control_chart", unit_id=unit))
view.card(rates)
kinds = kinds_compared(beside.frame)
kind = view.choose("Kind of unit", kinds) if len(kinds) > 1 else None
view.card(beside if kind is None else view.figure("units/funnel_episodes", kind=kind))
view.card(months)
view.card(view.figure("units/events"))
