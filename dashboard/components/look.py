"""The frame around every page: our own style sheet, and whose data these are."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from dashboard.components.text import css_text, plain
from dashboard.exports.tables import Coverage
from dashboard.figures.words import day_words

_HERE = Path(__file__).resolve().parent
_FOR_WHOM = "For the designated senior manager and those they name. Small numbers on these pages can point to a child."
_STYLE, _STYLE_IN_THE_DARK = _HERE / "look.css", _HERE / "look_dark.css"


def frame_of_page(coverage: Coverage | None) -> None:
    """Style the page; in the side bar say whose data these are and to which day, and mark synthetic ones."""
    st.html(_STYLE)
    if st.context.theme.type == "dark":
        st.html(_STYLE_IN_THE_DARK)
    if coverage is None:
        return
    with st.sidebar.container(key="whose-data"):
        st.markdown(f"**{plain(coverage.authority or 'Children missing from care')}**")
        st.caption(f"Data to {day_words(coverage.last_day)}" + (", coverage inferred" if coverage.is_inferred else ""))
        if coverage.is_synthetic:
            st.caption("Synthetic data: no real child is in them.")


def foot_of_page() -> None:
    """Say for whom the pages are; on paper every sheet does that has numbers: see `foot_of_sheets`."""
    with st.container(key="for-whom"):
        st.caption(_FOR_WHOM)


def foot_of_sheets(words: str) -> None:
    """Say it, and for whom it is, at the foot of every printed sheet, beside its number: sheets come loose."""
    st.html(f"<style>@page {{ @bottom-left {{ content: {css_text(f'{words} {_FOR_WHOM}')}; }} }}</style>")
