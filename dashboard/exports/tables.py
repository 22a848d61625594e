"""A checked export, opened: its tables, in memory or in a database of their own, and the questions that they answer. The only module
that imports duckdb.

Once the tables are made, the engine can reach no file and no network, and its settings are locked. Every question
is a file in `queries/`, run with bound parameters on a cursor of its own: one DuckDB connection shared between threads gives
wrong answers silently, a cursor each does not.
"""

from __future__ import annotations

import glob
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from itertools import repeat
from pathlib import Path
from typing import Any, Literal

import duckdb
import polars as pl
import polars.selectors as cs
import pyarrow as pa
from duckdb import ColumnExpression, ConstantExpression, FunctionExpression
from duckdb.func import PythonUDFType
from duckdb.sqltypes import DOUBLE, UBIGINT
from h3.api.basic_int import cell_to_latlng, latlng_to_cell

from dashboard import __version__
from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.exports.manifest import Manifest, fingerprint_of
from dashboard.exports.term_dates import read_term_dates
from dashboard.resources import QUERIES, REFERENCE
from dashboard.settings import Settings

_TYPES = {
    contract.Kind.TEXT: "VARCHAR",
    contract.Kind.BOOLEAN: "BOOLEAN",
    contract.Kind.INTEGER: "BIGINT",
    contract.Kind.NUMBER: "DOUBLE",
    contract.Kind.DATE: "DATE",
    contract.Kind.INSTANT: "TIMESTAMP WITH TIME ZONE",
    contract.Kind.INSTANT_OR_DATE: "TIMESTAMP WITH TIME ZONE",
    contract.Kind.TEXT_LIST: "VARCHAR[]",
}

# Each table needs some of those before it. Tables that `episodes` does not need come after it: making it takes the most memory, and
# what is kept of the others would stand beside that. The interviews are joined to their episodes once, before it.
_TABLES = (
    "macros",
    "refusals",
    "codes",
    "coverage",
    "listed_twice",
    "unit_ids",
    "child_numbers",
    "children",
    "units",
    "episode_numbers",
    "return_interviews",
    "interviews_by_episode",
    "episodes",
    "returns",
    "placements",
    "unit_nights",
    "completeness",
    "police_calls",
    "events",
    "changes",
    "days",
    "reasons",
    "national_figures",
    "cells",
    "scope",
    "given",
    "told",
    "coverage_before",
    "comparison",
)

_ENGINE: dict[str, Any] = {
    # Spilled rows would lie in plain text in the working directory.
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}
# What a table took while it was made goes back before the next one needs as much.
_FLUSHING = ("allocator_flush_threshold", "allocator_bulk_deallocation_flush_threshold")
_READING = _ENGINE | dict.fromkeys(_FLUSHING, "1MB")

# What reading an export raises where memory does not suffice.
OUT_OF_MEMORY = (MemoryError, duckdb.OutOfMemoryException)

_MIDDLE_OF_ENGLAND = (52.6, -1.5)
# Years. A date such as 9999-12-31 that stands for "not yet" would ask for millions of sunsets.
_LONGEST = 60
# Characters in a cell: far more than an id, a unit's name or the text of an event has, and little enough for a page.
_LONGEST_TEXT = 1_000
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Coverage:
    """What an export speaks of: its first and last day, whose it is, and how sure we are of that."""

    first_day: date
    last_day: date
    ends_at: datetime
    authority: str
    is_synthetic: bool
    is_inferred: bool
    is_sealed: bool


class NotWritten(OSError):
    """The database of an export cannot be written, such as to a full disk: no fault of the export."""


class BrokenRows(Refusal):
    """Rows of an export break the contract.

    Attributes:
        rows: one row per rule, table and column: rule, table, column, rows, examples (up to five row ids).
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        super().__init__("Rows of the export break the contract.", "`oversight check` says which.")
        self.rows = rows


class Snapshot:
    """One export as it was at one moment, answering questions until the last reader lets go of it.

    Attributes:
        fingerprint: 64 hexadecimal digits that change when any byte of the export does; the key of every cache.
        coverage: what the export speaks of.
        given: tables ("placements") and columns ("episodes.risk") that the export fills, and "times of episodes.started_at"
            and the like where a column holds instants and not dates alone; "return_interviews.outcome=completed" where some are.
        unit_names: unit id → name, every unit that the export mentions, by name.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        # Many times asked for, and the same for every reader of this export: 128 answers, most of some kilobytes, those with a row a
        # child of a few megabytes for a region. They go when the snapshot goes.
        # Made around the connection and not around self: a ring of references would keep a replaced export in memory.
        self._remembered = lru_cache(maxsize=128)(partial(_run_frozen, connection))
        export = self._run("SELECT * FROM coverage", {}).row(0, named=True)
        self.fingerprint: str = export["fingerprint"]
        self.coverage = Coverage(
            first_day=export["covers_from"],
            last_day=export["covers_to"],
            ends_at=export["ends_at"],
            authority=export["authority"],
            is_synthetic=export["is_synthetic"],
            is_inferred=export["is_inferred"],
            is_sealed=export["is_sealed"],
        )
        self.given = frozenset(self._run("SELECT name FROM given", {}).to_series())
        self.unit_names: dict[str, str] = dict(self._run("SELECT unit_id, name FROM units ORDER BY name, unit_id", {}).iter_rows())

    @classmethod
    def read(cls, folder: Path, settings: Settings, file: Path | None = None, before: Path | None = None) -> Snapshot:
        """The export in a folder whose files are of the contract's types, read into memory, or into `file`, a new database.

        It is compared with the export before it, which lies in the database `before`, where one is named.

        Raises:
            BrokenRows: rows of it break the contract.
            Refusal: the manifest cannot be read, or nothing says which days the export covers.
            NotWritten: `file` cannot be written.
        """
        try:
            connection = duckdb.connect(str(file or ":memory:"), config=_READING)
            return cls._make(connection, folder, settings, file, before)
        except duckdb.Error as error:
            if file and file.name in str(error):
                raise NotWritten(str(error)) from error
            raise

    @classmethod
    def _make(
        cls, connection: duckdb.DuckDBPyConnection, folder: Path, settings: Settings, file: Path | None, before: Path | None
    ) -> Snapshot:
        try:
            _read(connection, folder, settings, before)
            if file:
                connection.close()
                return cls.open(file)
            # What an answer takes is kept for the next: to give it back each time makes a small question two to three times slower.
            for setting in _FLUSHING:
                connection.execute(f"RESET {setting}")
            _lock(connection)
            return cls(connection)
        except BaseException:
            connection.close()
            raise

    @classmethod
    def open(cls, file: Path) -> Snapshot:
        """The export in a database that `read` made.

        Raises:
            duckdb.Error: it is not such a database, or of another version of the engine.
        """
        connection = duckdb.connect(str(file), read_only=True, config=_ENGINE)
        # Whoever opens it twice in one process is given the same engine, its settings already locked.
        if not connection.sql("SELECT current_setting('lock_configuration')").fetchall()[0][0]:
            _set_up(connection)
            _lock(connection)
        return cls(connection)

    def ask(self, question: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
        """The answer to `queries/QUESTION.sql`; its header says the grain. Parameters that it does not use are left out.

        Raises:
            FileNotFoundError: there is no such question.
            KeyError: the question uses a parameter that was not given.
        """
        statement = sql_of(question)
        return self._remembered(statement, tuple((k, _frozen(v)) for k, v in sorted(_used(statement, parameters).items())))

    def answer(self, question: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
        """As `ask`, but worked out anew: for measuring how long it takes."""
        statement = sql_of(question)
        return self._run(statement, _used(statement, parameters))

    def _run(self, statement: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
        return _run(self._connection, statement, parameters)


def _set_up(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET GLOBAL TimeZone = 'Europe/London'")
    # It would draw over what the command line prints.
    connection.execute("SET enable_progress_bar = false")


def _lock(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _read(connection: duckdb.DuckDBPyConnection, folder: Path, settings: Settings, before: Path | None) -> None:
    """Make every table of `queries/tables/` of the export in a folder."""
    _set_up(connection)
    cell_number = _cells(settings.cell_resolution)
    connection.create_function("cell_number", cell_number, [DOUBLE, DOUBLE], UBIGINT, type=PythonUDFType.ARROW)
    types = _open_files(connection, folder)
    _refuse_long_texts(connection, types)
    parameters = _table_parameters(folder, types, settings)
    for table in _TABLES:
        if table == "coverage_before":
            _open_before(connection, before)
        _register(connection, table, settings)
        statement = (QUERIES / "tables" / f"{table}.sql").read_text(encoding="utf-8")
        connection.execute(statement, _used(statement, parameters) or None)
        if table == "refusals":
            _refuse(connection)
        elif table == "coverage":
            _refuse_coverage(connection)
        elif table == "episodes":
            _drop(connection, "TABLE", "episode_numbers", "interviews_by_episode")
        elif table == "placements":
            _drop(connection, "TABLE", "child_numbers")
    _drop(connection, "VIEW", *(f"recorded_{table.name}" for table in contract.TABLES), "previous_coverage", "previous_told")
    connection.execute("DETACH DATABASE IF EXISTS previous")


def _open_files(connection: duckdb.DuckDBPyConnection, folder: Path) -> dict[str, str]:
    """Make a view `recorded_TABLE` of each table of the contract, with all its columns in their types and `file_row`, the place
    of a row in its file. What is not there is empty. Gives "table" and "table.column" of what is there → its type in the file."""
    there = {}
    for table in contract.TABLES:
        path = folder / table.file_name
        if path.exists():
            file = connection.read_parquet(glob.escape(str(path)), file_row_number=True, hive_partitioning=False)
        else:
            file = connection.sql("SELECT 0 AS file_row_number WHERE FALSE")
        types = {name: str(kind) for name, kind in zip(file.columns, file.types, strict=True)}
        columns = [
            (ColumnExpression(column.name) if column.name in types else ConstantExpression(None))
            .cast(_TYPES[column.kind])
            .alias(column.name)
            for column in table.columns
        ]
        file.select(ColumnExpression("file_row_number").alias("file_row"), *columns).create_view(f"recorded_{table.name}")
        if path.exists():
            there[table.name] = "table"
            there |= {f"{table.name}.{column.name}": types[column.name] for column in table.columns if column.name in types}
    return there


def _refuse_long_texts(connection: duckdb.DuckDBPyConnection, types: Mapping[str, str]) -> None:
    for table in contract.TABLES:
        texts = {
            column.name: ColumnExpression(column.name)
            if column.kind is contract.Kind.TEXT
            else FunctionExpression("array_to_string", ColumnExpression(column.name), ConstantExpression(""))
            for column in table.columns
            if column.kind in (contract.Kind.TEXT, contract.Kind.TEXT_LIST) and f"{table.name}.{column.name}" in types
        }
        if not texts:
            continue
        longest = [FunctionExpression("max", FunctionExpression("length", text)) for text in texts.values()]
        (lengths,) = connection.view(f"recorded_{table.name}").aggregate(longest).fetchall()
        for column, length in zip(texts, lengths, strict=True):
            if length is not None and length > _LONGEST_TEXT:
                raise Refusal(
                    f"{table.file_name}, column {column}: a text of {length:,} characters, and {_LONGEST_TEXT:,} are the most.",
                    "Shorten it, or leave it empty.",
                )


def _open_before(connection: duckdb.DuckDBPyConnection, before: Path | None) -> None:
    is_comparable = before is not None and _attach(connection, before)
    for name in ("coverage", "told"):
        rows = f"previous.{name}" if is_comparable else f"{name} WHERE FALSE"
        connection.execute(f"CREATE TEMP VIEW previous_{name} AS SELECT * FROM {rows}")


def _attach(connection: duckdb.DuckDBPyConnection, before: Path) -> bool:
    """Attach an earlier export's database as `previous`. False where another release made it, which may have told rows otherwise."""
    quoted = str(before).replace("'", "''")
    try:
        connection.execute(f"ATTACH '{quoted}' AS previous (READ_ONLY)")
        return bool(_run(connection, "SELECT release FROM previous.coverage", {}).item() == __version__)
    except duckdb.Error:
        return False


def _drop(connection: duckdb.DuckDBPyConnection, kind: Literal["TABLE", "VIEW"], *names: str) -> None:
    for name in names:
        connection.execute(f"DROP {kind} {name}")


def _refuse(connection: duckdb.DuckDBPyConnection) -> None:
    rows = _run(connection, 'SELECT rule, "table", "column", "rows", examples FROM refusals ORDER BY ALL', {})
    _drop(connection, "TABLE", "refusals")
    if rows.height:
        raise BrokenRows(rows)


def _refuse_coverage(connection: duckdb.DuckDBPyConnection) -> None:
    first_day, last_day = _run(connection, "SELECT covers_from, covers_to FROM coverage", {}).row(0)
    if first_day is None:
        raise Refusal(
            "episodes.parquet has no row, and there is no manifest.json to say which days it covers.",
            "Export again, or add a manifest with `covers`.",
        )
    if last_day.year - first_day.year > _LONGEST:
        raise Refusal(
            f"The export covers {first_day} to {last_day}, which is more than {_LONGEST} years.",
            "Correct the dates, or say in manifest.json what it covers.",
        )


def _register(connection: duckdb.DuckDBPyConnection, table: str, settings: Settings) -> None:
    """Give a table what SQL cannot work out or must not read for itself."""
    if table == "days":
        connection.register("sun_and_bank_holidays", _days(connection, settings).to_arrow())
        connection.register("term_dates", read_term_dates(settings.term_dates).to_arrow())
    elif table == "national_figures":
        connection.register("published_national_figures", pl.read_csv(REFERENCE / "national_figures.csv").to_arrow())
    elif table == "cells":
        connection.register("cell_centres", _cell_centres(connection).to_arrow())
        connection.register("places", pl.read_csv(REFERENCE / "places.csv").to_arrow())


def _days(connection: duckdb.DuckDBPyConnection, settings: Settings) -> pl.DataFrame:
    latitude, longitude = settings.latitude, settings.longitude
    if latitude is None or longitude is None:
        # A unit recorded at 0, 0 would move the sunset.
        middle = "SELECT avg(latitude), avg(longitude) FROM units WHERE in_area AND is_in_british_isles(latitude, longitude)"
        latitude, longitude = _run(connection, middle, {}).row(0)
    if latitude is None or longitude is None:
        latitude, longitude = _MIDDLE_OF_ENGLAND
    first_day, last_day = _run(connection, "SELECT covers_from, covers_to FROM coverage", {}).row(0)
    return sun_and_bank_holidays(first_day, last_day, round(latitude, 2), round(longitude, 2))


def _cell_centres(connection: duckdb.DuckDBPyConnection) -> pl.DataFrame:
    seen = _run(connection, "SELECT found_cell AS cell FROM episodes UNION SELECT last_seen_cell FROM episodes", {})
    cells = seen["cell"].drop_nulls().to_list()
    centres = [cell_to_latlng(cell) for cell in cells]
    return pl.DataFrame(
        {"cell_number": cells, "latitude": [latitude for latitude, _ in centres], "longitude": [longitude for _, longitude in centres]},
        schema={"cell_number": pl.UInt64, "latitude": pl.Float64, "longitude": pl.Float64},
    )


def makings(settings: Settings) -> str:
    """64 hexadecimal digits that change when anything does that the tables of an export depend on beside the export itself."""
    whole = hashlib.sha256(f"{__version__} {duckdb.__version__} ".encode())
    whole.update(settings.model_dump_json(include={"cell_resolution", "latitude", "longitude", "reasons"}).encode())
    files = [*(QUERIES / "tables").glob("*.sql"), *REFERENCE.glob("*.csv"), settings.term_dates]
    for file in sorted(files):
        whole.update(file.read_bytes() if file.is_file() else b"")
    return whole.hexdigest()


def sql_of(question: str) -> str:
    """The SQL of a question, as it stands in `queries/QUESTION.sql`."""
    return (QUERIES / f"{question}.sql").read_text(encoding="utf-8")


def parameters_of(statement: str) -> list[str]:
    """The names of the parameters that a statement is bound with, in the order in which it names them first."""
    return list(dict.fromkeys(_PARAMETER.findall(statement)))


def _run(connection: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
    bound = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()}
    with connection.cursor() as cursor:
        # Codes leave as text: to polars they would be categories of this one answer.
        return cursor.sql(statement, params=bound).pl().with_columns(cs.categorical().cast(pl.String))


def _run_frozen(connection: duckdb.DuckDBPyConnection, statement: str, parameters: tuple[tuple[str, Any], ...]) -> pl.DataFrame:
    return _run(connection, statement, dict(parameters))


def _used(statement: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    # DuckDB refuses a parameter that a statement does not use; a scope has more of them than most questions need.
    return {name: parameters[name] for name in parameters_of(statement)}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _table_parameters(folder: Path, types: Mapping[str, str], settings: Settings) -> dict[str, Any]:
    manifest = Manifest.of(folder)
    codes = {f"{column.name}_codes": list(column.codes) for table in contract.TABLES for column in table.columns if column.codes}
    spellings = dict(contract.CONTRACT["episodes"].column("risk").also_read_as)
    columns = [(f"{table.name}.{column.name}", column) for table in contract.TABLES for column in table.columns]
    return codes | {
        "risk_spellings": {"key": list(spellings), "value": list(spellings.values())},
        "contract_columns": [name for name, _ in columns],
        "push_reasons": list(settings.reasons.push),
        "pull_reasons": list(settings.reasons.pull),
        "personal_reasons": list(settings.reasons.personal),
        "fingerprint": fingerprint_of(folder),
        "release": __version__,
        "authority": manifest.authority if manifest else "",
        "is_synthetic": manifest.is_synthetic if manifest else False,
        "is_sealed": manifest is not None and manifest.is_sealed,
        "covers_from": manifest.covers_from if manifest else None,
        "covers_to": manifest.covers_to if manifest else None,
        "starts_have_times": _is_instant(types.get("episodes.started_at")),
        "ends_have_times": _is_instant(types.get("episodes.ended_at")),
        "holds_have_times": _is_instant(types.get("return_interviews.held_at")),
        "tables_there": [table.name for table in contract.TABLES if table.name in types],
        "columns_with_times": [name for name, _ in columns if _is_instant(types.get(name))],
        # A column with no value at all counts where an empty cell is itself an answer, or where there is no row to have one.
        "columns_that_count_empty": [name for name, column in columns if name in types and (column.null_means or column.required)],
    }


def _is_instant(type_in_file: str | None) -> bool:
    return type_in_file is not None and type_in_file.startswith("TIMESTAMP")


def _cells(resolution: int) -> Callable[[pa.ChunkedArray, pa.ChunkedArray], pa.Array]:
    def cell_number(latitudes: pa.ChunkedArray, longitudes: pa.ChunkedArray) -> pa.Array:
        # Through polars: what pyarrow has for this imports pandas, which takes 50 MB and a third of a second.
        points = map(latlng_to_cell, pl.Series(latitudes).to_list(), pl.Series(longitudes).to_list(), repeat(resolution))
        return pl.Series(points, dtype=pl.UInt64).to_arrow()

    return cell_number
