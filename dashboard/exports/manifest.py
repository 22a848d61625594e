"""The manifest of an export: who made it, what it covers, and the seal on its files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.write import sha256


@dataclass(frozen=True)
class Manifest:
    """`manifest.json`, read. `files` maps file name → (rows, sha256); an entry or half of it may be None."""

    authority: str
    source: str
    exported_at: datetime | None
    covers_from: date | None
    covers_to: date | None
    is_synthetic: bool
    files: dict[str, tuple[int | None, str | None]]

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
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Refusal(f"manifest.json cannot be read ({error}).", "Write it again, or leave it out.") from error

    @classmethod
    def _from(cls, said: dict[str, Any]) -> Manifest:
        if said.get("contract", contract.VERSION) != contract.VERSION:
            raise ValueError(f"it is of contract {said['contract']}, and this is a reader of contract {contract.VERSION}")
        covers = said.get("covers") or {}
        exported_at = said.get("exported_at")
        first, last = (date.fromisoformat(covers[key]) if covers.get(key) else None for key in ("from", "to"))
        if first and last and last < first:
            raise ValueError("it covers a last day before the first")
        return cls(
            authority=str(said.get("authority") or ""),
            source=str(said.get("source") or ""),
            exported_at=datetime.fromisoformat(exported_at) if exported_at else None,
            covers_from=first,
            covers_to=last,
            is_synthetic=bool(said.get("synthetic", False)),
            files={
                (name if name.endswith(".parquet") else f"{name}.parquet"): (entry.get("rows"), entry.get("sha256"))
                for name, entry in (said.get("files") or {}).items()
            },
        )


def fingerprint_of(folder: Path) -> str:
    """64 hexadecimal digits that change when any byte of the export's files does."""
    whole = hashlib.sha256()
    for name in sorted([contract.MANIFEST, *(table.file_name for table in contract.TABLES)]):
        path = folder / name
        if path.exists():
            whole.update(f"{name} {sha256(path)}\n".encode())
    return whole.hexdigest()
