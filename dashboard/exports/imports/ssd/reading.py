"""The files of the dataset, found and read."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from dashboard.errors import Refusal
from dashboard.exports.imports.sources import ROW, as_text, read_source

# File → its columns by our names: the dataset's name, and whether it can be done without. No other column is read.
_COLUMNS: dict[str, dict[str, tuple[str, bool]]] = {
    "missing": {
        "told": ("miss_table_id", False),
        "CHILD": ("miss_person_id", False),
        "type": ("miss_missing_episode_type", False),
        "start": ("miss_missing_episode_start_date", False),
        "end": ("miss_missing_episode_end_date", False),
        "offered": ("miss_missing_rhi_offered", True),
        "accepted": ("miss_missing_rhi_accepted", True),
    },
    "person": {
        "CHILD": ("pers_person_id", False),
        "sex": ("pers_sex", True),
        "ethnicity": ("pers_ethnicity", True),
        "born": ("pers_dob", True),
    },
    "cla_placement": {
        "id": ("clap_cla_placement_id", True),
        "CHILD": ("clap_person_id", False),
        "start": ("clap_cla_placement_start_date", False),
        "end": ("clap_cla_placement_end_date", False),
        "PLACE": ("clap_cla_placement_type", False),
        "URN": ("clap_cla_placement_urn", True),
        "PLACE_PROVIDER": ("clap_cla_placement_provider", True),
        "PL_POST": ("clap_cla_placement_postcode", True),
    },
    "cla_episodes": {
        "CHILD": ("clae_person_id", False),
        "start": ("clae_cla_episode_start_date", False),
        "end": ("clae_cla_episode_ceased", False),
    },
}
_ALSO_CALLED = {"clae_cla_episode_ceased": "clae_cla_episode_ceased_date"}
# These keep the type that they have in a Parquet file; all else is text.
_MOMENTS = ("start", "end", "born")
_IN_CAPITALS = ("type", "offered", "accepted", "sex", "ethnicity", "PLACE", "URN", "PLACE_PROVIDER", "PL_POST")


def find_files(folder: Path) -> dict[str, Path]:
    """The files of the dataset in `folder`, by their names without `ssd_`, in any letter case; other files are passed over.

    Raises:
        Refusal: ssd_missing is not there, or one is there twice.
    """
    if not folder.is_dir():
        raise Refusal(f"{folder} is not a folder.", "Name the folder that holds the dataset's CSV or Parquet files.")
    found: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        name = path.stem.lower().removeprefix("ssd_")
        if path.suffix.lower() not in (".csv", ".parquet") or path.stem.lower() != f"ssd_{name}" or name not in _COLUMNS:
            continue
        if name in found:
            raise Refusal(f"{folder} holds both {found[name].name} and {path.name}.", "Keep the one that is to be read.")
        found[name] = path
    if "missing" not in found:
        raise Refusal(f"{folder} has no ssd_missing.csv or ssd_missing.parquet.", "Save it there: it is the one file that is needed.")
    return {name: found[name] for name in _COLUMNS if name in found}


def read(path: Path, name: str) -> pl.DataFrame:
    """The columns that are used, by our names, and `row`; codes in capitals. A column that is not there and can be done without is null,
    but those of return interviews, which are then left out.

    Raises:
        Refusal: the file cannot be read, or a column that is needed is not there.
    """
    source = read_source(path)
    columns = {column.lower(): column for column in source.columns}
    read: dict[str, pl.Series] = {"row": source[ROW]}
    for ours, (theirs, is_optional) in _COLUMNS[name].items():
        there = columns.get(theirs) or columns.get(_ALSO_CALLED.get(theirs, ""))
        if there is None and not is_optional:
            raise Refusal(f"{path.name} has no column {theirs}.", "Save it with the dataset's own columns, their names in the first line.")
        if there is None:
            if name != "missing":
                read[ours] = pl.Series([None], dtype=pl.String).new_from_index(0, source.height)
            continue
        cells = source[there]
        if ours not in _MOMENTS or not cells.dtype.is_temporal():
            cells = as_text(cells)
        read[ours] = cells.str.to_uppercase() if ours in _IN_CAPITALS else cells
    return pl.DataFrame(read)
