"""The figures of the Data quality page. They are of the whole export, whatever the scope: a reader may doubt any number on any page."""

from __future__ import annotations

import polars as pl

from dashboard.charts.completeness import ColumnFilled, completeness_bars
from dashboard.exports import contract
from dashboard.exports.check import RULES
from dashboard.figures.figure import DEFINITIONS, Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.words import listed, many, percent

_CONTRACT = "The export contract, version 1 (docs/export-contract.md)."
_WHOLE = "Of the whole export, whatever the period, category, units and children chosen above."


@figure(
    Definition(
        name="data_quality/findings",
        title="Rows to look at",
        counts="Rows that fall under a rule of the export check. They are in every figure as they were recorded, unless the meaning of "
        "the rule says otherwise.",
        over="All rows of the table's file.",
        matters="A wrong date or a missing placement changes lengths, rates and units. What is corrected at the source is right in the "
        "next export.",
        source=f"{_CONTRACT} Overlaps, open episodes and dates in care: rules 574, 575, 577 and 580 of the SSDA903 return.",
        caveat=_WHOLE,
        columns={
            "rule": "the rule",
            "table": "the table of the export",
            "column": "its column that the rule is about",
            "rows": "rows that fall under the rule; where an id is listed twice, rows that are left out",
            "share": "rows ÷ all rows of the table's file",
            "severity": "warning: the rows are kept",
            "meaning": "what it means",
            "what_to_do": "what to do about it",
            "examples": "up to five of their ids",
        },
    )
)
def findings(asked: Asked) -> Shown:
    counted = asked.rows()
    of_rule = pl.col("rule").replace_strict
    frame = counted.with_columns(
        of_rule({name: rule.meaning for name, rule in RULES.items()}, return_dtype=pl.String).alias("meaning"),
        of_rule({name: rule.what_to_do for name, rule in RULES.items()}, return_dtype=pl.String).alias("what_to_do"),
    )
    if frame.is_empty():
        finding = "No row of the export falls under a rule of the check"
    else:
        most = frame.row(0, named=True)
        which = "One finding" if frame.height == 1 else f"The commonest of {frame.height} findings"
        finding = f"{which}: {most['rule']}, in {many(most['rows'], 'row')}"
    return Shown(
        frame=frame,
        finding=finding,
        measure="Rows that fall under a rule of the export check, the commonest first",
        alt="".join(f"{row['rule']}: {many(row['rows'], 'row')} of {row['table']}. " for row in frame.iter_rows(named=True))
        or f"{finding}.",
    )


@figure(
    Definition(
        name="data_quality/completeness",
        title="How completely each column is filled",
        counts="Rows that fill a column, for each table and column of the contract; for episodes also for each unit, by the unit at "
        "the time.",
        over="All rows of the table's file, or of the unit's episodes.",
        matters="A figure stands on the rows that fill its columns. Where few do, it speaks of those few.",
        source=_CONTRACT,
        caveat=_WHOLE,
        columns={
            "table": "the table of the export",
            "column": "its column",
            "filled": "rows that fill it; 0 where the file or the column is not there",
            "rows": "rows of the file, or of the unit's episodes",
            "share": "filled ÷ rows; empty where there is no row",
            "unit_id": "the unit; empty for the whole table",
        },
    )
)
def completeness(asked: Asked) -> Shown:
    frame = asked.rows()
    whole = {(row["table"], row["column"]): row for row in frame.filter(pl.col("unit_id").is_null()).iter_rows(named=True)}
    # A required column is always filled, or the export had been refused.
    optional = [(table, column) for table in contract.TABLES for column in table.columns if not column.required]
    telling = [whole[table.name, column.name] for table, column in optional if table.name in asked.snapshot.given and not column.null_means]
    never = sum(row["filled"] == 0 for row in telling)
    always = sum(0 < row["filled"] == row["rows"] for row in telling)
    drawn = [
        ColumnFilled(
            table=table.name,
            rows=whole[table.name, column.name]["rows"] if table.name in asked.snapshot.given else None,
            column=column.name,
            share=whole[table.name, column.name]["share"],
            empty_means=column.null_means,
        )
        for table, column in optional
    ]
    emptiest = [f"{row['table']}.{row['column']} {percent(row['share'])}" for row in sorted(telling, key=_share)[:3] if row["rows"]]
    return Shown(
        frame=frame,
        finding=f"Of {len(telling)} optional columns {always} are always filled and {never or 'none'} never",
        measure="Share of rows that fill each optional column",
        alt=f"Bars of the share of rows that fill each optional column, table by table. {always} of {len(telling)} are always filled, "
        f"{never or 'none'} never." + (f" The least filled: {listed(emptiest)}." if emptiest else ""),
        draw=lambda palette: completeness_bars(drawn, palette),
    )


def not_given(given: frozenset[str]) -> list[tuple[str, str]]:
    """(Title, sentence that names what is needed) of each figure that an export with these tables and columns cannot give."""
    needs = ((definition.title, what_is_needed(definition.needs, given)) for definition in DEFINITIONS.values())
    return [(title, need) for title, need in needs if need]


def _share(row: dict) -> float:
    return row["share"] or 0.0
