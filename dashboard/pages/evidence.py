"""Evidence: single episodes from the absence to what followed, how any figure was worked out, and which exports were served."""

import streamlit as st

from dashboard.components.page import open_page
from dashboard.components.provenance import say_served
from dashboard.components.text import plain
from dashboard.figures.figure import DEFINITIONS
from dashboard.figures.glossary import PAGE_TITLES
from dashboard.figures.words import many

view = open_page("Evidence")
annex_a = view.figure("return_interviews/annex_a")
view.findings(view.figure("evidence/chain"), annex_a)

# Both are chosen here and kept in the session: no link ever holds a child's id.
unit_column, child_column = st.columns(2)
units, names = view.reading.scope.units, view.reading.snapshot.unit_names
with unit_column:
    unit = view.choose("Unit", {"": "Every unit of the scope"} | {unit: name for unit, name in names.items() if not units or unit in units})
of_unit = view.of_unit(unit) if unit else view
with child_column:
    children = of_unit.figure("repeat_runners/children").frame.iter_rows(named=True)
    child_id = view.choose(
        "Child",
        {"": "Every child"} | {row["child_id"]: f"{row['child_id']}, {many(row['episodes'], 'episode')}" for row in children},
    )
of_unit.card(of_unit.figure("evidence/chain", child_id=child_id or None))
view.card(annex_a)

st.header("How a figure was worked out", anchor=False)
name = view.choose(
    "Figure",
    {
        name: f"{title}: {definition.title}"
        for page, title in PAGE_TITLES.items()
        for name, definition in DEFINITIONS.items()
        if definition.page == page
    },
)
figure = view.figure(name or "evidence/chain")
st.markdown(f"**{plain(figure.needs or figure.finding)}**")
view.working(figure)
st.markdown("All figures of this scope, with their SQL, as a folder that opens without a server: `oversight evidence OUT FOLDER`.")
say_served()
