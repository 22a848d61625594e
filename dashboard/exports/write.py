"""Writes frames as an export: one Parquet file a table and the manifest that seals them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path

import polars as pl

from dashboard.exports import contract


def write_export(
    folder: Path,
    tables: Mapping[str, pl.DataFrame],
    *,
    authority: str,
    source: str,
    exported_at: datetime,
    covers: tuple[date, date],
    synthetic: bool = False,
) -> None:
    """Write `tables` (table name → frame with the contract's columns) into `folder`, made if need be.

    Tables of the contract that are not given are removed from the folder, so that an older export's file cannot be
    taken for this one's. The manifest is written last and holds each file's rows and sha256, and `covers`, the first
    and the last day that the export speaks of, both included.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / contract.MANIFEST).unlink(missing_ok=True)
    files = {}
    for table in contract.TABLES:
        path = folder / table.file_name
        if table.name not in tables:
            path.unlink(missing_ok=True)
            continue
        frame = tables[table.name]
        frame.write_parquet(path, compression="zstd", statistics=True)
        files[table.file_name] = {"rows": frame.height, "sha256": sha256(path)}
    manifest = {
        "contract": contract.VERSION,
        "authority": authority,
        "source": source,
        "exported_at": exported_at.isoformat(),
        "covers": {"from": covers[0].isoformat(), "to": covers[1].isoformat()},
        "synthetic": synthetic,
        "files": files,
    }
    (folder / contract.MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")


def sha256(path: Path) -> str:
    """The file's SHA-256 as 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
