"""The manifest of an export: who made it, what it covers, and the seal on its files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.write import sha256

# Bytes. What the contract has of a manifest takes about two thousand.
_LARGEST = 1_000_000
_LONGEST_NAME = 200


@dataclass(frozen=True)
class Manifest:
    """`manifest.json`, read. `files` maps file name → (rows, sha256), either of which may be None; None where no file is sealed."""

    authority: str
    source: str
    exported_at: datetime | None
    covers_from: date | None
    covers_to: date | None
    is_synthetic: bool
    files: dict[str, tuple[int | None, str | None]] | None

    @property
    def is_sealed(self) -> bool:
        """Whether it says the bytes of every file, so that one that was changed on its way is found."""
        return bool(self.files) and all(digest is not None for _, digest in (self.files or {}).values())

    @classmethod
    def of(cls, folder: Path) -> Manifest | None:
        """The manifest in `folder`; None where there is none.

        Raises:
            Refusal: it is there and is not a manifest of this contract's version.
        """
        path = folder / contract.MANIFEST
        if not path.exists():
            return None
        try:
            if path.stat().st_size > _LARGEST:
                raise ValueError(f"it is larger than {_LARGEST:,} bytes")
            return cls._from(json.loads(path.read_text(encoding="utf-8-sig")))
        except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise Refusal(f"manifest.json cannot be read ({error}).", "Write it again, or leave it out.") from error

    @classmethod
    def _from(cls, said: dict[str, Any]) -> Manifest:
        if said.get("contract", contract.VERSION) != contract.VERSION:
            raise ValueError(f"it is of contract {said['contract']}, and this is a reader of contract {contract.VERSION}")
        covers = said.get("covers") or {}
        first, last = (date.fromisoformat(covers[key]) for key in ("from", "to")) if covers else (None, None)
        if first and last and last < first:
            raise ValueError("it covers a last day before the first")
        is_synthetic = said.get("synthetic", False)
        if not isinstance(is_synthetic, bool):
            # Synthetic data may be shown to anyone, so that a "false" in quotes must not pass for true.
            raise TypeError("synthetic is neither true nor false")
        files = said.get("files")
        return cls(
            authority=_name(said, "authority"),
            source=_name(said, "source"),
            exported_at=_instant(said.get("exported_at")),
            covers_from=first,
            covers_to=last,
            is_synthetic=is_synthetic,
            files=None if files is None else dict(_sealed(name, entry) for name, entry in files.items()),
        )


def _name(said: dict[str, Any], key: str) -> str:
    name = str(said.get(key) or "")
    if len(name) > _LONGEST_NAME or not name.isprintable():
        raise ValueError(f"{key} is not a name in one line of up to {_LONGEST_NAME} characters")
    return name


def _instant(said: str | None) -> datetime | None:
    if not said:
        return None
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(contract.LOCAL_TIME))


def _sealed(name: str, entry: dict[str, Any]) -> tuple[str, tuple[int | None, str | None]]:
    if Path(name).name != name:
        raise ValueError(f"{name} is not the name of a file in its folder")
    return (name if name.endswith(".parquet") else f"{name}.parquet"), (entry.get("rows"), entry.get("sha256"))


def seal(folder: Path) -> dict[str, int]:
    """Write into the manifest of the export in `folder`, made if need be, the rows and the SHA-256 of each file; file name → rows.

    All else that a manifest says there already is kept.

    Raises:
        Refusal: the manifest or a file cannot be read, or there is no export.
    """
    Manifest.of(folder)  # one that is wrong is not written over
    path = folder / contract.MANIFEST
    said = json.loads(path.read_text(encoding="utf-8-sig")) if path.exists() else {}
    there = [table.file_name for table in contract.TABLES if (folder / table.file_name).exists()]
    if contract.CONTRACT["episodes"].file_name not in there:
        raise Refusal(f"There is no export in {folder}.", "It would hold episodes.parquet.")
    rows = {name: _rows_of(folder / name) for name in there}
    files = {name: {"rows": rows[name], "sha256": sha256(folder / name)} for name in there}
    new = path.with_suffix(".new")
    new.write_text(json.dumps({"contract": contract.VERSION} | said | {"files": files}, indent=1) + "\n", encoding="utf-8")
    # In one step: a dashboard may be watching the folder.
    new.replace(path)
    return rows


def _rows_of(path: Path) -> int:
    try:
        return int(pq.read_metadata(path).num_rows)
    except (OSError, pa.ArrowException) as error:
        raise Refusal(f"{path.name} cannot be read ({error}).", f"`oversight check {path.parent}` says what to mend.") from error


def fingerprint_of(folder: Path) -> str:
    """64 hexadecimal digits that change when any byte of the export's files does."""
    whole = hashlib.sha256()
    for name in sorted([contract.MANIFEST, *(table.file_name for table in contract.TABLES)]):
        path = folder / name
        if path.exists():
            whole.update(f"{name} {sha256(path)}\n".encode())
    return whole.hexdigest()
