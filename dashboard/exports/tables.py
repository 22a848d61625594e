"""A checked export, opened: in-memory tables and the questions that they answer. The only module that imports duckdb.

The files are read once. After that the engine can reach no file and no network, and its settings are locked. Every question
is a file in `queries/`, run with bound parameters on a cursor of its own: one DuckDB connection shared between threads gives
wrong answers silently, a cursor each does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import duckdb
import h3
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.exports.manifest import Manifest, fingerprint_of
from dashboard.resources import QUERIES, REFERENCE
from dashboard.settings import Settings

_ARROW = {
    contract.Kind.TEXT: pa.string(),
    contract.Kind.BOOLEAN: pa.bool_(),
    contract.Kind.INTEGER: pa.int64(),
    contract.Kind.NUMBER: pa.float64(),
    contract.Kind.DATE: pa.date32(),
    contract.Kind.INSTANT: pa.timestamp("us", "UTC"),
    contract.Kind.INSTANT_OR_DATE: pa.timestamp("us", "UTC"),
    contract.Kind.TEXT_LIST: pa.list_(pa.string()),
}

# Each table needs the ones before it.
_TABLES = (
    "macros",
    "recorded_placements",
    "recorded_episodes",
    "return_interviews",
    "police_calls",
    "events",
    "units",
    "children",
    "coverage",
    "placements",
    "episodes",
    "returns",
    "unit_nights",
    "days",
    "national_figures",
    "cells",
    "scope",
)

_ENGINE = {
    # Spilled rows would lie in plain text in the working directory.
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "python_enable_replacements": "false",
}

_MIDDLE_OF_ENGLAND = (52.6, -1.5)
_PARAMETER = re.compile(r"\$([a-z_]+)")


@dataclass(frozen=True)
class Coverage:
    """What an export speaks of: its first and last day, whose it is, and how sure we are of that."""

    first_day: date
    last_day: date
    ends_at: datetime
    authority: str
    source: str
    exported_at: datetime | None
    is_synthetic: bool
    is_inferred: bool


class Snapshot:
    """One export as it was at one moment, answering questions until the last reader lets go of it.

    Attributes:
        fingerprint: 64 hexadecimal digits that change when any byte of the export does; the key of every cache.
        coverage: what the export speaks of.
        given: tables ("placements") and columns ("episodes.risk") that the export fills, and "times of episodes.started_at"
            and the like where a column holds instants and not dates alone.
        unit_names: unit id → name, every unit that the export mentions, by name.
    """

    def __init__(self, folder: Path, settings: Settings) -> None:
        """Read a folder that has passed the check.

        Raises:
            Refusal: the export has no episode and no manifest to say what it covers.
        """
        manifest = Manifest.of(folder)
        self.fingerprint = fingerprint_of(folder)
        self._connection = duckdb.connect(":memory:", config=_ENGINE)
        self._connection.execute("SET GLOBAL TimeZone = 'Europe/London'")
        self.given = self._open_files(folder)
        self._connection.create_function("cell_of", _cells(settings.cell_resolution), ["DOUBLE", "DOUBLE"], "VARCHAR", type="arrow")
        parameters = self._table_parameters(manifest)
        for table in _TABLES:
            self._before(table, settings)
            statement = (QUERIES / "tables" / f"{table}.sql").read_text(encoding="utf-8")
            self._connection.execute(statement, _used(statement, parameters) or None)
            if table == "coverage":
                self.coverage = self._read_coverage(manifest)
        self._close_files()
        # Small, many times asked for, and the same for every reader of this export: 256 answers of at most some hundred
        # kilobytes. They go when the snapshot goes.
        # Made around the connection and not around self: a ring of references would keep a replaced export in memory.
        self._remembered = lru_cache(maxsize=256)(partial(_run_frozen, self._connection))
        self.unit_names: dict[str, str] = dict(self._run("SELECT unit_id, name FROM units ORDER BY name, unit_id", {}).iter_rows())

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

    def _open_files(self, folder: Path) -> frozenset[str]:
        given = set()
        for table in contract.TABLES:
            empty = pa.schema([(column.name, _ARROW[column.kind]) for column in table.columns]).empty_table()
            self._connection.register(f"contract_{table.name}", empty)
            path = folder / table.file_name
            if not path.exists():
                self._connection.register(f"exported_{table.name}", empty)
                continue
            self._connection.read_parquet(str(path)).create_view(f"exported_{table.name}")
            given |= {table.name} | _given_columns(table, path)
        return frozenset(given)

    def _close_files(self) -> None:
        """Let go of the files, and take from the engine the means to reach any other."""
        for table in contract.TABLES:
            self._connection.execute(f"DROP VIEW IF EXISTS exported_{table.name}")
            self._connection.unregister(f"contract_{table.name}")
        for left_behind in ("recorded_episodes", "recorded_placements"):
            self._connection.execute(f"DROP TABLE {left_behind}")
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")

    def _table_parameters(self, manifest: Manifest | None) -> dict[str, Any]:
        codes = {f"{column.name}_codes": list(column.codes) for table in contract.TABLES for column in table.columns if column.codes}
        spellings = dict(contract.CONTRACT["episodes"].column("risk").also_read_as)
        return codes | {
            "risk_spellings": {"key": list(spellings), "value": list(spellings.values())},
            "covers_from": manifest.covers_from if manifest else None,
            "covers_to": manifest.covers_to if manifest else None,
            "starts_have_times": "times of episodes.started_at" in self.given,
            "ends_have_times": "times of episodes.ended_at" in self.given,
            "holds_have_times": "times of return_interviews.held_at" in self.given,
        }

    def _before(self, table: str, settings: Settings) -> None:
        """Give a table what SQL cannot work out or must not read for itself."""
        if table == "days":
            self._register("sun_and_bank_holidays", self._days(settings))
            self._register("term_dates", pl.read_csv(settings.term_dates, try_parse_dates=True))
        elif table == "national_figures":
            self._register("published_national_figures", pl.read_csv(REFERENCE / "national_figures.csv"))
        elif table == "cells":
            self._register("cell_centres", self._cell_centres())
            self._register("places", pl.read_csv(REFERENCE / "places.csv"))

    def _register(self, name: str, frame: pl.DataFrame) -> None:
        self._connection.register(name, frame.to_arrow())

    def _days(self, settings: Settings) -> pl.DataFrame:
        latitude, longitude = settings.latitude, settings.longitude
        if latitude is None or longitude is None:
            middle = "SELECT avg(latitude), avg(longitude) FROM units WHERE in_area AND latitude IS NOT NULL AND longitude IS NOT NULL"
            latitude, longitude = self._run(middle, {}).row(0)
        if latitude is None or longitude is None:
            latitude, longitude = _MIDDLE_OF_ENGLAND
        return sun_and_bank_holidays(self.coverage.first_day, self.coverage.last_day, round(latitude, 2), round(longitude, 2))

    def _cell_centres(self) -> pl.DataFrame:
        seen = self._run("SELECT DISTINCT unnest([found_cell, last_seen_cell]) AS cell FROM episodes ORDER BY cell", {})
        cells = seen["cell"].drop_nulls().to_list()
        centres = [h3.cell_to_latlng(cell) for cell in cells]
        return pl.DataFrame(
            {"cell": cells, "latitude": [latitude for latitude, _ in centres], "longitude": [longitude for _, longitude in centres]},
            schema={"cell": pl.String, "latitude": pl.Float64, "longitude": pl.Float64},
        )

    def _read_coverage(self, manifest: Manifest | None) -> Coverage:
        first_day, last_day, ends_at = self._run("SELECT covers_from, covers_to, ends_at FROM coverage", {}).row(0)
        if first_day is None:
            raise Refusal(
                "episodes.parquet has no row, and there is no manifest.json to say which days it covers.",
                "Export again, or add a manifest with `covers`.",
            )
        return Coverage(
            first_day=first_day,
            last_day=last_day,
            ends_at=ends_at,
            authority=manifest.authority if manifest else "",
            source=manifest.source if manifest else "",
            exported_at=manifest.exported_at if manifest else None,
            is_synthetic=manifest.is_synthetic if manifest else False,
            is_inferred=manifest is None or manifest.covers_from is None,
        )


def sql_of(question: str) -> str:
    """The SQL of a question, as it stands in `queries/QUESTION.sql`."""
    return (QUERIES / f"{question}.sql").read_text(encoding="utf-8")


def _run(connection: duckdb.DuckDBPyConnection, statement: str, parameters: Mapping[str, Any]) -> pl.DataFrame:
    bound = {name: list(value) if isinstance(value, tuple) else value for name, value in parameters.items()}
    with connection.cursor() as cursor:
        return cursor.sql(statement, params=bound).pl()


def _run_frozen(connection: duckdb.DuckDBPyConnection, statement: str, parameters: tuple[tuple[str, Any], ...]) -> pl.DataFrame:
    return _run(connection, statement, dict(parameters))


def _used(statement: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    # DuckDB refuses a parameter that a statement does not use; a scope has more of them than most questions need.
    return {name: parameters[name] for name in dict.fromkeys(_PARAMETER.findall(statement))}


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _given_columns(table: contract.Table, path: Path) -> set[str]:
    """The contract's columns that a file fills: "table.column", and "times of table.column" where they are instants.

    A column counts as filled when some row has a value, or when an empty cell is itself an answer.
    """
    file = pq.ParquetFile(path)
    schema = file.schema_arrow
    given = set()
    for column in table.columns:
        if column.name not in schema.names:
            continue
        if column.null_means or _has_a_value(file, column.name):
            given.add(f"{table.name}.{column.name}")
            if pa.types.is_timestamp(schema.field(column.name).type):
                given.add(f"times of {table.name}.{column.name}")
    return given


def _has_a_value(file: pq.ParquetFile, column: str) -> bool:
    return any(batch.column(0).null_count < len(batch) for batch in file.iter_batches(columns=[column]))


def _cells(resolution: int):  # type: ignore[no-untyped-def]  # an Arrow function for DuckDB
    def cell_of(latitudes: pa.ChunkedArray, longitudes: pa.ChunkedArray) -> pa.Array:
        latlng_to_cell = h3.latlng_to_cell
        return pa.array(
            [
                latlng_to_cell(latitude, longitude, resolution)
                if latitude is not None and longitude is not None and abs(latitude) <= 90 and abs(longitude) <= 180
                else None
                for latitude, longitude in zip(latitudes.to_pylist(), longitudes.to_pylist(), strict=True)
            ],
            pa.string(),
        )

    return cell_of
