"""The figures of the Data quality page. They are of the whole export, whatever the scope: a reader may doubt any number on any page."""

from __future__ import annotations

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.changes_by_month import changes_by_month
from dashboard.charts.completeness import ColumnFilled, completeness_bars
from dashboard.exports import contract
from dashboard.exports.check import RULES
from dashboard.figures.figure import DEFINITIONS, Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.words import listed, many, month_words, percent

_CONTRACT = "The export contract, version 1 (docs/export-contract.md)."
_STILL_BEING_RECORDED = 28  # days
_NO_EXPORT_BEFORE = "There is no earlier export to compare this one with"
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
        source=f"{_CONTRACT} Overlaps, open episodes and dates in care: rules 574, 575, 577, 578 and 581 of the SSDA903 return.",
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
        finding=f"{always} of {len(telling)} optional columns are always filled, {never or 'none'} always empty",
        measure="Share of rows that fill each optional column",
        alt=f"Bars of the share of rows that fill each optional column, table by table. {always} of {len(telling)} are always filled, "
        f"{never or 'none'} always empty." + (f" The least filled: {listed(emptiest)}." if emptiest else ""),
        draw=lambda palette: completeness_bars(drawn, palette),
    )


_BY_THE_SAME_ID = "A row is known by its id. Where a source gives its rows new ids, every row is gone and every row is new."


@figure(
    Definition(
        name="data_quality/compared",
        title="What changed since the export before",
        counts="Rows of each table that are new in this export, that say something else than in the export before, and that are gone.",
        over="The rows of the table in the export before, and in this one.",
        matters="A number in last quarter's report moves when rows behind it are recorded late, corrected or taken away.",
        source=_CONTRACT,
        caveat=f"{_WHOLE} {_BY_THE_SAME_ID}",
        columns={
            "table": "the table of the export",
            "rows_before": "its rows in the export before",
            "added": "rows that are new",
            "changed": "rows of which any column changed",
            "gone": "rows that are no longer there",
            "rows": "its rows now",
        },
    )
)
def compared(asked: Asked) -> Shown:
    tables = [table.name for table in contract.TABLES]
    frame = asked.rows(tables=tables)
    episodes = frame.filter(pl.col("table") == "episodes")
    if frame.is_empty():
        finding = _NO_EXPORT_BEFORE
    elif episodes.is_empty():
        finding = "Neither this export nor the one before has an episode"
    else:
        row = episodes.row(0, named=True)
        finding = f"{many(row['added'], 'new episode')} since the export before; {row['changed']:,} changed and {row['gone']:,} gone"
    drawn = [
        Bar(
            label=row["table"],
            value=row["added"] + row["changed"],
            dark=row["added"],
            number=f"{row['added']:,} new, {row['changed']:,} changed, {row['gone']:,} gone",
        )
        for row in frame.iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Rows that are new or changed, table by table" if drawn else "",
        alt="".join(f"{bar.label}: {bar.number}. " for bar in drawn) or f"{finding}.",
        draw=(lambda palette: bars(drawn, palette, dark="New", pale="Changed")) if drawn else None,
        parameters={"tables": tables},
    )


@figure(
    Definition(
        name="data_quality/months_compared",
        title="Which months changed since the export before",
        counts="Episodes by the month in which they began: as the export before had them, what is new, gone and moved, and "
        "as they are now.",
        over="No rate: numbers of episodes. Months that the export before covered whole.",
        matters="It says why a month's number is another one than in the last report.",
        source=_CONTRACT,
        caveat=f"{_WHOLE} {_BY_THE_SAME_ID}",
        columns={
            "month": "the month",
            "episodes_before": "episodes that began in it, in the export before",
            "added": "episodes that are new",
            "gone": "episodes that are no longer there",
            "moved": "episodes moved into the month by a corrected start, less those moved out of it",
            "episodes": "episodes that began in it, now",
        },
    )
)
def months_compared(asked: Asked) -> Shown:
    frame = asked.rows()
    moved = frame.filter((pl.col("added") > 0) | (pl.col("gone") > 0) | (pl.col("moved") != 0))
    if frame.is_empty():
        finding = _NO_EXPORT_BEFORE
    elif moved.is_empty():
        finding = f"No month changed: all {frame.height} have the episodes that they had"
    else:
        most = moved.sort((pl.col("episodes") - pl.col("episodes_before")).abs(), pl.col("month"), descending=True).row(0, named=True)
        finding = (
            f"{many(moved.height, 'month')} of {frame.height} changed; "
            f"{month_words(most['month'])} most, from {most['episodes_before']:,} to {most['episodes']:,}"
        )
    told = [f"{month_words(row['month'])}: {row['episodes_before']:,} before, {row['episodes']:,} now" for row in moved.tail(12).to_dicts()]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Episodes by the month in which they began: new above the line, gone below it" if moved.height else "",
        alt=f"Bars of the episodes that are new in each month and gone from it. {finding}. {'; '.join(told)}.",
        draw=(lambda palette: changes_by_month(frame, palette)) if moved.height else None,
    )


@figure(
    Definition(
        name="data_quality/late_recordings",
        title="How late episodes are recorded",
        counts="Episodes that this export has and the one before had not, though they had begun by its last day, by the days from their "
        "start to that day.",
        over="All such episodes.",
        matters="The latest weeks of every chart are short of what is recorded late. This says how far back that goes.",
        source="The latest four weeks are marked “still being recorded” on every page.",
        caveat=f"{_WHOLE} When a row was written no export says: each was recorded at least that late.",
        columns={
            "days_from": "days from the start to the last day of the export before, at least",
            "days_to": "at most; empty for a year and more",
            "episodes": "episodes recorded that late",
        },
    )
)
def late_recordings(asked: Asked) -> Shown:
    frame = asked.rows()
    late = int(frame["episodes"].sum())
    beyond = int(frame.filter(pl.col("days_from") > _STILL_BEING_RECORDED)["episodes"].sum())
    if frame.is_empty():
        finding = _NO_EXPORT_BEFORE
    elif late:
        finding = f"{many(late, 'episode')} came late, {beyond:,} of them more than four weeks after the child left"
    else:
        finding = "No episode came later than the export in which it belonged"
    rows = frame.to_dicts()
    words = [f"{row['days_from']} to {row['days_to']} days" if row["days_to"] else "More than a year" for row in rows]
    drawn = [
        Bar(label=label, value=row["episodes"], dark=row["episodes"], number=f"{row['episodes']:,}")
        for label, row in zip(words, rows, strict=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Episodes that the export before should have had, by days from their start to its last day" if late else "",
        alt="; ".join(f"{bar.label}: {bar.number}" for bar in drawn) + "." if late else f"{finding}.",
        draw=(lambda palette: bars(drawn, palette)) if late else None,
    )


def not_given(given: frozenset[str]) -> list[tuple[str, str]]:
    """(Title, sentence that names what is needed) of each figure that an export with these tables and columns cannot give."""
    needs = ((definition.title, what_is_needed(definition.needs, given)) for definition in DEFINITIONS.values())
    return [(title, need) for title, need in needs if need]


def _share(row: dict) -> float:
    return row["share"] or 0.0
