"""The manifest of an export: who made it, what it covers, and the seal on its files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.write import sha256


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
            authority=str(said.get("authority") or ""),
            source=str(said.get("source") or ""),
            exported_at=_instant(said.get("exported_at")),
            covers_from=first,
            covers_to=last,
            is_synthetic=is_synthetic,
            files=None if files is None else dict(_sealed(name, entry) for name, entry in files.items()),
        )


def _instant(said: str | None) -> datetime | None:
    if not said:
        return None
    moment = datetime.fromisoformat(said)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(contract.LOCAL_TIME))


def _sealed(name: str, entry: dict[str, Any]) -> tuple[str, tuple[int | None, str | None]]:
    if Path(name).name != name:
        raise ValueError(f"{name} is not the name of a file in its folder")
    return (name if name.endswith(".parquet") else f"{name}.parquet"), (entry.get("rows"), entry.get("sha256"))


def fingerprint_of(folder: Path) -> str:
    """64 hexadecimal digits that change when any byte of the export's files does."""
    whole = hashlib.sha256()
    for name in sorted([contract.MANIFEST, *(table.file_name for table in contract.TABLES)]):
        path = folder / name
        if path.exists():
            whole.update(f"{name} {sha256(path)}\n".encode())
    return whole.hexdigest()
