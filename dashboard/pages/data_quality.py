"""Data quality: which rows of the export to look at, how completely its columns are filled, and which figures it cannot give."""

import streamlit as st

from dashboard.components.page import open_page
from dashboard.components.text import plain
from dashboard.figures.data_quality import not_given
from dashboard.figures.words import capital

view = open_page("Data quality")
findings = view.figure("data_quality/findings")
completeness = view.figure("data_quality/completeness")
view.findings(findings, completeness)
view.card(findings)
with st.container(key="what-to-do"):
    for row in findings.frame.iter_rows(named=True):
        st.markdown(
            f"**{plain(capital(row['rule']))}**, column {plain(row['column'])} of {plain(row['table'])}: {row['rows']:,} "
            f"({row['share']:.2%}), for example {plain(', '.join(row['examples']))}. {plain(row['meaning'])} *{plain(row['what_to_do'])}*"
        )
view.card(completeness)
st.header("What this export cannot give", anchor=False)
lacking = not_given(view.reading.snapshot.given)
st.markdown("\n".join(f"- **{plain(title)}**. {plain(need)}" for title, need in lacking) or "It gives every figure.")
