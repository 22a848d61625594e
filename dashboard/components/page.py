"""How a page is laid out: title, scope in words, findings, then figures as cards."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, TypeVar

import polars as pl
import pydeck as pdk
import streamlit as st

from dashboard.charts.theme import DARK, LIGHT, Palette
from dashboard.components import reading
from dashboard.components.look import foot_of_sheets
from dashboard.components.paper_table import decimals, paper_table, share_decimals
from dashboard.components.text import plain
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import Figure, build
from dashboard.figures.words import listed
from dashboard.reports.evidence import added, command, tables_of
from dashboard.reports.files import SOFTWARE, as_csv, bound_lines, data_to
from dashboard.scope import Period
from dashboard.settings import TriggerRule

Value = TypeVar("Value", bound=Hashable)
Heading = Callable[..., Any]

_TABLE = "Show as table"
_WORKING = "How this is worked out"
_PICKED = "picked"
_MOST_FINDINGS = 4
# A deck has no height of its own.
MAP_HEIGHT = 460


def open_page(title: str) -> View:
    """Begin a page: its title and the sentence that says the scope in words and how far the data reach."""
    view = View(reading.current())
    st.title(title, anchor=False)
    view.say_scope()
    return view


def open_page_of_its_own_period(title: str) -> View:
    """Begin a page whose period is not the reader's: its title alone. It says its scope once it has one, with `say_scope`."""
    view = View(reading.current())
    st.title(title, anchor=False)
    return view


class View:
    """A page being laid out. It asks for figures and places them; it works nothing out."""

    def __init__(self, read: reading.Reading, section: AbstractContextManager[Any] | None = None) -> None:
        """`section` is where its cards go, one step lower in the page's headings; the page itself where None."""
        self.reading = read
        self._section = section

    def figure(self, name: str, **extra: Any) -> Figure:
        """The figure of that name in the reader's scope. `extra` are parameters beyond the scope, such as `unit_id`."""
        return build(name, self.reading.snapshot, self.reading.scope, self.reading.settings, **extra)

    def say_scope(self) -> None:
        """The scope in words and how far the data reach; on paper, whose they are too, on every sheet."""
        snapshot = self.reading.snapshot
        said = f"{self.reading.scope.words(snapshot.unit_names)}. {data_to(snapshot.coverage)}."
        with st.container(key="scope-words"):
            st.markdown(plain(said))
        foot_of_sheets(f"{snapshot.coverage.authority or 'Children missing from care'}. {said}")

    def findings(self, *figures: Figure) -> None:
        """What the page has to say first: the findings of the first four figures that have one."""
        said = list(dict.fromkeys(figure.finding for figure in figures if figure.finding))[:_MOST_FINDINGS]
        with st.container(key="findings"):
            st.markdown("\n".join(f"- {plain(sentence)}." for sentence in (s.rstrip(".") for s in said)))

    def card(self, figure: Figure, picks: str | None = None) -> None:
        """A figure as a card: finding as title, chart, its table, a download, and how it is worked out.

        With `picks`, a child chosen in the table becomes what `choose` under that label gives.
        """
        with self._section or nullcontext():
            _card(figure, self.reading, picks, st.subheader if self._section else st.header)

    def sections(self, *titles: str) -> list[View]:
        """The parts of a page with many cards, under these titles, and before them a line of links to each."""
        anchors = [title.lower().replace(",", "").replace(" ", "-") for title in titles]
        with st.container(key="contents"):
            st.markdown("On this page: " + " · ".join(f"[{title}](#{anchor})" for title, anchor in zip(titles, anchors, strict=True)))
        sections = []
        for title, anchor in zip(titles, anchors, strict=True):
            section = st.container(key=f"section-{anchor}")
            section.header(title, anchor=anchor)
            sections.append(View(self.reading, section))
        return sections

    def working(self, figure: Figure) -> None:
        """How a figure was worked out, and the command that writes the same rows again."""
        _working(figure, self.reading)

    def choose(self, label: str, options: Mapping[Value, str]) -> Value | None:
        """One of `options` (value → words), kept in the session and never in the link; None where there are none."""
        if not options:
            return None
        key = f"choice-{label}"
        if st.session_state.get(key) not in options:
            st.session_state.pop(key, None)
        return st.selectbox(label, list(options), format_func=options.__getitem__, key=key)

    def choose_unit(self, label: str) -> str | None:
        """One of the scope's units, by name; None where there are none."""
        names, units = self.reading.snapshot.unit_names, self.reading.scope.units
        return self.choose(label, {unit: name for unit, name in names.items() if units is None or unit in units})

    def with_rules(self, rules: Sequence[TriggerRule]) -> View:
        """This page by other rules than the authority's."""
        return View(replace(self.reading, settings=self.reading.settings.model_copy(update={"triggers": tuple(rules)})))

    def over(self, period: Period) -> View:
        """This page over another period: for what is of a fixed one, such as a quarter that has closed."""
        return View(replace(self.reading, scope=replace(self.reading.scope, period=period)))

    def of_unit(self, unit_id: str) -> View:
        """This page of one unit alone: for a page within a page."""
        return View(replace(self.reading, scope=replace(self.reading.scope, units=(unit_id,))))


def palette() -> Palette:
    """The colours of the theme that the reader's browser shows."""
    return DARK if st.context.theme.type == "dark" else LIGHT


@st.fragment
def _card(figure: Figure, read: reading.Reading, picks: str | None, heading: Heading) -> None:
    with st.container(key=f"card-{_key(figure)}"):
        if above(figure, heading) and figure.draw is not None:
            drawn = figure.draw(palette())
            if isinstance(drawn, pdk.Deck):
                st.pydeck_chart(drawn, height=MAP_HEIGHT, alt=figure.alt, key=f"map-{_key(figure)}")
                for_paper(figure)
            else:
                st.altair_chart(drawn, theme=None, width="stretch", alt=figure.alt, key=f"chart-{_key(figure)}")
        below(figure, read, picks)
    if st.session_state.pop(_PICKED, False):
        # What was picked stands outside this card.
        st.rerun()


def _key(figure: Figure) -> str:
    return figure.name.replace("/", "-")


def above(figure: Figure, heading: Heading = st.header) -> bool:
    """What stands over a figure's chart: its finding and measure. False where the export cannot give it, which is then said."""
    if figure.needs:
        heading(plain(figure.definition.title), anchor=False)
        st.info(plain(figure.needs))
        return False
    heading(plain(figure.finding or figure.definition.title), anchor=False)
    if figure.measure:
        st.caption(plain(figure.measure))
    return True


def for_paper(figure: Figure) -> None:
    """The chart that takes a deck's place when the page is printed: look.css keeps it off the screen, and the deck off the paper.

    It is drawn at once, because a browser that prints does not wait; and in light colours, because paper is white.
    """
    if figure.draw_on_paper is not None:
        with st.container(key=f"map-on-paper-{_key(figure)}"):
            st.altair_chart(figure.draw_on_paper(LIGHT), theme=None, width="stretch", alt=figure.alt, key=f"chart-on-paper-{_key(figure)}")


def below(figure: Figure, read: reading.Reading, picks: str | None = None) -> None:
    """What stands under a figure's chart: caveats, its table (`picks` as of `View.card`), a download, and how it is worked out."""
    if figure.needs:
        return
    name = _key(figure)
    for caveat in figure.caveats:
        st.caption(plain(caveat))
    with st.container(horizontal=True, key=f"actions-{name}", vertical_alignment="center"):
        shown = st.segmented_control(
            figure.definition.title,
            [_TABLE, _WORKING],
            key=f"shown-{name}",
            label_visibility="collapsed",
            default=_TABLE if figure.draw is None else None,
        )
        st.download_button(
            "Download CSV",
            # Made at the click: a file made beforehand could be fetched by anyone for minutes.
            data=lambda: as_csv(figure, read.snapshot).encode("utf-8-sig"),
            file_name=f"{name}_{figure.scope.period.name}.csv",
            mime="text/csv",
            on_click="ignore",
            key=f"download-{name}",
        )
    if shown == _TABLE:
        _table(figure, read.snapshot.unit_names, picks)
    elif shown == _WORKING:
        _working(figure, read)


def _table(figure: Figure, unit_names: Mapping[str, str], picks: str | None) -> None:
    columns: dict[str, Any] = {}
    labels: dict[str, str] = {}
    shares = set()
    frame = figure.as_read
    if "unit_id" in frame.columns:
        # On a page a unit goes by its name; files keep the id.
        frame = frame.with_columns(pl.col("unit_id").cast(pl.String).replace(dict(unit_names)))
    are_shares = any("share" in column for column in frame.columns)
    for column, meaning in figure.definition.columns.items():
        words = "unit" if column == "unit_id" else column.removeprefix("is_").replace("_", " ")
        label = labels[column] = words.capitalize()
        kind = frame.schema[column]
        if kind.is_float() and ("share" in column or (are_shares and column in ("lower", "upper", "target"))):
            shares.add(column)
            # Streamlit's own "percent" has two decimals, which no share of some hundred returns bears out.
            percentage = f"%.{share_decimals(frame[column])}f%%"
            columns[column] = st.column_config.NumberColumn(label, help=plain(meaning), format=percentage)
        elif kind.is_float():
            columns[column] = st.column_config.NumberColumn(label, help=plain(meaning), format=f"%.{decimals(column)}f")
        elif isinstance(kind, pl.Datetime):
            columns[column] = st.column_config.DatetimeColumn(label, help=plain(meaning), format="D MMM YYYY, HH:mm", width=150)
        elif kind == pl.Date:
            columns[column] = st.column_config.DateColumn(label, help=plain(meaning), format="D MMM YYYY")
        elif kind.is_integer() and column != "year":
            columns[column] = st.column_config.NumberColumn(label, help=plain(meaning), format="localized")
        else:
            columns[column] = st.column_config.Column(label, help=plain(meaning))
    picking: dict[str, Any] = {}
    if picks:
        key = f"picked-{figure.name.replace('/', '-')}"
        # At the choice and not from what stays chosen: the reader may choose elsewhere after that.
        picking = {"key": key, "selection_mode": "single-row", "on_select": partial(_pick, key, picks, frame["child_id"].to_list())}
    # Arrow, because a polars DATE would be shown with a time.
    shown = frame.with_columns(pl.col(sorted(shares)) * 100).to_arrow()
    st.dataframe(shown, hide_index=True, column_config=columns, placeholder="–", alt=figure.definition.title, **picking)
    if frame.is_empty():
        return
    with st.container(key=f"paper-{_key(figure)}"):
        st.html(paper_table(frame, labels, frozenset(shares)))


def _pick(key: str, label: str, children: Sequence[str]) -> None:
    chosen = st.session_state[key].selection.rows
    if chosen:
        st.session_state[f"choice-{label}"] = children[chosen[0]]
        st.session_state[_PICKED] = True


def _working(figure: Figure, read: reading.Reading) -> None:
    definition = figure.definition
    st.markdown(
        "\n\n".join(
            f"**{label}.** {plain(text)}"
            for label, text in (
                ("What is counted", definition.counts),
                ("Over", definition.over),
                ("Why it matters", definition.matters),
                ("Source", definition.source),
                ("Worked out after the SQL", ", ".join(added(figure, read.snapshot)).replace("_", " ")),
            )
            if text
        )
    )
    st.caption(
        "This command writes these rows again, from the same export and with the same settings. "
        "The first lines of what it writes name the export and the software."
    )
    st.code(command(figure, str(reading.export_folder())), language=None, wrap_lines=True)
    st.caption(f"Export {read.snapshot.fingerprint}, {SOFTWARE}, figure {plain(definition.name)}")
    # One SQL may have been asked twice, as of the period and of the one before it.
    for name, questions in groupby(figure.questions, key=lambda question: question.name):
        asked = list(questions)
        st.caption(f"queries/{plain(name)}.sql, which reads {plain(listed(tables_of(asked[0].sql)))} of queries/tables")
        # Not coloured as SQL: the colour of comments, which say what a row is, is too pale to read.
        st.code(asked[0].sql, language=None, wrap_lines=True)
        for question in asked:
            if question.bound:
                st.code("\n".join(bound_lines(question.bound)), language=None, wrap_lines=True)
