"""The check of an export before it is read: what it breaks of the contract, and what in it is odd.

An error refuses the export whole. A warning is shown on the Data quality page, and its rows are kept as they were recorded. A note
names what is not read. docs/export-contract.md says for a data team what each rule asks.
"""

from __future__ import annotations

import errno
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import types

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.contract import Kind
from dashboard.exports.manifest import Manifest
from dashboard.exports.tables import OUT_OF_MEMORY, BrokenRows, NotWritten, Snapshot
from dashboard.exports.write import sha256
from dashboard.settings import Settings

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Rule:
    """What it means that rows fall under a rule, and what to do about it."""

    meaning: str
    what_to_do: str


# The rules of queries/data_quality/findings.sql and queries/tables/refusals.sql, by their name there.
RULES = {
    "empty cell in a required column": Rule("A required column has no value there.", "Fill it, or leave the row out."),
    "episode listed twice": Rule("Two rows have one episode_id.", "Give each episode one row and an id of its own."),
    "unknown category": Rule("An episode is `missing` or `away`, and nothing else.", "Map the source's word to one of the two."),
    "end before start": Rule("It ends before it starts, so that no length is given for it.", "Correct one of the two times at the source."),
    "start after the export's end": Rule(
        "It starts after the last day that the export covers.", "Correct the date, or let the manifest cover the day."
    ),
    "overlap with another episode": Rule(
        "The child is recorded as going again before they were back. Both episodes are counted.",
        "Close the earlier episode, or join the two.",
    ),
    "open more than 28 days": Rule(
        "It was still open at the export's end and had begun more than 28 days before.", "If the child is back, record when."
    ),
    "open after the placement ended": Rule(
        "It is still open, though the placement in which it began has ended.", "Record the return, or correct the end of the placement."
    ),
    "not looked after on the day it began": Rule(
        "It began before the child was looked after or after they left care.", "Correct its date, or the child's dates in care."
    ),
    "in no placement": Rule(
        "No placement of the child covers the day on which it began. Its unit is known only where the episode names one.",
        "Add the placement, or correct its dates.",
    ),
    "interview for an unknown episode": Rule(
        "It names an episode that the export does not have, and counts for none.", "Correct its episode_id, or export the episode."
    ),
    "held before the return": Rule(
        "It is recorded as held before the child was back. It counts as held, and no hours are given for it.",
        "Correct the time at which it was held, or the end of the episode.",
    ),
    "outside the British Isles": Rule(
        "The point is not within 49 to 61 degrees north and 11 west to 2 east. Often 0 stands for not known, or the two are exchanged.",
        "Correct latitude and longitude, or leave both empty.",
    ),
    "unknown code": Rule(
        "A code that the contract does not have, or for reasons the settings. It is kept, and shown as “other: CODE”.",
        "Map it to a code of the contract, or name a reason in the settings.",
    ),
    "unit not in units": Rule(
        "The table `units` does not list it: it is called by its id, and its kind and area are not known.", "Add it to units.parquet."
    ),
    "listed twice": Rule("One id stands on several rows. The first is read, the others are left out.", "Keep one row for each id."),
}

_WRITE_AGAIN = "Write the file again, and copy it whole."

# Far more than an export of the contract has, and few enough to be looked at in a moment.
_MOST_COLUMNS = 300
_MOST_ROW_GROUPS = 10_000
_MOST_ROWS = 50_000_000


@dataclass(frozen=True)
class Finding:
    """One thing that the check found. `rows` is how many rows it is true of, None where it is of the file or the column.

    As text it is one line: file, column, rule, number of rows, up to five row ids, what to do.
    """

    severity: Severity
    file: str
    rule: str
    what_to_do: str
    column: str = ""
    rows: int | None = None
    examples: tuple[str, ...] = ()
    meaning: str = ""

    def __str__(self) -> str:
        where = ", ".join(filter(None, (self.file, self.column and f"column {self.column}")))
        of = [_count(self.rows, "row")] if self.rows is not None else []
        of += [f"e.g. {', '.join(self.examples)}"] if self.examples else []
        rule = f"{self.rule} ({', '.join(of)})" if of else self.rule
        line = f"{where}: {rule}: {self.what_to_do}"
        # What a file holds may be anything, and a finding is one line on somebody's terminal.
        return "".join(c if c.isprintable() else "?" for c in line)


@dataclass(frozen=True)
class Checked:
    """What the check of a folder found: errors first, then warnings, then notes; and the export opened, where there is no error."""

    findings: list[Finding]
    snapshot: Snapshot | None

    @property
    def is_good(self) -> bool:
        return self.snapshot is not None

    @property
    def summary(self) -> str:
        """The export in plain sentences: whose it is, what it covers, the rows of each table, what is not given, how many findings."""
        found = Counter(finding.severity for finding in self.findings)
        if self.snapshot is None:
            return f"The export is refused: {_count(found['error'], 'error')}."
        coverage = self.snapshot.coverage
        whose = coverage.authority or "An authority that the manifest does not name"
        covers = f"{coverage.first_day:%-d %B %Y} to {coverage.last_day:%-d %B %Y}"
        files = self.snapshot.ask("data_quality/completeness", {}).filter(pl.col("unit_id").is_null()).unique("table", maintain_order=True)
        rows = ", ".join(f"{row['table']} {row['rows']:,}" for row in files.iter_rows(named=True) if row["table"] in self.snapshot.given)
        lacking = ", ".join(_lacking(self.snapshot.given))
        return " ".join(
            (
                f"{whose}{' (synthetic)' if coverage.is_synthetic else ''}, {covers}{', by its rows' if coverage.is_inferred else ''}.",
                f"Rows: {rows}.",
                f"Not given: {lacking}. A figure that needs one of them says so in its place." if lacking else "Nothing is left out.",
                f"The export is good, with {_count(found['warning'], 'warning')}.",
            )
        )


def check(folder: Path, settings: Settings, file: Path | None = None, before: Path | None = None) -> Checked:
    """Hold the export in `folder` against the contract, and open it where nothing refuses it: in memory, or as the new database `file`,
    compared with the export in the database `before`.

    Whatever is wrong with the files becomes a finding.

    Raises:
        NotWritten: `file` cannot be written.
    """
    try:
        found = [
            *_of_others(folder),
            *_of_manifest(folder),
            *(finding for table in contract.TABLES for finding in _of_file(folder, table, settings)),
        ]
    except OSError as error:
        found = [Finding("error", str(folder), f"cannot be read ({error.strerror})", "Name a folder that holds episodes.parquet.")]
    except OUT_OF_MEMORY as error:
        found = why_unreadable(folder, error, settings)
    snapshot = None
    if not any(finding.severity == "error" for finding in found):
        try:
            opened = Snapshot.read(folder, settings, file, before)
            found += _odd_rows(opened)
            snapshot = opened
        except (KeyboardInterrupt, SystemExit, NotWritten):
            raise
        except BrokenRows as broken:
            found += [_of_rule("error", row) for row in broken.rows.iter_rows(named=True)]
        except Refusal as refusal:
            found.append(Finding("error", "the export", refusal.message.rstrip("."), refusal.what_to_do))
        except BaseException as error:  # polars panics with an exception that is no Exception
            found += why_unreadable(folder, error, settings)
    order = ("error", "warning", "note")
    return Checked(sorted(found, key=lambda finding: order.index(finding.severity)), snapshot)


def _odd_rows(snapshot: Snapshot) -> list[Finding]:
    return [_of_rule(row["severity"], row) for row in snapshot.ask("data_quality/findings", {}).iter_rows(named=True)]


def _of_rule(severity: Severity, row: dict) -> Finding:
    rule = RULES[row["rule"]]
    return Finding(
        severity,
        f"{row['table']}.parquet",
        row["rule"],
        rule.what_to_do,
        column=row["column"],
        rows=row["rows"],
        examples=tuple(row["examples"]),
        meaning=rule.meaning,
    )


def _of_manifest(folder: Path) -> Iterator[Finding]:
    """Where the manifest and the files do not agree."""
    try:
        manifest = Manifest.of(folder)
    except Refusal as refusal:
        yield Finding("error", contract.MANIFEST, refusal.message.removeprefix("manifest.json ").rstrip("."), refusal.what_to_do)
        return
    if manifest is None or manifest.files is None:
        return
    for name, (rows, digest) in manifest.files.items():
        path = folder / name
        if not path.is_file():
            yield Finding("error", name, "not there, though the manifest names it", "Copy it into the folder, or export again.")
            continue
        if digest is not None and str(digest).lower() != sha256(path):
            yield Finding("error", name, "other bytes than the manifest says (sha256)", "Copy it again: it was changed or cut on its way.")
        if rows is not None and (there := _rows_in(path)) not in (rows, None):
            yield Finding("error", name, f"{there:,} rows, and not {rows} as the manifest says", "Export again.")
    for table in contract.TABLES:
        if (folder / table.file_name).exists() and table.file_name not in manifest.files:
            yield Finding("error", table.file_name, "not in the manifest", "Take it away if it is of an older export, or export again.")


def _of_file(folder: Path, table: contract.Table, settings: Settings) -> Iterator[Finding]:
    """What a file breaks of the contract by its size and schema alone."""
    path, name = folder / table.file_name, table.file_name
    if not path.exists():
        if table.required:
            yield Finding("error", name, "not there", "It is the one table that an export cannot do without.")
        return
    try:
        with pq.ParquetFile(path) as file:
            too_much = list(_too_much(name, file.metadata, settings))
            if too_much:
                yield from too_much
                return
            schema = file.schema_arrow
            stored = [file.schema.column(index) for index in range(len(file.schema))]
            parts = {part for column in stored for part in column.path.split(".")}
            without_a_clock = {column.path for column in stored if column.physical_type == "INT96"}
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        if _is_want_of_memory(error):
            raise MemoryError from error
        yield Finding("error", name, f"cannot be read ({_first_line(error)})", _WRITE_AGAIN)
        return
    if table.name not in contract.MAY_IDENTIFY:
        for part in sorted(part for part in parts if _folded(part) in _IDENTIFYING):
            why = "Leave it out: ids are pseudonyms, and nothing that names a child or says who they are belongs in an export."
            yield Finding("error", name, "identifies a child", why, column=part)
    for column, times in Counter(column.lower() for column in schema.names).items():
        if times > 1:
            yield Finding("error", name, "column listed twice", "Keep one of that name.", column=column)
    for column in table.columns:
        if schema.names.count(column.name) != 1:
            if column.required and column.name not in schema.names:
                yield Finding("error", name, "column not there", f"Add it: {column.meaning}.", column=column.name)
            continue
        kind = schema.field(column.name).type
        if types.is_null(kind) and not column.required:
            continue
        if column.name in without_a_clock:
            # Some programs write UTC so, and some local time. Readers disagree, and an hour decides whether a child was out overnight.
            todo = "Write it as TIMESTAMP in UTC (in Spark: spark.sql.parquet.outputTimestampType TIMESTAMP_MICROS)."
            yield Finding("error", name, "times as INT96, which do not say by which clock", todo, column=column.name)
        elif not _FITS[column.kind](kind):
            yield Finding("error", name, f"wrong type, {kind}", f"Write it as {column.kind.value}.", column=column.name)
        elif types.is_timestamp(kind) and kind.tz is None:
            todo = "Write times in UTC: the hour in which the clocks go back comes twice in local time."
            yield Finding("note", name, f"times without a zone, read as {contract.LOCAL_TIME}", todo, column=column.name)
    known = {column.name for column in table.columns}
    for column_name, kind in zip(schema.names, schema.types, strict=True):
        if column_name in known:
            continue
        if types.is_nested(kind):
            # Readers disagree on what a damaged one holds, and most of their crashes are in them.
            yield Finding("error", name, f"columns within a column, {kind}", "Leave it out: only reasons is a list.", column=column_name)
        else:
            yield Finding("note", name, "not part of the contract, and not read", "Nothing need be done.", column=column_name)


def _too_much(name: str, file: pq.FileMetaData, settings: Settings) -> Iterator[Finding]:
    """What a file has more of than the check takes on, by what it says of itself."""
    groups = range(min(file.num_row_groups, _MOST_ROW_GROUPS))
    megabytes = sum(file.row_group(group).total_byte_size for group in groups) // 1_000_000
    for there, most, of, todo in (
        (file.num_columns, _MOST_COLUMNS, "columns", "Leave out those that the contract does not have."),
        (file.num_row_groups, _MOST_ROW_GROUPS, "row groups", "Write the file in larger row groups."),
        (file.num_rows, _MOST_ROWS, "rows", "Export fewer years."),
        (megabytes, settings.check_memory_mb, "MB once unpacked", "Export fewer years, or set check_memory_mb higher."),
    ):
        if there > most:
            yield Finding("error", name, f"{there:,} {of}, and {most:,} are the most", todo)


def _of_others(folder: Path) -> Iterator[Finding]:
    known = {contract.MANIFEST, *contract.REPORT_FILES, *(table.file_name for table in contract.TABLES)}
    others = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if others:
        yield Finding(
            "note",
            "the folder",
            f"{_count(len(others), 'file')} that the contract does not have, and not read",
            "Nothing need be done.",
            examples=tuple(others[:5]),
        )


def why_unreadable(folder: Path, error: BaseException, settings: Settings) -> list[Finding]:
    """What is said of an export whose reading ended in `error`: the files that are to blame, where they can be told."""
    if _is_want_of_memory(error):
        rule = f"needs more memory than the {settings.check_memory_mb:,} MB that the check may take"
        return [Finding("error", "the export", rule, "Export fewer years, or set check_memory_mb higher.")]
    # The engine names a file by its place, which is that of a copy.
    why = _first_line(error).replace(f"{folder}{os.sep}", "")
    return unreadable(folder) or [Finding("error", "the export", f"cannot be read ({why})", _WRITE_AGAIN)]


def _is_want_of_memory(error: BaseException) -> bool:
    said = str(error)
    # A thread takes memory too: a library that can start none passes on what the system says, in an error or panic of its own.
    has_no_thread = "thread" in said and os.strerror(errno.EAGAIN) in said
    return isinstance(error, OUT_OF_MEMORY) or os.strerror(errno.ENOMEM) in said or has_no_thread


def unreadable(folder: Path) -> list[Finding]:
    """The files whose pages cannot be read, though their schema can."""
    found = []
    for table in contract.TABLES:
        if not (folder / table.file_name).exists():
            continue
        try:
            with pq.ParquetFile(folder / table.file_name) as file:
                for _ in file.iter_batches():
                    pass
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            found.append(Finding("error", table.file_name, f"cannot be read ({_first_line(error)})", _WRITE_AGAIN))
    return found


def _rows_in(path: Path) -> int | None:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException):
        return None  # said of the file itself


def _lacking(given: frozenset[str]) -> Iterator[str]:
    for table in contract.TABLES:
        if table.name not in given:
            yield table.name
        else:
            yield from (f"{table.name}.{column.name}" for column in table.columns if f"{table.name}.{column.name}" not in given)


def _is_text(kind: pa.DataType) -> bool:
    kind = kind.value_type if types.is_dictionary(kind) else kind
    return types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind)


def _is_text_list(kind: pa.DataType) -> bool:
    return (types.is_list(kind) or types.is_large_list(kind)) and _is_text(kind.value_type)


_FITS: dict[Kind, Callable[[pa.DataType], bool]] = {
    Kind.TEXT: _is_text,
    Kind.BOOLEAN: types.is_boolean,
    Kind.INTEGER: types.is_integer,
    Kind.NUMBER: lambda kind: types.is_floating(kind) or types.is_integer(kind) or types.is_decimal(kind),
    Kind.DATE: types.is_date,
    Kind.INSTANT: types.is_timestamp,
    Kind.INSTANT_OR_DATE: lambda kind: types.is_timestamp(kind) or types.is_date(kind),
    Kind.TEXT_LIST: _is_text_list,
}


def _folded(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


_IDENTIFYING = frozenset(map(_folded, contract.IDENTIFYING))


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}" if number else f"no {thing}s"


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
