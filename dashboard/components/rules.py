"""The rules that mark a child who goes again and again, as one reader changes them for a session. They never stand in the link."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from dashboard.settings import TriggerRule

_KEY = "rules-of-session"
_FIELD = "rule-field-"
_MOST = 8
# Ten years of days: a window that reached back before the calendar would be an error.
_LARGEST = {"episodes": 999, "days": 3653}
_KINDS = {"over_24h": "Any episode over 24 hours", "overnight": "Any episode overnight"}


def rules_of_session(authority: Sequence[TriggerRule]) -> tuple[TriggerRule, ...]:
    """The rules that the reader has set, or else the authority's."""
    rules: tuple[TriggerRule, ...] = st.session_state.get(_KEY, tuple(authority))
    return rules


def rules_form(authority: Sequence[TriggerRule]) -> None:
    """A form to change them, kept in the session until the reader goes back to the authority's."""
    rules = rules_of_session(authority)
    in_days = [rule for rule in rules if rule.days is not None]
    rows = min(len(in_days) + 1, _MOST)
    with st.container(key="rules-form", horizontal=True, vertical_alignment="center"):
        with st.popover("Change the rules"), st.form("rules", border=False):
            st.markdown("So many episodes in so many days. A line left empty is no rule.")
            for row in range(rows):
                rule = in_days[row] if row < len(in_days) else None
                parts = {"episodes": ("Episodes", rule.episodes if rule else None), "days": ("in days", rule.days if rule else None)}
                for column, (part, (label, value)) in zip(st.columns(2), parts.items(), strict=True):
                    column.number_input(
                        # The words stand over the first line alone; each field has them for who cannot see that.
                        label if row == 0 else f"{label}, rule {row + 1}",
                        min_value=1,
                        max_value=_LARGEST[part],
                        value=value,
                        key=f"{_FIELD}{part}-{row}",
                        label_visibility="visible" if row == 0 else "collapsed",
                    )
            for kind, words in _KINDS.items():
                st.checkbox(words, value=any(rule.kind == kind for rule in rules), key=f"{_FIELD}{kind}")
            st.form_submit_button("Use in this session", on_click=_use, args=(rows,), type="primary")
            st.form_submit_button("Back to the authority’s rules", on_click=_forget)
        if _KEY in st.session_state:
            st.caption("These are your own rules, on this page and for this session. Other pages keep the authority’s.")


def _use(rows: int) -> None:
    state = st.session_state
    pairs = [(state[f"{_FIELD}episodes-{row}"], state[f"{_FIELD}days-{row}"]) for row in range(rows)]
    rules = [TriggerRule(episodes=episodes, days=days) for episodes, days in pairs if episodes and days]
    rules += [TriggerRule(kind="over_24h")] if state[f"{_FIELD}over_24h"] else []
    rules += [TriggerRule(kind="overnight")] if state[f"{_FIELD}overnight"] else []
    _forget()
    state[_KEY] = tuple(dict.fromkeys(rules))


def _forget() -> None:
    """Without the fields too: they would hold what was typed into lines that are now other rules."""
    for key in [key for key in st.session_state if str(key) == _KEY or str(key).startswith(_FIELD)]:
        del st.session_state[key]
