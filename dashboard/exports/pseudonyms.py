"""Keyed pseudonyms: the same id in gives the same id out, and nobody without the key can go back.

A plain hash would not do: children's ids are short numbers, and all of them can be hashed in a second.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

import platformdirs
import polars as pl

from dashboard.errors import Refusal

_KEY_BYTES = 32
_DIGITS = 16  # 64 bits: among a million ids, 1 in 37 million that any two are the same


def default_key_file() -> Path:
    """Where the key is kept unless another file is named: in the settings folder of the person who imports.

    Not beside the export: what undoes a pseudonym is to be kept apart from the pseudonymised data (UK GDPR, article 4(5)), and
    exports lie on shares that the dashboard's host reads.
    """
    return platformdirs.user_config_path("oversight", appauthor=False) / "pseudonym.key"


def read_or_make_key(file: Path) -> bytes:
    """The 32 bytes in `file`, which is made, readable by its owner alone, where there is none.

    Raises:
        Refusal: the file cannot be read or made, or does not hold 32 bytes.
    """
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            # Exclusive, so that two first imports at once cannot each make a key of their own.
            with open(file, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as made:
                made.write(secrets.token_bytes(_KEY_BYTES))
        except FileExistsError:
            pass
        key = file.read_bytes()
    except OSError as error:
        raise Refusal(f"The pseudonym key {file} cannot be used ({error.strerror}).", "Make its folder readable and writable.") from error
    if len(key) != _KEY_BYTES:
        raise Refusal(
            f"The pseudonym key {file} does not hold {_KEY_BYTES} bytes.",
            "Put back a copy of the key. Without one, delete the file: a new key is made, and children then have new ids.",
        )
    return key


def pseudonymised(frame: pl.DataFrame, key: bytes, what: str, column: str) -> pl.DataFrame:
    """`frame` with the text in `column` replaced by `WHAT_id`, its first column: 16 hexadecimal digits of HMAC-SHA256 under `key`.

    `what` ("child", "episode") is part of what is hashed, so that the same text has another pseudonym as another thing.
    """
    keyed = hmac.new(key, f"{what}:".encode(), hashlib.sha256)

    def pseudonym(text: str) -> str:
        one = keyed.copy()
        one.update(text.encode())
        return one.hexdigest()[:_DIGITS]

    unique = frame[column].unique().to_list()
    ids = pl.col(column).replace_strict(unique, [pseudonym(text) for text in unique], return_dtype=pl.String)
    return frame.select(ids.alias(f"{what}_id"), pl.exclude(column))
