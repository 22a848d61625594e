"""Data quality: which rows of the export to look at, how completely its columns are filled, and which figures it cannot give."""

import streamlit as st

from dashboard.components.page import open_page
from dashboard.components.provenance import say_history, say_import
from dashboard.components.text import plain
from dashboard.figures.data_quality import not_given
from dashboard.figures.words import capital

view = open_page("Data quality")
findings = view.figure("data_quality/findings")
completeness = view.figure("data_quality/completeness")
compared = [view.figure(f"data_quality/{name}") for name in ("compared", "months_compared", "late_recordings")]
view.findings(findings, completeness, *(figure for figure in compared[:1] if figure.frame.height))
view.card(findings)
rules = {row["rule"]: row for row in findings.frame.iter_rows(named=True)}
for rule, row in rules.items():
    st.markdown(f"**{plain(capital(rule))}.** {plain(row['meaning'])} *{plain(row['what_to_do'])}*")
for figure in compared if compared[0].frame.height else compared[:1]:
    view.card(figure)
view.card(completeness)
st.header("What this export cannot give", anchor=False)
lacking = not_given(view.reading.snapshot.given)
st.markdown("\n".join(f"- **{plain(title)}**. {plain(need)}" for title, need in lacking) or "It gives every figure.")
say_import()
say_history()
