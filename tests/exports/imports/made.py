"""Small SSDA903 returns for tests: written as CSV or XML, imported, and read back."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import polars as pl

from dashboard.exports.imports.report import ImportReport, RuleFound
from dashboard.exports.imports.ssda903 import import_ssda903

EPISODE = {
    "CHILD": "1001",
    "DECOM": "01/05/2023",
    "RNE": "S",
    "LS": "C2",
    "CIN": "N1",
    "PLACE": "K2",
    "PLACE_PROVIDER": "PR4",
    "DEC": "",
    "REC": "",
    "REASON_PLACE_CHANGE": "",
    "HOME_POST": "ST1 1AA",
    "PL_POST": "ST2 2BB",
    "URN": "SC100001",
}
MISSING = {"CHILD": "1001", "DOB": "17/09/2008", "MISSING": "M", "MIS_START": "03/06/2023", "MIS_END": "04/06/2023"}
HEADER = {"CHILD": "1001", "SEX": "1", "DOB": "17/09/2008", "ETHNIC": "WBRI", "UPN": "A123456789012", "MOTHER": "", "MC_DOB": ""}
UASC = {"CHILD": "1001", "SEX": "1", "DOB": "17/09/2008", "DUC": "17/09/2026"}
DEFAULTS = {"episodes": EPISODE, "missing": MISSING, "header": HEADER, "uasc": UASC}

Rows = Iterable[dict[str, str]]
Tables = dict[str, pl.DataFrame]


def write_return(folder: Path, **files: Rows) -> None:
    """Write the files given as CSV, each row with the defaults of its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        with open(folder / f"{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, DEFAULTS[name])
            writer.writeheader()
            writer.writerows(DEFAULTS[name] | row for row in rows)


def as_xml(folder: Path, file: Path) -> None:
    """Write the CSV files in `folder` as one XML file: a CHILD for each id, in which missing rows lie within the header."""
    tables = {path.stem: list(csv.DictReader(path.read_text(encoding="utf-8").splitlines())) for path in folder.glob("*.csv")}
    uasc = {row["CHILD"] for row in tables.get("uasc", [])}
    root = ElementTree.Element("EXPSSDA903")
    listed = {row["CHILD"]: row for row in tables.get("header", [])}
    for child in dict.fromkeys(row["CHILD"] for rows in tables.values() for row in rows):
        element = ElementTree.SubElement(root, "CHILD")
        header = ElementTree.SubElement(element, "HEADER")
        missing = [row for row in tables["missing"] if row["CHILD"] == child]
        told = listed.get(child) or {"DOB": next((row["DOB"] for row in missing), "")}
        ElementTree.SubElement(header, "CHILDID").text = child
        for column, value in told.items():
            if column != "CHILD":
                ElementTree.SubElement(header, column).text = value
        ElementTree.SubElement(header, "UASC").text = "1" if child in uasc else ""
        for row in missing:
            within = ElementTree.SubElement(header, "AMISSING")
            for column in ("MISSING", "MIS_START", "MIS_END"):
                ElementTree.SubElement(within, column).text = row[column]
        for row in tables["episodes"]:
            if row["CHILD"] == child:
                within = ElementTree.SubElement(element, "EPISODE")
                for column, value in row.items():
                    if column != "CHILD":
                        ElementTree.SubElement(within, "PL" if column == "PLACE" else column).text = value
    ElementTree.ElementTree(root).write(file, encoding="utf-8", xml_declaration=True)


def import_return(where: Path, **options: Any) -> tuple[ImportReport, Tables]:
    """Import `where`/return into `where`/export: the report and the tables of the export."""
    report = import_ssda903(where / "return", where / "export", where / "key" / "pseudonym.key", **options)
    return report, {name: pl.read_parquet(where / "export" / f"{name}.parquet") for name in report.rows_out}


def assumed(report: ImportReport, words: str) -> str:
    """The one assumption with these words."""
    (sentence,) = [sentence for sentence in report.assumptions if words in sentence]
    return sentence


def broken(report: ImportReport, rule: str, file: str = "missing.csv") -> RuleFound:
    """What the report says of a rule of a file."""
    (found,) = [found for found in report.rules if (found.rule, found.file) == (rule, file)]
    return found
