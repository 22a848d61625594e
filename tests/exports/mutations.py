"""Exports that something has happened to, by number: the same number is always the same export."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.manifest import seal
from tests.oracle.made import utc, write_made

Dice = random.Random

_FILES = [table.file_name for table in contract.TABLES]


def write_truth(folder: Path) -> None:
    """A good export of every table, with every column filled somewhere."""
    episodes = [
        {
            "episode_id": f"E{n}",
            "child_id": f"C{n % 7}",
            "category": ("missing", "away")[n % 2],
            "started_at": utc(2024, 3, 30, 23) + timedelta(hours=17 * n),
            "ended_at": None if n % 9 == 8 else utc(2024, 3, 31) + timedelta(hours=17 * n + n % 5),
            "unit_id": (None, "U1", "U2")[n % 3],
            "whereabouts_known": n % 2 == 0,
            "risk": ("low", "high", None)[n % 3],
            "police_called": True,
            "police_called_at": utc(2024, 4, 1) + timedelta(hours=17 * n),
            "found_latitude": 52.5 + n / 100,
            "found_longitude": -1.9,
            "found_place": "friend",
        }
        for n in range(40)
    ]
    write_made(
        folder,
        episodes=episodes,
        return_interviews=[
            {"interview_id": f"I{n}", "episode_id": f"E{n}", "held_at": utc(2024, 5, 1 + n), "reasons": ["family", "boredom"]}
            for n in range(20)
        ],
        placements=[{"child_id": f"C{n}", "unit_id": f"U{1 + n % 2}"} for n in range(7)],
        units=[{"unit_id": "U1", "latitude": 52.6, "longitude": -2.0}, {"unit_id": "U2"}],
        children=[{"child_id": f"C{n}", "sex": ("female", "male")[n % 2]} for n in range(7)],
        police_calls=[{"call_id": f"P{n}", "called_at": utc(2024, 6, 1 + n)} for n in range(9)],
        events=[{"happened_on": date(2024, 9, 1), "text": "A new form"}],
    )


# Bytes.


def _cut(content: bytearray, dice: Dice) -> bytearray:
    return content[: dice.randrange(len(content))]


def _flip_anywhere(content: bytearray, dice: Dice) -> bytearray:
    for _ in range(dice.choice((1, 1, 1, 8, 64))):
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    return content


def _flip_in_the_footer(content: bytearray, dice: Dice) -> bytearray:
    for _ in range(dice.choice((1, 2, 5))):
        content[-dice.randrange(1, min(len(content), 600))] ^= dice.randrange(1, 256)
    return content


def _overwrite(content: bytearray, dice: Dice) -> bytearray:
    length = dice.randrange(1, min(200, len(content)))
    at = dice.randrange(len(content) - length)
    content[at : at + length] = dice.choice((bytes(length), b"\xff" * length, dice.randbytes(length)))
    return content


def _move(content: bytearray, dice: Dice) -> bytearray:
    at, to, length = (dice.randrange(len(content)) for _ in range(3))
    part = content[at : at + length % 300]
    return content[:to] + part + content[to:]


def _append(content: bytearray, dice: Dice) -> bytearray:
    return content + dice.choice((b"PAR1", dice.randbytes(50), bytes(content)))


def _other_footer_length(content: bytearray, dice: Dice) -> bytearray:
    content[-8:-4] = dice.choice((0, 1, 2**31 - 1, 2**32 - 1, len(content), len(content) * 2)).to_bytes(4, "little")
    return content


_BYTES = (_cut, _flip_anywhere, _flip_anywhere, _flip_in_the_footer, _flip_in_the_footer, _overwrite, _move, _append, _other_footer_length)


def _bytes(folder: Path, dice: Dice) -> None:
    path = folder / dice.choice(_FILES)
    path.write_bytes(dice.choice(_BYTES)(bytearray(path.read_bytes()), dice))


# Tables.


def _column_of(table: pa.Table, dice: Dice) -> tuple[int, str]:
    index = dice.randrange(table.num_columns)
    return index, table.column_names[index]


_STRANGE_TYPES: tuple[pa.DataType, ...] = (
    pa.int8(),
    pa.uint64(),
    pa.float16(),
    pa.decimal256(70, 3),
    pa.binary(),
    pa.binary(16),
    pa.time64("us"),
    pa.duration("us"),
    pa.timestamp("s"),
    pa.date64(),
    pa.null(),
    pa.list_(pa.list_(pa.string())),
    pa.struct([("a", pa.string()), ("b", pa.list_(pa.int8()))]),
    pa.map_(pa.string(), pa.string()),
    pa.dictionary(pa.int32(), pa.string()),
)


def _another_type(table: pa.Table, dice: Dice) -> pa.Table:
    index, name = _column_of(table, dice)
    return table.set_column(index, name, pa.nulls(table.num_rows, dice.choice(_STRANGE_TYPES)))


def _a_nested_column(table: pa.Table, dice: Dice) -> pa.Table:
    nested: Any = {"a": "x"}
    for _ in range(dice.choice((1, 3, 40))):
        nested = dice.choice(([nested], {"b": nested}))
    return table.append_column(dice.choice(("more", "unit_id", "reasons")), pa.array([nested] * table.num_rows))


def _a_long_text(table: pa.Table, dice: Dice) -> pa.Table:
    texts = [name for name in table.column_names if pa.types.is_large_string(table[name].type) or pa.types.is_string(table[name].type)]
    name = dice.choice(texts)
    long = dice.choice(("x", "é", "\U0001f600", "\x00", "=")) * dice.choice((1_001, 100_000, 5_000_000))
    return table.set_column(table.column_names.index(name), name, pa.array([long, *table[name].to_pylist()[1:]], pa.large_string()))


def _bad_text(table: pa.Table, dice: Dice) -> pa.Table:
    texts = [name for name in table.column_names if pa.types.is_large_string(table[name].type) or pa.types.is_string(table[name].type)]
    name = dice.choice(texts)
    broken = pa.array([dice.choice((b"\xff\xfe", b"\xed\xa0\x80", b"\xc0\x80", b"E\x00"))] * table.num_rows, pa.binary())
    return table.set_column(table.column_names.index(name), name, broken.view(pa.string()))


def _a_column_twice(table: pa.Table, dice: Dice) -> pa.Table:
    index, name = _column_of(table, dice)
    return table.append_column(dice.choice((name, name.upper(), name.title())), table.column(index))


def _columns_by_the_thousand(table: pa.Table, dice: Dice) -> pa.Table:
    number = dice.choice((250, 301, 5_000))
    whole = {name: table[name] for name in table.column_names} | {f"c{n}": pa.nulls(table.num_rows, pa.int8()) for n in range(number)}
    return pa.table(whole)


_NAMES = ("", " ", "\x00", '"; DROP TABLE episodes; --', "$units", "surname", "é" * 10_000, "file_row", "file_row_number", "../x", "a.b.c")


def _a_strange_name(table: pa.Table, dice: Dice) -> pa.Table:
    if dice.random() < 0.5:
        return table.append_column(dice.choice(_NAMES), pa.nulls(table.num_rows, pa.int32()))
    index, _ = _column_of(table, dice)
    return table.rename_columns([dice.choice(_NAMES) if n == index else name for n, name in enumerate(table.column_names)])


def _without_a_column(table: pa.Table, dice: Dice) -> pa.Table:
    return table.remove_column(_column_of(table, dice)[0])


def _nothing_in_a_column(table: pa.Table, dice: Dice) -> pa.Table:
    index, name = _column_of(table, dice)
    return table.set_column(index, name, pa.nulls(table.num_rows, table.column(index).type))


def _no_rows(table: pa.Table, _: Dice) -> pa.Table:
    return table.slice(0, 0)


def _rows_twice(table: pa.Table, dice: Dice) -> pa.Table:
    return pa.concat_tables([table] * dice.choice((2, 100)))


_EXTREMES: dict[pa.DataType, tuple[Any, ...]] = {
    # Numbers of microseconds and of days: pyarrow takes them as they are.
    pa.timestamp("us", "UTC"): (-(2**63) + 1, 2**63 - 1, 0, 253_402_300_799_000_000),
    pa.date32(): (-(2**31) + 1, 2**31 - 1, 0, -719_162),
    pa.float64(): (math.nan, math.inf, -math.inf, 1e308, -0.0, 91.0),
    pa.int64(): (2**63 - 1, -(2**63), -1),
}


def _an_extreme(table: pa.Table, dice: Dice) -> pa.Table:
    fitting = [name for name in table.column_names if table[name].type in _EXTREMES]
    if not fitting:
        return _a_strange_name(table, dice)
    name = dice.choice(fitting)
    kind = table[name].type
    value = dice.choice(_EXTREMES[kind])
    whole = pa.concat_arrays([pa.array([value], kind), table[name].combine_chunks().slice(1)])
    return table.set_column(table.column_names.index(name), name, whole)


@cache
def _dictionary_bomb(rows: int, length: int) -> pa.Table:
    codes = pa.nulls(rows, pa.int8()).fill_null(0)
    return pa.table(
        {
            "unit_id": pa.DictionaryArray.from_arrays(codes, ["x" * length]),
            "name": pa.DictionaryArray.from_arrays(codes, ["y" * length]),
        }
    )


def _bomb(_: pa.Table, dice: Dice) -> pa.Table:
    return _dictionary_bomb(dice.choice((1_000_000, 5_000_000)), dice.choice((10, 900, 100_000)))


_TABLES: tuple[Callable[[pa.Table, Dice], pa.Table], ...] = (
    _another_type,
    _another_type,
    _a_nested_column,
    _a_long_text,
    _bad_text,
    _a_column_twice,
    _columns_by_the_thousand,
    _a_strange_name,
    _without_a_column,
    _nothing_in_a_column,
    _no_rows,
    _rows_twice,
    _an_extreme,
    _an_extreme,
)


def _table(folder: Path, dice: Dice) -> None:
    # Bombs take a second each.
    change, name = (_bomb, "units.parquet") if dice.random() < 0.02 else (dice.choice(_TABLES), dice.choice(_FILES))
    changed = change(pq.read_table(folder / name), dice)
    pq.write_table(changed, folder / name, row_group_size=dice.choice((1, 1_000_000)) if changed.num_rows < 1_000 else None)


# Manifests.


def _manifest(folder: Path, dice: Dice) -> None:
    path = folder / contract.MANIFEST
    said = json.loads(path.read_text())
    name = dice.choice(list(said["files"]))
    changes: list[Callable[[], Any]] = [
        lambda: said.update(contract=dice.choice((0, 2, "1", None, 1.5, 10**400, []))),
        lambda: said.update(
            covers=dice.choice((None, {}, [], {"from": "x"}, {"from": "0001-01-01", "to": "9999-12-31"}, {"to": "2024-01-01"}))
        ),
        lambda: said.update(authority=dice.choice((1, "x" * 300, ["x"], {"a": 1}, "\x1b[2J\n"))),
        lambda: said.update(synthetic=dice.choice(("false", 1, None, [True]))),
        lambda: said.update(exported_at=dice.choice(("x", 1, [], "9999-99-99", "2024-01-01T00:00:00"))),
        lambda: said.update(files=dice.choice(([], None, {}, {"x": {}}, {"../x": {}}, {"episodes.parquet": 1}, "episodes"))),
        lambda: said["files"].pop(name),
        lambda: said["files"][name].update(rows=dice.choice((-1, 0, "40", None, 1e300, 10**30, []))),
        lambda: said["files"][name].update(sha256=dice.choice(("", "0" * 64, None, 1, [], "x" * 10**5))),
        lambda: said["files"].update({dice.choice(("extra", "extra.parquet", "episodes", "", ".", "a" * 300)): {"rows": 1}}),
    ]
    if dice.random() < 0.7:
        dice.choice(changes)()
        path.write_text(json.dumps(said))
        return
    content = bytearray(path.read_bytes())
    whole = dice.choice((_cut, _flip_anywhere, _overwrite, _move))(content, dice)
    path.write_bytes(dice.choice((whole, whole, b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe" + bytes(content), b"9" * 10_000)))


# The same export in other clothes.


def _written_otherwise(folder: Path, dice: Dice) -> None:
    name = dice.choice(_FILES)
    table = pq.read_table(folder / name)
    order = dice.sample(table.column_names, table.num_columns)
    table = table.select(order).append_column("not_of_the_contract", pa.nulls(table.num_rows, pa.int32()))
    for index, field in enumerate(table.schema):
        if field.type == pa.timestamp("us", "UTC"):
            kind = dice.choice((pa.timestamp("ms", "UTC"), pa.timestamp("us", "Europe/London"), pa.timestamp("ns", "UTC")))
            table = table.set_column(index, field.name, table.column(index).cast(kind))
        elif pa.types.is_large_string(field.type) and dice.random() < 0.5:
            table = table.set_column(index, field.name, table.column(index).cast(pa.string()).dictionary_encode())
    pq.write_table(
        table,
        folder / name,
        compression=dice.choice(("none", "snappy", "gzip", "brotli", "lz4", "zstd")),
        data_page_version=dice.choice(("1.0", "2.0")),
        use_dictionary=dice.random() < 0.5,
        write_statistics=dice.random() < 0.5,
        row_group_size=dice.choice((1, 7, 1000)),
        version=dice.choice(("1.0", "2.4", "2.6")) if "ns" not in str(table.schema) else "2.6",
    )
    seal(folder)


def mutate(folder: Path, number: int) -> bool:
    """Change the good export in `folder` in the way of that number. True where what it held can be told by its manifest: nothing is
    accepted then but the truth."""
    dice = random.Random(number)
    kind = dice.choices((_bytes, _table, _manifest, _written_otherwise), (50, 30, 12, 8))[0]
    kind(folder, dice)
    if kind in (_manifest, _written_otherwise):
        return kind is _written_otherwise or (folder / contract.MANIFEST).exists()
    # Half of them as a fault on the way leaves them, under the manifest of the good one; the others as a source would write them.
    how = dice.choice(("manifest", "manifest", "sealed anew", "no manifest"))
    if how == "sealed anew":
        try:
            seal(folder)
        except Refusal:
            how = "no manifest"
    if how == "no manifest":
        (folder / contract.MANIFEST).unlink()
    return how == "manifest"
