"""The return as one XML file: EXPSSDA903, of CHILD, of a HEADER with its AMISSING, and of EPISODE."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
from lxml import etree

from dashboard.errors import Refusal

# Table → the element that is one row of it.
ELEMENTS = {"episodes": "EPISODE", "missing": "AMISSING", "header": "HEADER", "uasc": "UASC"}
_TAGS = {"CHILD": "CHILDID", "PLACE": "PL"}  # where XML calls a column otherwise
# No reference is resolved and nothing is fetched; libxml2's own limits on depth and length stay in force.
_SAFE: Mapping[str, Any] = {"resolve_entities": False, "load_dtd": False, "no_network": True, "huge_tree": False}


def read_xml(path: Path, columns: Mapping[str, tuple[str, ...]]) -> dict[str, pl.DataFrame] | None:
    """Table → the cells of its `columns` as text, and `row`, which counts its element through the file; None where it is no return.

    Raises:
        Refusal: the file cannot be read as XML, or declares a document type: a return has none, and that is how a few lines
            are made to swell to gigabytes, or to fetch another file.
    """
    try:
        if not _is_return(path):
            return None
        return _tables(path, columns)
    except OSError as error:
        raise Refusal(f"{path.name} cannot be read ({error.strerror}).", "Close it elsewhere, or save it again.") from error
    except etree.XMLSyntaxError as error:
        # What libxml2 says quotes the file, and that may identify a child.
        raise Refusal(f"{path.name} cannot be read as XML: it is cut short or damaged at line {error.lineno}.", "Save it again.") from None


def _is_return(path: Path) -> bool:
    with path.open("rb") as file:
        _, root = next(iter(etree.iterparse(file, events=("start",), **_SAFE)))
        if root.getroottree().docinfo.internalDTD is not None:
            raise Refusal(f"{path.name} declares a document type, which a return has not.", "Save the return again.")
        return bool(root.tag == "EXPSSDA903")


def _tables(path: Path, columns: Mapping[str, tuple[str, ...]]) -> dict[str, pl.DataFrame]:
    tags = {table: [_TAGS.get(column, column) for column in of_table] for table, of_table in columns.items()}
    cells: dict[str, list[list[str | None]]] = {table: [[] for _ in of_table] for table, of_table in columns.items()}
    rows: dict[str, list[int]] = {table: [] for table in columns}
    counted = dict.fromkeys(ELEMENTS.values(), 0)

    def add(table: str, told: Mapping[str, str | None]) -> None:
        counted[ELEMENTS[table]] += 1
        rows[table].append(counted[ELEMENTS[table]])
        for values, tag in zip(cells[table], tags[table], strict=True):
            values.append(told.get(tag))

    with path.open("rb") as file:
        for _, child in etree.iterparse(file, events=("end",), tag="CHILD", **_SAFE):
            header: dict[str, str | None] = {}
            for part in child.iterchildren("HEADER"):
                header = {element.tag: element.text for element in part}
                add("header", header)
                if (header.get("UASC") or "0").strip() not in ("", "0"):
                    add("uasc", header)
                for missing in part.iterchildren("AMISSING"):
                    add("missing", header | {element.tag: element.text for element in missing})
            for episode in child.iterchildren("EPISODE"):
                add("episodes", {"CHILDID": header.get("CHILDID")} | {element.tag: element.text for element in episode})
            # What has been read is let go of, and its empty shell before it.
            child.clear()
            while child.getprevious() is not None:
                del child.getparent()[0]
    return {
        table: pl.DataFrame(dict(zip(of_table, cells[table], strict=True)), schema=dict.fromkeys(of_table, pl.String)).with_columns(
            row=pl.Series(rows[table], dtype=pl.UInt32)
        )
        for table, of_table in columns.items()
    }
