"""What a figure is, and the register of all figures.

A figure is built once and shown three ways: a page draws it, a report prints it, `oversight figures` writes it. To add one:
write its SQL in `queries/PAGE/NAME.sql`, its oracle in `tests/oracle/`, a function here under `@figure(Definition(...))` in the
page's module, and its place on the page. CONTRIBUTING.md walks through it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from dashboard.charts.theme import Palette
from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.tables import Snapshot, parameters_of, sql_of
from dashboard.figures.words import for_people
from dashboard.scope import CATEGORY_WORDS, Scope, month_after
from dashboard.settings import Settings

Drawing = Any
"""An Altair chart of any kind, or a pydeck deck: the two have no class in common."""


@dataclass(frozen=True)
class Definition:
    """What a figure means, as data beside it. The Definitions page prints these and nothing else.

    Attributes:
        name: "page/figure", the name of its SQL file and of its rows in a file.
        title: what it is, in a few plain words.
        counts: what is counted.
        over: what it is set over or against; empty for plain counts.
        matters: why a reader should care.
        source: where the definition or formula comes from.
        columns: column → its meaning and unit, in the order of the frame.
        caveat: what must be said wherever it is shown.
        needs: tables ("police_calls"), columns ("episodes.risk") and times ("times of episodes.started_at") without which it
            cannot be given. Either of two will do where they stand as "episodes.risk or episodes.category".
        is_child_level: its rows are single children, under pseudonyms.
    """

    name: str
    title: str
    counts: str
    matters: str
    source: str
    columns: Mapping[str, str]
    over: str = ""
    caveat: str = ""
    needs: tuple[str, ...] = ()
    is_child_level: bool = False

    @property
    def page(self) -> str:
        return self.name.split("/")[0]


@dataclass(frozen=True)
class Question:
    """A question that a figure put to the export: `queries/NAME.sql` and the parameters that it was bound with."""

    name: str
    bound: Mapping[str, Any]

    @property
    def sql(self) -> str:
        return sql_of(self.name)


@dataclass(frozen=True)
class Asked:
    """What a figure is asked of: an export, a scope and the authority's settings. `questions` are those that it has put, for the trail."""

    snapshot: Snapshot
    scope: Scope
    settings: Settings
    definition: Definition
    extra: Mapping[str, Any] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def rows(self, question: str | None = None, **parameters: Any) -> pl.DataFrame:
        """The rows of a question, by default the figure's own, bound with the scope and `parameters`."""
        name, given = question or self.definition.name, self.parameters | parameters
        self.questions.append(Question(name, {parameter: given[parameter] for parameter in parameters_of(sql_of(name))}))
        return self.snapshot.ask(name, given)

    @property
    def parameters(self) -> dict[str, Any]:
        """The scope's parameters and what any question may use beside them: `covers_from`, `covers_to`, `history_from`,
        `smallest_nights`, `smallest_children`.

        `history_from` is where a series begins that is read against its past: the first month of the period, or 36 months to its
        last one where it is shorter. Twelve quarters, the fewest that a control chart of a small unit can be made of, are 36 months.
        """
        coverage, period = self.snapshot.coverage, self.scope.period
        return self.scope.parameters | {
            "history_from": max(coverage.first_day.replace(day=1), min(period.first_month, month_after(period.last_month, -35))),
            "covers_from": coverage.first_day,
            "covers_to": coverage.last_day,
            "smallest_nights": self.settings.smallest_nights,
            "smallest_children": self.settings.smallest_children,
            **self.extra,
        }

    @property
    def episodes(self) -> str:
        """What the scope counts: "missing episodes", "away episodes", "missing and away episodes"."""
        return CATEGORY_WORDS[self.scope.category]

    def unit(self, unit_id: str | None) -> str:
        """What people call a unit."""
        return "no unit known" if unit_id is None else self.snapshot.unit_names.get(unit_id, unit_id)

    def figure(self, name: str) -> Figure:
        """Another figure, of the same scope: for one that is made of others."""
        made = build(name, self.snapshot, self.scope, self.settings)
        self.questions.extend(made.questions)
        return made


@dataclass(frozen=True)
class Shown:
    """What a figure's own function gives: everything that depends on the data.

    `finding` is a sentence made from the frame, 15 words at most, which says "higher", "rose" and the like only when a rule or an
    interval tells it from chance. `measure` says measure and unit under it. `draw` gives the chart in a palette, without title or
    background; `draw_on_paper` the same where a screen has a deck, which paper cannot hold. `parameters` are those that the SQL used
    beside the scope's. `as_read` is the frame with texts in place of values that are not read as they are.
    """

    frame: pl.DataFrame
    finding: str
    alt: str
    measure: str = ""
    draw: Callable[[Palette], Drawing] | None = None
    draw_on_paper: Callable[[Palette], Drawing] | None = None
    caveats: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    as_read: pl.DataFrame | None = None


@dataclass(frozen=True)
class Figure:
    """One figure of one scope, ready to be drawn, printed or written.

    `needs` is the sentence that stands in its place where the export cannot give it; the frame is then empty. `questions` are
    all that it put to the export, each once, its own first. `as_read` is the frame as a table for people shows it, in the same
    columns: as the figure says, and then as of `for_people`.
    """

    definition: Definition
    scope: Scope
    frame: pl.DataFrame
    finding: str
    measure: str
    alt: str
    draw: Callable[[Palette], Drawing] | None
    draw_on_paper: Callable[[Palette], Drawing] | None
    caveats: tuple[str, ...]
    parameters: Mapping[str, Any]
    needs: str | None = None
    questions: tuple[Question, ...] = ()
    as_read: pl.DataFrame = field(default_factory=pl.DataFrame)

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def sql(self) -> str:
        """The SQL that its rows come from."""
        return sql_of(self.definition.name)

    @property
    def bound(self) -> Mapping[str, Any]:
        """The parameters that its own SQL was bound with; none where the export cannot give it."""
        return next((question.bound for question in self.questions if question.name == self.name), {})


FIGURES: dict[str, Callable[[Snapshot, Scope, Settings, Mapping[str, Any]], Figure]] = {}
DEFINITIONS: dict[str, Definition] = {}


def figure(definition: Definition) -> Callable[[Callable[[Asked], Shown]], Callable[[Asked], Shown]]:
    """Register a function as the figure of `definition`.

    Around it: where the export lacks what the definition needs, the function is not called and the sentence that names what is
    needed takes its place; its frame is held to the definition's columns, in their order.
    """

    def register(make: Callable[[Asked], Shown]) -> Callable[[Asked], Shown]:
        @functools.wraps(make)
        def built(snapshot: Snapshot, scope: Scope, settings: Settings, extra: Mapping[str, Any]) -> Figure:
            asked = Asked(snapshot, scope, settings, definition, extra)
            needs = what_is_needed(definition.needs, snapshot.given)
            if needs:
                empty = pl.DataFrame(schema=dict.fromkeys(definition.columns, pl.Null))
                return Figure(definition, scope, empty, "", "", needs, None, None, (), asked.parameters, needs)
            shown = make(asked)
            frame = shown.frame.select(list(definition.columns))
            return Figure(
                definition=definition,
                scope=scope,
                frame=frame,
                finding=shown.finding,
                measure=shown.measure,
                alt=shown.alt,
                draw=shown.draw if shown.frame.height else None,
                draw_on_paper=(shown.draw_on_paper or shown.draw) if shown.frame.height else None,
                caveats=tuple(filter(None, (definition.caveat, *_scope_caveats(asked), *shown.caveats))),
                parameters=asked.parameters | dict(shown.parameters),
                questions=_each_once(asked.questions, definition.name),
                as_read=for_people(frame if shown.as_read is None else shown.as_read.select(list(definition.columns))),
            )

        FIGURES[definition.name] = built
        DEFINITIONS[definition.name] = definition
        return make

    return register


def _each_once(questions: list[Question], own: str) -> tuple[Question, ...]:
    once = {(question.name, repr(question.bound)): question for question in questions}
    return tuple(sorted(once.values(), key=lambda question: (question.name != own, question.name)))


def build(name: str, snapshot: Snapshot, scope: Scope, settings: Settings, **extra: Any) -> Figure:
    """The figure of that name. `extra` are parameters beyond the scope, such as `child_id` for a trajectory.

    Raises:
        Refusal: there is no such figure.
    """
    if name not in FIGURES:
        raise Refusal(f"There is no figure {name!r}.", "`oversight figures --list` names them all.")
    return FIGURES[name](snapshot, scope, settings, extra)


def what_is_needed(needs: tuple[str, ...], given: frozenset[str]) -> str | None:
    """The sentence that names what an export lacks of `needs`; None where it lacks nothing."""
    lacking = [need for need in needs if given.isdisjoint(need.split(" or "))]
    # A table that is not there says it all: its columns need no mention.
    lacking = [need for need in lacking if "." not in need or need.removeprefix("times of ").split(".")[0] not in lacking]
    lacking = [need for need in lacking if not need.startswith("times of ") or need.removeprefix("times of ") not in lacking]
    if not lacking:
        return None
    return "Needs " + " and ".join(_need_in_words(need) for need in lacking) + "."


def _need_in_words(need: str) -> str:
    if " or " in need:
        return " or ".join(_need_in_words(one) for one in need.split(" or "))
    if need.startswith("times of "):
        table, column = need.removeprefix("times of ").split(".")
        return f"times, not dates alone, in column {column} of table {table}"
    if "=" in need:
        column, value = need.split("=")
        return f"{_need_in_words(column)} with “{value}” in it"
    if "." in need:
        table, column = need.split(".")
        return f"column {column} of table {table}"
    return f"table {need} (a row is {contract.CONTRACT[need].row})"


def _scope_caveats(asked: Asked) -> list[str]:
    coverage, period = asked.snapshot.coverage, asked.scope.period
    if period.last_day < coverage.first_day or period.first_day > coverage.last_day:
        return ["The data do not reach this period."]
    if period.first_day < coverage.first_day or period.last_day > coverage.last_day:
        return [f"The data cover {coverage.first_day:%-d %B %Y} to {coverage.last_day:%-d %B %Y}, and so only a part of this period."]
    return []
