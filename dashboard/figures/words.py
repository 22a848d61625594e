"""Numbers and lists in the words of findings, the same on every page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from math import floor, log10

import polars as pl
import polars.selectors as cs

from dashboard.exports.contract import LOCAL_TIME
from dashboard.statistics.spc import cause_words


def number(value: float | None, places: int = 0) -> str:
    """ "1,234", "6.5"; "not known" for None."""
    return "not known" if value is None else f"{value:,.{places}f}"


def per_thousand(rate: float | None) -> str:
    """A rate per 1,000: "8.6", and below 1 "0.07", where one place would make many alike; "not known" for None."""
    # What two places would round to 1.00 is 1.0, as its neighbours are.
    return number(rate, 1 if rate is None or rate >= 0.995 else 2 if rate else 0)


def places_to_tell(rates: Sequence[float]) -> int:
    """Places after the point with which the smallest of the rates that is not 0 has two digits: two at least, four at most."""
    smallest = min((rate for rate in rates if rate > 0), default=1.0)
    return min(max(1 - floor(log10(smallest)), 2), 4)


def percent(share: float | None) -> str:
    """A share as a whole percentage: "44%"; "0%" and "100%" for none and all alone; "not known" for None."""
    if share is None:
        return "not known"
    if 0 < share <= 0.005:
        return "under 1%"
    return "over 99%" if 0.995 <= share < 1 else f"{share:.0%}"


def many(count: int, one: str, more: str = "") -> str:
    """ "1 child", "2 children" with `more` where the plural is not one + "s"."""
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def listed(things: Iterable[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    *first, last = list(things) or [""]
    return f"{', '.join(first)} and {last}" if first else last


def month_words(month: date) -> str:
    """ "October 2025"."""
    return f"{month:%B %Y}"


def day_words(day: date | datetime) -> str:
    """ "3 October 2025"."""
    return f"{day:%-d %B %Y}"


def capital(sentence: str) -> str:
    """The sentence with its first letter a capital, the rest as it is."""
    return sentence[:1].upper() + sentence[1:]


KIND_WORDS = {
    "childrens_home": "children's home",
    "secure_home": "secure home",
    "foster": "foster care",
    "supported": "supported accommodation",
    "residential_school": "residential school",
    "parents": "placed with parents",
    "other": "other setting",
}


def code_words(code: str | None) -> str:
    """A code of the contract or of an authority's own as words: "own accord"; "not recorded" for None."""
    return "not recorded" if code is None else KIND_WORDS.get(code, code.replace("_", " "))


# Columns of figures whose values are codes, alone or in lists. Those of Data quality are not among them: there a name has to be as it is in
# the file.
_CODED = (
    "cause",
    "detail",
    "expected",
    "found_by",
    "found_place",
    "interview",
    "interviewer",
    "kind",
    "lacking",
    "measure",
    "reason",
    "risk",
    "step",
)


def for_people(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame of a figure as a table for people has it: words for codes, and days for instants none of which has a time of day. What is
    not known stays empty."""
    # In some figures what is expected is a number.
    texts = frame.select(cs.string() | cs.list(cs.string()))
    return frame.with_columns(
        *(_in_words(texts[column]) for column in _CODED if column in texts.columns),
        *(_by_day(frame[column]) for column in frame.select(cs.datetime(time_zone="*")).columns),
    )


def _in_words(codes: pl.Series) -> pl.Series:
    if codes.dtype == pl.List:
        return codes.list.eval(pl.element().str.replace_all("_", " ", literal=True))
    if codes.name == "cause":
        return codes.replace({cause: cause_words(cause) for cause in codes.drop_nulls().unique()})
    return codes.replace(KIND_WORDS if codes.name == "kind" else {}).str.replace_all("_", " ", literal=True)


def _by_day(instants: pl.Series) -> pl.Series:
    local = instants.dt.convert_time_zone(LOCAL_TIME)
    has_times = (local.dt.time() != time()).any()
    return instants if has_times or local.null_count() == local.len() else local.dt.date()
