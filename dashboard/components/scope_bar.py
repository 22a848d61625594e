"""The bar above every page: period, category, units, whose children. Kept from page to page and in the link."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from dashboard.errors import Refusal
from dashboard.exports.tables import Snapshot
from dashboard.scope import Category, Period, Scope, Whose, default_scope, month_after

_KEYS = ("period", "category", "units", "whose")
_OTHER = "other months"
_WIDTHS = (3, 3, 3, 2.4)
_CATEGORIES: dict[Category, str] = {"both": "Both", "missing": "Missing", "away": "Away"}
_WHOSE: dict[Whose, str] = {"ours": "Our children", "here": "Placed in our area"}


def scope_bar(snapshot: Snapshot) -> Scope:
    """Draw the bar and give the scope that the reader chose.

    A link is followed once, when it is opened or changed by hand; after that the controls lead and the link follows them. A link
    that means nothing says so and falls back to what was there. The link never holds a child's id: a scope has none.
    """
    default = default_scope(snapshot.coverage.first_day, snapshot.coverage.last_day)
    said = {key: st.query_params[key] for key in _KEYS if key in st.query_params}
    if (said and said != st.session_state.get("scope_link")) or "scope_period" not in st.session_state:
        _follow(said, default, snapshot)
    scope = _controls(snapshot, default)
    st.session_state["scope_link"] = scope.link
    if st.query_params.to_dict() != scope.link:
        st.query_params.from_dict(scope.link)
    if "scope_refused" in st.session_state:
        st.warning(st.session_state.pop("scope_refused"), icon=":material/link_off:")
    return scope


def _follow(said: dict[str, str], default: Scope, snapshot: Snapshot) -> None:
    try:
        scope = Scope.parse(said, default, frozenset(snapshot.unit_names))
    except Refusal:
        # What the link said is not repeated: it is whatever someone typed.
        st.session_state["scope_refused"] = "This link does not say a scope that this export knows. You see the usual one instead."
        scope = default
    st.session_state["scope_period"] = scope.period.name
    st.session_state["scope_category"] = scope.category
    st.session_state["scope_units"] = list(scope.units or ())
    st.session_state["scope_whose"] = scope.whose


def _controls(snapshot: Snapshot, default: Scope) -> Scope:
    with st.container(key="scope-bar"):
        period_column, category_column, units_column, whose_column = st.columns(_WIDTHS)
    periods = named_periods(snapshot, default.period)
    chosen = st.session_state["scope_period"]
    if chosen != _OTHER and chosen not in periods:
        periods = {chosen: Period.parse(chosen)} | periods
    name = period_column.selectbox(
        "Period",
        [*periods, _OTHER],
        key="scope_period",
        format_func=lambda key: "Other months…" if key == _OTHER else period_label(periods[key], default.period),
    )
    period = _other_months(snapshot, default.period) if name == _OTHER else periods[name]
    category = category_column.segmented_control(
        "Category", list(_CATEGORIES), key="scope_category", format_func=_CATEGORIES.__getitem__, required=True
    )
    known = [unit for unit in st.session_state["scope_units"] if unit in snapshot.unit_names]
    if known != st.session_state["scope_units"]:
        st.session_state["scope_units"] = known
    units = units_column.multiselect(
        "Units", list(snapshot.unit_names), key="scope_units", format_func=lambda unit: snapshot.unit_names[unit], placeholder="All units"
    )
    # Without knowing which units are in our area, "placed in our area" would be nobody.
    whose_known: list[Whose] = ["ours", "here"] if "units.in_area" in snapshot.given else ["ours"]
    if st.session_state["scope_whose"] not in whose_known:
        st.session_state["scope_whose"] = "ours"
    whose = whose_column.selectbox("Whose children", whose_known, key="scope_whose", format_func=_WHOSE.__getitem__)
    return Scope(period, category or "both", tuple(sorted(units)) or None, whose)


def named_periods(snapshot: Snapshot, usual: Period) -> dict[str, Period]:
    """The periods that the export covers whole, by name: the usual one, financial years, quarters and months, latest first."""
    coverage = snapshot.coverage
    first, last = coverage.first_day.replace(day=1), coverage.last_day.replace(day=1)
    months = []
    while first <= last:
        months.append(first)
        first = month_after(first, 1)
    years = [Period(month, month_after(month, 11)) for month in months if month.month == 4]
    quarters = [Period(month, month_after(month, 2)) for month in months if month.month % 3 == 1]
    singles = [Period(month, month) for month in months]
    whole = Period(months[0], months[-1])
    covered = [p for group in (years, quarters, singles) for p in reversed(group) if p.last_month <= last]
    return {period.name: period for period in [usual, whole, *covered]}


def period_label(period: Period, usual: Period) -> str:
    """A period as the bar offers it: "12 months to June 2026", "2025-26 (April to March)", "July to September 2025", "July 2025"."""
    if period.months == 12 and period.first_month.month == 4:
        return f"{period.first_month.year}-{period.last_month:%y} (April to March)"
    if period.months == 3 and period.first_month.month % 3 == 1:
        return f"{period.first_month:%B} to {period.words.split(' to ')[1]}"
    if period == usual and period.months > 1:
        return f"{period.months} months to {period.last_month:%B %Y}"
    return period.words


def _other_months(snapshot: Snapshot, usual: Period) -> Period:
    first, last = snapshot.coverage.first_day.replace(day=1), snapshot.coverage.last_day.replace(day=1)
    months = [month_after(first, n) for n in range((last.year - first.year) * 12 + last.month - first.month + 1)]
    _, from_column, to_column, _ = st.columns(_WIDTHS)
    begins = from_column.selectbox("From", months, index=months.index(max(usual.first_month, first)), format_func=lambda m: f"{m:%B %Y}")
    after = [month for month in months if month >= begins]
    ends = to_column.selectbox("To", after, index=len(after) - 1, format_func=lambda m: f"{m:%B %Y}")
    return replace(usual, first_month=begins, last_month=ends)
