"""The columns of a local table, read as the contract's by a mapping; what cannot be read becomes a rule of the report."""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from difflib import get_close_matches
from typing import Any

import polars as pl

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.contract import Column, Kind
from dashboard.exports.imports.mapped import values
from dashboard.exports.imports.mapped.mapping import Header, Mapping
from dashboard.exports.imports.moments import Moments, read_moments
from dashboard.exports.imports.report import RuleFound
from dashboard.exports.imports.sources import ROW, as_text

_SEPARATORS = re.compile("[;|,]")


class Columns:
    """The rows of a source by a mapping. `rules` grows with each column that is read, `assumed` with what was left out."""

    def __init__(self, source: pl.DataFrame, file: str, mapping: Mapping, rules: list[RuleFound], assumed: list[str]) -> None:
        self._source = source
        self._file = file
        self._mapping = mapping
        self._rules = rules
        self._assumed = assumed

    @property
    def row(self) -> pl.Series:
        return self._source[ROW].rename("row")

    def of_rows(self, row: pl.Series) -> Columns:
        """The same for some of the rows, in that order."""
        source = row.rename(ROW).to_frame().join(self._source, on=ROW, how="left", maintain_order="left")
        return Columns(source, self._file, self._mapping, self._rules, self._assumed)

    def text(self, header: Header) -> pl.Series:
        return as_text(self._cells(_only(header)))

    def moments(self, header: Header) -> Moments:
        date, clock = (header, None) if isinstance(header, str) else header
        times = None if clock is None else _temporal_or_text(self._cells(clock))
        return read_moments(_temporal_or_text(self._cells(date)), times, self._mapping.dates.formats)

    def read(self, column: Column, header: Header) -> pl.Series | None:
        """The column as the contract has it; None where the file has dates and the contract asks for times."""
        kind = column.kind
        if kind in (Kind.INSTANT, Kind.INSTANT_OR_DATE, Kind.DATE):
            return self._moment(column, header)
        if kind is Kind.BOOLEAN:
            return self._coded(column.name, header, values.yes_or_no(self._said(column.name)), pl.Boolean)
        if kind in (Kind.NUMBER, Kind.INTEGER):
            cells = self.text(header)
            number = cells.cast(pl.Float64, strict=False)
            self._unreadable(column.name, header, cells.is_not_null() & number.is_null(), "no number")
            return number.round().cast(pl.Int64) if kind is Kind.INTEGER else number
        if kind is Kind.TEXT_LIST:
            return self._list(column, header)
        if column.name == "ethnicity":
            known = values.ethnicities(self._said("ethnicity"), self.text(header).drop_nulls().unique())
            return self._coded("ethnicity", header, known, pl.String)
        if column.codes or column.name == "late_reason":
            return self.coded(column, header)
        return self.text(header)

    def category(self, header: Header) -> pl.Series:
        """missing, away, or null where it is neither: a row that cannot be an episode."""
        known = values.known_codes(contract.CONTRACT["episodes"].column("category"), self._said("category"))
        cells = self.text(header)
        of = {text: known[code] for text in cells.drop_nulls().unique() if (code := values.folded(text)) in known}
        return values.lookup(cells, of, pl.String)

    def called(self, header: Header) -> str:
        return f"“{_only(header)}”"

    def coded(self, column: Column, header: Header) -> pl.Series:
        """The contract's codes, and unknown ones as codes, as the contract keeps them."""
        known = values.known_codes(column, self._said(column.name))
        return self._coded(column.name, header, known, pl.String, keeps_unknown=True)

    def accepted(self, header: Header) -> pl.Series:
        """yes, no, not_applicable or null."""
        return self._coded("accepted", header, values.accepted_codes(self._said("accepted")), pl.String)

    def answers(self, header: Header) -> dict[str, pl.Series]:
        """offered, outcome and late_reason out of one column that says all three."""
        known = values.answers(self._said("answer"))
        names = {text: text for text in known}
        said = self._coded("answer", header, names, pl.String)
        return {
            part: values.lookup(said, {text: getattr(answer, part) for text, answer in known.items()}, pl.String)
            for part in ("offered", "outcome", "late_reason")
        }

    def not_named(self) -> list[str]:
        """The columns that the mapping does not name, and that do not leave."""
        named: set[str] = set()
        for section in ("columns", "interview", "units", "children"):
            for header in getattr(self._mapping, section).values():
                named |= {header} if isinstance(header, str) else set(header)
        return [name for name in self._source.columns if name not in named and name != ROW]

    def _cells(self, header: str) -> pl.Series:
        if header not in self._source.columns:
            there = [name for name in self._source.columns if name != ROW]
            close = get_close_matches(header, there, n=1)
            perhaps = f"; perhaps “{close[0]}”?" if close else f". It has {', '.join(there)}."
            raise Refusal(f"{self._file} has no column “{header}”{perhaps}", "Put the mapping right: names are as in the first line.")
        return self._source[header]

    def _said(self, column: str) -> MappingOf[str, Any]:
        return self._mapping.codes.get(column, {})

    def _coded(
        self, name: str, header: Header, known: MappingOf[str, object], dtype: type[pl.DataType], keeps_unknown: bool = False
    ) -> pl.Series:
        cells = self.text(header)
        texts = {text: values.folded(text) for text in cells.drop_nulls().unique().to_list()}
        of = {text: known[code] for text, code in texts.items() if code in known}
        unknown = texts.keys() - of.keys()
        kept = values.new_codes(unknown) if keeps_unknown else {}
        meaning = f"What “{_only(header)}” says has no code in the mapping or the contract"
        if keeps_unknown:
            # What leaves in the export may be told in the report. Another text may be what somebody wrote of a child.
            told = f": {', '.join(sorted(kept))}." if kept else "."
            then = "It is kept as a code of its own, and shown as “other”."
            self._rule(f"{name}: another code", meaning + told, then, cells.is_in(list(kept)))
        self._rule(f"{name}: no code", f"{meaning}.", "It is left blank.", cells.is_in(list(unknown - kept.keys())))
        return values.lookup(cells, of | kept, dtype)

    def _list(self, column: Column, header: Header) -> pl.Series:
        known = values.known_codes(column, self._said(column.name))
        cells = self.text(header)
        texts = cells.drop_nulls().unique().to_list()
        parts = {text: [part for part in (one.strip() for one in _SEPARATORS.split(text)) if part] for text in texts}
        unknown = {part for said in parts.values() for part in said if values.folded(part) not in known}
        codes = values.new_codes(unknown) | {
            part: known[values.folded(part)] for said in parts.values() for part in said if part not in unknown
        }
        lost = [text for text, said in parts.items() if any(part not in codes for part in said)]
        meaning = f"What “{_only(header)}” says is too long for a code, or there are too many different ones."
        self._rule(f"{column.name}: no code", meaning, "It is left out of the list.", cells.is_in(lost))
        lists = {text: [codes[part] for part in said if part in codes] for text, said in parts.items()}
        return pl.Series([lists.get(text) for text in cells.to_list()], dtype=pl.List(pl.String))

    def _moment(self, column: Column, header: Header) -> pl.Series | None:
        moments = self.moments(header)
        self._unreadable(column.name, header, moments.is_unreadable, "no date that can be read")
        if column.kind is Kind.DATE:
            return moments.days
        if moments.are_dates or moments.wall.count() == 0:
            if column.kind is Kind.INSTANT:
                self._assumed.append(f"“{_only(header)}” has no times, and {column.name} needs them: it is left out.")
                return None
            return moments.days
        return moments.earliest

    def _unreadable(self, name: str, header: Header, where: pl.Series, what: str) -> None:
        self._rule(f"{name}: not readable", f"“{_only(header)}” is {what}.", "It is left blank.", where)

    def _rule(self, rule: str, meaning: str, then: str, where: pl.Series) -> None:
        rows = self._source.select(row=ROW).filter(where.fill_null(False))
        self._rules.append(RuleFound.by(rows, self._file, rule, meaning, then))


def _only(header: Header) -> str:
    return header if isinstance(header, str) else header[0]


def _temporal_or_text(cells: pl.Series) -> pl.Series:
    return cells if cells.dtype.is_temporal() else as_text(cells)
