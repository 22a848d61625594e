"""Definitions: what every figure counts, in the words that stand beside it, and the rules for all of them."""

import streamlit as st

from dashboard.components.page import open_page
from dashboard.components.text import plain
from dashboard.figures.false_alarms import false_alarms_in_words
from dashboard.figures.figure import DEFINITIONS
from dashboard.figures.glossary import PAGE_TITLES, RULES, WORDS

view = open_page("Definitions")

st.header("Words", anchor=False)
for word, meaning in WORDS.items():
    st.markdown(f"**{plain(word)}.** {plain(meaning)}")

st.header("Rules for every figure", anchor=False)
st.markdown("\n".join(f"- {plain(rule)}" for rule in RULES))

st.header("How often a finding is given where there is nothing to find", anchor=False)
st.markdown("\n".join(f"- {plain(said)}" for said in false_alarms_in_words()))

for page, title in PAGE_TITLES.items():
    st.header(title, anchor=False)
    for definition in (d for d in DEFINITIONS.values() if d.page == page):
        st.subheader(plain(definition.title), anchor=False)
        said = {
            "Counted": definition.counts,
            "Over": definition.over,
            "Why it matters": definition.matters,
            "Source": definition.source,
            "Note": definition.caveat,
            "Name in files": definition.name,
        }
        st.markdown("  \n".join(f"**{label}.** {plain(text)}" for label, text in said.items() if text))
