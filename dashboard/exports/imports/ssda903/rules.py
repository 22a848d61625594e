"""The rules that the rows of a return are held to, and what was found.

Numbers are those of the return's own validation checks; what has none there is named in words.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from dashboard.exports.imports.report import RuleFound

_LEFT_OUT = "It is left out."
_AS_RECORDED = "It is kept as recorded."
_STILL_OPEN = "It is kept, as still open."


@dataclass(frozen=True)
class Rule:
    """What it means that a row breaks a rule, and what is then done."""

    meaning: str
    then: str


# (Table of the return, rule) → rule, in the order of the report.
RULES: Mapping[tuple[str, str], Rule] = {
    ("missing", "no child"): Rule("The row has no id of a child (CHILD).", _LEFT_OUT),
    ("missing", "564"): Rule("It says missing or away, and not from when.", _LEFT_OUT),
    ("missing", "565"): Rule("It has a start, and says neither missing (M) nor away (A).", _LEFT_OUT),
    ("missing", "566"): Rule("It has an end, and says neither missing (M) nor away (A).", _LEFT_OUT),
    ("missing", "1004"): Rule("Its start is no date.", _LEFT_OUT),
    ("missing", "1005"): Rule("Its end is no date.", f"{_LEFT_OUT} Without an end it would pass for still open."),
    ("missing", "1006"): Rule("Its code (MISSING) is neither M nor A.", _LEFT_OUT),
    ("missing", "567"): Rule("It ends before it starts.", "It is kept as recorded, and no length is given for it."),
    ("missing", "570"): Rule("It starts after the year of its return.", _AS_RECORDED),
    ("missing", "571"): Rule("It ends before or after the year of its return.", _AS_RECORDED),
    ("missing", "574"): Rule("It starts before an earlier one of the child has ended.", "Both are kept and counted."),
    ("missing", "575"): Rule("It has no end, though the placement in which it began has ended.", _STILL_OPEN),
    ("missing", "576"): Rule("It was open at the end of its year, and the next year's return does not have it.", _STILL_OPEN),
    ("missing", "577"): Rule("It has no end, though the child is no longer looked after.", _STILL_OPEN),
    ("missing", "578"): Rule("It starts after the child left care.", f"{_AS_RECORDED} It belongs to no placement."),
    ("missing", "581"): Rule("It starts before the child was first looked after.", f"{_AS_RECORDED} It belongs to no placement."),
    ("missing", "586"): Rule("It starts on the day the child was born, or before.", _AS_RECORDED),
    ("missing", "listed twice"): Rule(
        "It says the same as another row.",
        "Both are kept: dates alone cannot tell a row entered twice from a child who went twice in a day.",
    ),
    ("missing", "birth date"): Rule("The child's birth date is no date.", "The date is left blank."),
    ("missing", "INT04"): Rule("The child is not in the header.", "The episode is kept; sex and ethnicity are not known."),
    ("missing", "INT13"): Rule("The child's birth date is another in the header.", "The header's is read."),
    ("episodes", "no child"): Rule("The row has no id of a child (CHILD).", _LEFT_OUT),
    ("episodes", "no start"): Rule("It has no start (DECOM).", _LEFT_OUT),
    ("episodes", "141"): Rule("Its start (DECOM) is no date.", _LEFT_OUT),
    ("episodes", "147"): Rule("Its end (DEC) is no date.", f"{_LEFT_OUT} Without an end the child would pass for still there."),
    ("episodes", "listed twice"): Rule("It says the same as another row.", "It is read once."),
    ("episodes", "146"): Rule("Its placement code (PLACE) is blank or not known.", "Its kind of unit is other."),
    ("episodes", "no URN"): Rule("It is in foster care or in a home, without the URN.", "It is counted by kind and provider."),
    ("episodes", "overlap"): Rule(
        "It starts before an earlier row of the child has ended.", "It is kept as recorded: those nights count in both places."
    ),
    ("episodes", "left without an end"): Rule(
        "It has a reason for leaving care (REC), and no end (DEC).", "The child is taken to be still there."
    ),
    ("episodes", "outside the year"): Rule("It ends before the year of its return, or starts or ends after it.", _AS_RECORDED),
    ("episodes", "580"): Rule(
        "Care ended on the child's 18th birthday while the child was missing or away, for another reason (REC) than E8.", _AS_RECORDED
    ),
    ("header", "no child"): Rule("The row has no id of a child (CHILD).", _LEFT_OUT),
    ("header", "101"): Rule("The code of sex is blank or not known.", "It is left blank."),
    ("header", "102"): Rule("The birth date is no date.", "It is left blank."),
    ("header", "103"): Rule("The code of ethnicity is blank or not known.", "It is left blank."),
}
_EXAMPLES = 5


class Findings:
    """What is found while a return is read: the rows that break each rule, and what was assumed."""

    def __init__(self) -> None:
        self.assumptions: list[str] = []
        self._rows: dict[tuple[str, str], tuple[int, list[tuple[int, int]]]] = {}

    def rule(self, table: str, rule: str, rows: pl.DataFrame) -> None:
        """The `rows` that break a rule, by their columns `year` and `row`; none is a finding too: the rule was looked at."""
        before, examples = self._rows.get((table, rule), (0, []))
        found = rows.select("year", "row").sort("year", "row").head(_EXAMPLES).rows()
        self._rows[table, rule] = before + rows.height, [*examples, *found][:_EXAMPLES]

    def note(self, what: str, count: int, then: str) -> None:
        """An assumption: how many there were, and what became of them; of none, nothing."""
        if count:
            self.assumptions.append(f"{what}: {count:,}. {then}")

    def found(self, files: Mapping[str, str], places: Mapping[tuple[int, str], str]) -> Iterator[RuleFound]:
        """Each rule that was looked at.

        `files` says which file a table is of, `places` how a row of a year's table is called, with `{}` for its number.
        """
        for (table, rule), said in RULES.items():
            if (table, rule) in self._rows:
                count, examples = self._rows[table, rule]
                where = tuple(places[year, table].format(row) for year, row in examples)
                yield RuleFound(rule, said.meaning, said.then, files[table], count, where)
