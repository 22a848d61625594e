"""A mapping: which column of a local table is which of the contract, and what its codes mean.

docs/import-table.md says the same for a data team.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as MappingOf
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.contract import Kind

Header = str | tuple[str, str]
"""The name of a column; or the names of two, the first with a date and the second with a time of day."""

_EPISODES = {column.name: column for column in contract.CONTRACT["episodes"].columns}
_INTERVIEWS = {column.name: column for column in contract.CONTRACT["return_interviews"].columns if column.name != "episode_id"}
_UNITS = {column.name: column for column in contract.CONTRACT["units"].columns if column.name != "unit_id"}
# Who went, and not who was looked after: a table of episodes has no child who never went, and every share would be of all.
_CHILDREN = {
    column.name: column
    for column in contract.CONTRACT["children"].columns
    if column.name in ("birth_month", "sex", "ethnicity", "uasc", "responsible_authority")
}
COLUMNS: dict[str, dict[str, contract.Column]] = {
    "columns": _EPISODES,
    "interview": _INTERVIEWS,
    "units": _UNITS,
    "children": _CHILDREN,
}
"""Section of a mapping → the contract's columns that it can fill."""

# Two answers of councils' files that the contract has no column for: both at once, and whether an offer was accepted.
ANSWERS = ("answer", "accepted")
ACCEPTED = ("yes", "no", "not_applicable")
# The five groups of the Office for National Statistics.
ETHNICITIES = ("White", "Mixed", "Asian", "Black", "Other")


class Answer(BaseModel):
    """What one word of a column says that tells offer and outcome at once."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    offered: Literal["yes", "no", "not_required"]
    outcome: Literal["completed", "declined", "not_held", "pending"] | None = None
    late_reason: str | None = None


class Covers(BaseModel):
    """The days that the table speaks of, both included."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    from_: date = Field(alias="from")
    to: date

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        if self.to < self.from_:
            raise ValueError("the last day comes before the first")
        return self


class Dates(BaseModel):
    """How dates and times are written, where not as ISO 8601 or day/month/year: by strftime's codes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    format: str | tuple[str, ...] = ()

    @property
    def formats(self) -> tuple[str, ...]:
        return (self.format,) if isinstance(self.format, str) else self.format


class Mapping(BaseModel):
    """A mapping, as its TOML file has it. `category` is that of every row, for a table that has no column of it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    authority: str = ""
    ids: Literal["keyed", "pseudonyms"] = "keyed"
    category: Literal["missing", "away"] | None = None
    covers: Covers | None = None
    dates: Dates = Dates()
    columns: dict[str, Header]
    interview: dict[str, Header] = {}
    units: dict[str, Header] = {}
    children: dict[str, Header] = {}
    codes: dict[str, dict[str, str | bool | Answer]] = {}

    @model_validator(mode="after")
    def _is_of_the_contract(self) -> Self:
        for section, known in COLUMNS.items():
            for column, header in getattr(self, section).items():
                if column not in known and not (section == "interview" and column in ANSWERS):
                    raise ValueError(f"[{section}] {column} is not one of its columns{_perhaps(column, known)}")
                is_moment = column in known and known[column].kind in (Kind.INSTANT, Kind.INSTANT_OR_DATE)
                if isinstance(header, tuple) and not is_moment:
                    raise ValueError(f"[{section}] {column} is no time, and so has one column and not two")
        needed = {"child_id", "started_at"} - self.columns.keys()
        if needed:
            raise ValueError(f"[columns] {' and '.join(sorted(needed))} must be there")
        if ("category" in self.columns) == (self.category is not None):
            raise ValueError('either [columns] has category, or category = "missing" or "away" stands at the top for every row')
        if self.interview and self.interview.keys().isdisjoint({"answer", "offered"}):
            raise ValueError("[interview] answer or offered must be there: without it no interview is known to be offered")
        if self.units and "unit_id" not in self.columns:
            raise ValueError("[units] needs unit_id in [columns]")
        for column, codes in self.codes.items():
            self._check_codes(column, codes)
        return self

    def _check_codes(self, column: str, codes: MappingOf[str, str | bool | Answer]) -> None:
        mapped = {name: COLUMNS[section].get(name) for section in COLUMNS for name in getattr(self, section)}
        if column not in mapped:
            raise ValueError(f"[codes.{column}] {column} is not mapped{_perhaps(column, mapped)}")
        kind = mapped[column]
        for said, code in codes.items():
            where = f"[codes.{column}] “{said}”"
            if column == "answer":
                if not isinstance(code, Answer):
                    raise ValueError(f'{where} needs {{offered = "yes", "no" or "not_required"}}, and may have outcome and late_reason')
            elif column in ("accepted", "ethnicity") or (kind is not None and kind.codes):
                allowed = {"accepted": ACCEPTED, "ethnicity": ETHNICITIES}.get(column) or (kind.codes if kind else ())
                if code not in allowed:
                    raise ValueError(f"{where} can be {', '.join(allowed)}, and not {code!r}")
            elif kind is not None and kind.kind is Kind.BOOLEAN:
                if not isinstance(code, bool):
                    raise ValueError(f"{where} can be true or false, and not {code!r}")
            elif not isinstance(code, str) or (kind is not None and kind.kind not in (Kind.TEXT, Kind.TEXT_LIST)):
                raise ValueError(f"{where} cannot have a code: {column} has none")


def load_mapping(path: Path) -> Mapping:
    """The mapping in a TOML file.

    Raises:
        Refusal: it cannot be read, or says what the contract does not have.
    """
    try:
        return Mapping.model_validate(tomllib.loads(path.read_text(encoding="utf-8-sig")))
    except OSError as error:
        raise Refusal(f"{path} cannot be read ({error.strerror}).", "`--suggest` writes a first mapping.") from error
    except ValueError as error:  # TOMLDecodeError, UnicodeDecodeError and ValidationError are all of them
        said = "; ".join(_in_words(one) for one in error.errors()) if isinstance(error, ValidationError) else str(error)
        raise Refusal(f"{path.name} cannot be used: {said}.", "docs/import-table.md says what a mapping has.") from error


def _in_words(error: MappingOf) -> str:
    where = ".".join(str(part) for part in error["loc"] if part not in ("str", "bool", "Answer", "tuple[str, str]"))
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _perhaps(name: str, known: MappingOf) -> str:
    close = get_close_matches(name, known, n=1)
    return f"; perhaps {close[0]}?" if close else ""
