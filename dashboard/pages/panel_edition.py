"""Panel edition, first form: the figures of one closed quarter, for the manager to see and download."""

import streamlit as st

from dashboard.components.headline import HEADLINE, headline_row
from dashboard.components.page import open_page_of_its_own_period
from dashboard.components.scope_bar import named_periods, period_label
from dashboard.scope import default_scope

view = open_page_of_its_own_period("Panel edition")
coverage = view.reading.snapshot.coverage
usual = default_scope(coverage.first_day, coverage.last_day).period
quarters = {
    name: period
    for name, period in named_periods(view.reading.snapshot, usual).items()
    if period.months == 3 and period.first_month.month % 3 == 1
}
chosen = view.choose("Quarter that has closed", {name: period_label(period, usual) for name, period in quarters.items()})
if chosen is None:
    st.info("The export covers no whole quarter yet.")
    st.stop()

quarter = view.over(quarters[chosen])
quarter.say_scope()
st.warning(
    "For the designated senior manager and those they name. These figures are exact: small numbers in them can point to a child. "
    "They have not been through the rules of a published edition, and councillors should not be given them as they are."
)
figures = [
    quarter.figure(name)
    for name in (
        "overview/headline",
        "repeat_runners/distribution",
        "return_interviews/steps",
        "police_calls/called",
        "seasons/month_of_year",
    )
]
quarter.findings(*figures[:4])
headline_row(figures[0], HEADLINE)
for figure in figures:
    quarter.card(figure)
