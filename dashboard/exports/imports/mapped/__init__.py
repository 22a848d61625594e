"""A table of a local system, one row an episode, turned into an export by a mapping of its columns and codes.

docs/import-table.md says for a data team how a mapping is written, what is made of the table and what never leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from dashboard.exports import contract
from dashboard.exports.imports.episodes import assumed_of_times, covered, rules_of_times, usable, with_times
from dashboard.exports.imports.mapped.columns import Columns
from dashboard.exports.imports.mapped.mapping import COLUMNS, Mapping, load_mapping
from dashboard.exports.imports.mapped.suggest import Suggested, suggest_mapping
from dashboard.exports.imports.moments import local_day, read_moments
from dashboard.exports.imports.report import ImportReport, RuleFound, write_report
from dashboard.exports.imports.sources import keep_apart, read_source
from dashboard.exports.pseudonyms import default_key_file, pseudonymised, read_or_make_key
from dashboard.exports.write import write_export

__all__ = ["Suggested", "import_table", "suggest_mapping"]

# What an episode is made of is read first, so that all else is read of the rows that are one.
_FIRST = ("episode_id", "child_id", "category", "started_at", "ended_at")
# The name and address of one of these are a family's: they are counted together.
_FAMILIES = {"foster": "Foster carers", "parents": "Placed with parents"}
_IDS = {"interview_id": "INTERVIEW", "episode_id": "told", "child_id": "CHILD"}


def import_table(
    file: Path, out: Path, mapping_file: Path, key_file: Path | None = None, progress: Callable[[str], None] = lambda step: None
) -> ImportReport:
    """Read the table in `file` by the mapping and write it as an export into `out`, with the report of the import beside it.

    Ids become pseudonyms under the key in `key_file` (`pseudonyms.default_key_file` where none is given), unless the mapping says that
    they are pseudonyms already. `progress` is told each step as it begins.

    Raises:
        Refusal: the file or the mapping cannot be used; half of the rows or more have no child, category or start; `out` would hold the
            file or the key.
    """
    key_file = key_file or default_key_file()
    keep_apart(file, out, key_file)
    mapping = load_mapping(mapping_file)
    progress(f"Reading {file.name}")
    source = read_source(file)
    saved_at = datetime.fromtimestamp(file.stat().st_mtime, UTC)

    rules: list[RuleFound] = []
    assumed: list[str] = []
    columns = Columns(source, file.name, mapping, rules, assumed)
    progress("Reading the times of episodes")
    episodes = _episodes(columns, mapping, file.name, rules)
    rules += rules_of_times(episodes, file.name, local_day(saved_at))
    assumed += assumed_of_times(episodes)
    progress("Reading the other columns")
    columns = columns.of_rows(episodes["row"])
    episodes = episodes.with_columns(**_read(columns, mapping, "columns"))
    frames = {"episodes": episodes}
    if mapping.interview:
        frames["return_interviews"] = _interviews(columns, mapping, episodes, assumed)
    if "unit_id" in mapping.columns:
        frames["episodes"], units = _units(columns, mapping, episodes, assumed)
        frames |= {"units": units} if mapping.units else {}
    if mapping.children:
        frames["children"] = _children(columns, mapping, episodes)
    if mapping.covers is not None:
        covers = mapping.covers.from_, mapping.covers.to
    else:
        covers = covered(episodes["day"], [episodes["end_day"]], local_day(saved_at), assumed)
    left = columns.not_named()
    if left:
        assumed.append(f"Columns that the mapping does not name, and that do not leave: {', '.join(left)}.")

    key = None
    if mapping.ids == "keyed":
        if not key_file.exists():
            assumed.append(
                f"A new pseudonym key was made: {key_file}. Keep a copy, apart from the export; under another key every id changes."
            )
        progress("Making pseudonyms")
        key = read_or_make_key(key_file)
    else:
        assumed.append("The ids are pseudonyms already, as the mapping says: they leave as they are.")
    tables = {name: _of_contract(name, frame, mapping, key) for name, frame in frames.items()}
    progress("Writing the export")
    said = f"{file.name} by {mapping_file.name}"
    write_export(out, tables, authority=mapping.authority, source=said, exported_at=saved_at, covers=covers)
    report = ImportReport(
        source=said,
        imported_at=datetime.now(UTC),
        covers=covers,
        rows_in={file.name: source.height},
        rows_out={name: table.height for name, table in tables.items()},
        rules=tuple(rules),
        assumptions=tuple(assumed),
    )
    write_report(out, report)
    return report


def _episodes(columns: Columns, mapping: Mapping, file: str, rules: list[RuleFound]) -> pl.DataFrame:
    """The rows that can be episodes, with their ids at the source (CHILD and told), category and times."""
    said = mapping.columns
    rows = len(columns.row)
    nothing = pl.repeat(None, rows, dtype=pl.String, eager=True)
    frame = pl.DataFrame(
        {
            "row": columns.row,
            "CHILD": columns.text(said["child_id"]),
            "told": columns.text(said["episode_id"]) if "episode_id" in said else nothing,
            "category": columns.category(said["category"])
            if "category" in said
            else pl.repeat(mapping.category, rows, dtype=pl.String, eager=True),
        }
    )
    end = columns.moments(said["ended_at"]) if "ended_at" in said else read_moments(nothing)
    frame = with_times(frame, columns.moments(said["started_at"]), end)
    called = {"CHILD": "child_id", "category": "category", "start": "started_at", "told": "episode_id"}
    headers = {ours: columns.called(said[theirs]) for ours, theirs in called.items() if theirs in said}
    return usable(frame, file, {"category": "The category"} | headers, rules)


def _read(columns: Columns, mapping: Mapping, section: str) -> dict[str, pl.Series]:
    """The columns of a section of the mapping, as the contract has them; those that the file cannot fill are left out."""
    headers = getattr(mapping, section)
    known = COLUMNS[section]
    read = {name: columns.read(known[name], headers[name]) for name in headers if name in known and name not in _FIRST}
    return {name: cells for name, cells in read.items() if cells is not None}


def _interviews(columns: Columns, mapping: Mapping, episodes: pl.DataFrame, assumed: list[str]) -> pl.DataFrame:
    """One row per episode of which it is said whether an interview was offered.

    One that was held was offered. An offer that was accepted leaves the outcome open: held only where a column says so.
    """
    given = _read(columns, mapping, "interview")
    headers = mapping.interview
    interview = given.pop("interview_id", episodes["told"]).fill_null(episodes["told"])
    frame = pl.DataFrame({"told": episodes["told"], "INTERVIEW": interview} | given)
    if "answer" in headers:
        for part, cells in columns.answers(headers["answer"]).items():
            frame = frame.with_columns(pl.coalesce(*([part] if part in given else []), cells).alias(part))
    is_held = pl.lit(False)
    if "outcome" in frame.columns:
        is_held |= (pl.col("outcome") == "completed").fill_null(False)
    if "held_at" in frame.columns:
        is_held |= pl.col("held_at").is_not_null()
    frame = frame.with_columns(offered=pl.coalesce("offered", pl.when(is_held).then(pl.lit("yes"))))
    if "accepted" in headers:
        accepted = columns.accepted(headers["accepted"]).replace_strict(
            {"no": "declined", "not_applicable": "not_held", "yes": None}, default="pending", return_dtype=pl.String
        )
        answered = pl.when((pl.col("offered") == "yes") & ~is_held).then(accepted)
        frame = frame.with_columns(outcome=pl.coalesce("outcome", answered) if "outcome" in frame.columns else answered)
    said = frame.drop_nulls("offered")
    if said.height < frame.height:
        unsaid = frame.height - said.height
        assumed.append(f"Episodes of which it is not said whether an interview was offered: {unsaid:,}. They have no interview.")
    if "outcome" in said.columns and "held_at" not in said.columns:
        open_ = said.filter((pl.col("offered") == "yes") & pl.col("outcome").is_null()).height
        if open_:
            what = "Interviews offered and not declined of which it is not said whether they were held"
            assumed.append(f"{what}: {open_:,}. They are shown as accepted, never as held.")
    return said


def _units(columns: Columns, mapping: Mapping, episodes: pl.DataFrame, assumed: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """`episodes` with their units as they leave, and one row per unit, each of its columns what most of its rows say.

    A unit that is a family's by any of its rows is counted with all such of its sector and area, and nothing that tells them apart leaves.
    """
    given = _read(columns, mapping, "units")
    rows = pl.DataFrame({"UNIT": episodes["unit_id"]} | given).drop_nulls("UNIT")
    kind = pl.col("kind") if "kind" in given else pl.lit(None, pl.String)
    units = rows.group_by("UNIT").agg(
        *(pl.col(name).drop_nulls().mode().sort().first() for name in given if name != "kind"),
        kind=pl.coalesce(kind.filter(kind.is_in(list(_FAMILIES))).first(), kind.drop_nulls().mode().sort().first()),
    )
    is_family = pl.col("kind").is_in(list(_FAMILIES)).fill_null(False)
    parts = [pl.col(name) for name in ("sector", "area") if name in given]
    together = pl.concat_str("kind", *parts, separator="-", ignore_nulls=True)
    words = pl.concat_str(pl.col("kind").replace(_FAMILIES), *parts, separator=", ", ignore_nulls=True)
    name = pl.coalesce("name", "UNIT") if "name" in given else pl.col("UNIT")
    apart = [column for column in given if column not in ("name", "kind", "sector", "area", "in_area")]
    units = units.with_columns(
        pl.when(~is_family).then(pl.col(apart)).name.keep(),
        unit_id=pl.when(is_family).then(together).otherwise("UNIT"),
        name=pl.when(is_family).then(words).otherwise(name),
    )
    families = units.filter(is_family).height
    if families:
        assumed.append(f"Units that are a family's home: {families:,}. They leave without their names, counted by kind, sector and area.")
    if "kind" not in given:
        assumed.append("The kind of a unit is not mapped: each leaves as the file calls it, also where that is a foster carer's name.")
    leaving = episodes.with_columns(pl.col("unit_id").replace(units["UNIT"], units["unit_id"]))
    units = units if "kind" in given else units.drop("kind")
    return leaving, units.drop("UNIT").sort("unit_id").unique("unit_id", keep="first", maintain_order=True)


def _children(columns: Columns, mapping: Mapping, episodes: pl.DataFrame) -> pl.DataFrame:
    """One row per child with an episode; a birth date leaves as its month."""
    rows = pl.DataFrame({"CHILD": episodes["CHILD"]} | _read(columns, mapping, "children"))
    if "birth_month" in rows.columns:
        rows = rows.with_columns(pl.col("birth_month").dt.truncate("1mo"))
    return rows.group_by("CHILD").agg(pl.all().drop_nulls().first()).sort("CHILD")


def _of_contract(table: str, frame: pl.DataFrame, mapping: Mapping, key: bytes | None) -> pl.DataFrame:
    """The columns of the contract, in its order, ids as pseudonyms, and no end where the file has none."""
    for name, column in _IDS.items():
        if column in frame.columns:
            what = name.removesuffix("_id")
            frame = frame.rename({column: name}) if key is None else pseudonymised(frame, key, what, column)
    there = [column.name for column in contract.CONTRACT[table].columns if column.name in frame.columns]
    if table == "episodes" and "ended_at" not in mapping.columns:
        there.remove("ended_at")
    frame = frame.select(there)
    return frame.sort(by for by in ("started_at", "episode_id", "child_id", "unit_id") if by in there)
