"""The importer of a local table, through its door: a file and a mapping in, an export out; and the mapping that is suggested."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner
from xlsxwriter import Workbook

from dashboard.cli import main
from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.check import check
from dashboard.exports.imports.mapped import import_table, suggest_mapping
from dashboard.exports.imports.report import ImportReport, RuleFound, read_report
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import build
from dashboard.scope import default_scope
from dashboard.settings import Settings

ROW = {
    "Episode ref": "E1",
    "Person ID": "1001",
    "Surname": "Smythe",
    "DOB": "17/02/2009",
    "Type": "Missing",
    "Date missing": "03/05/2024",
    "Time missing": "22:15",
    "Returned": "04/05/2024 09:40",
    "Placement": "The Beeches",
    "Placement type": "Children's Home",
    "Risk": "Medium",
    "Police informed": "Yes",
    "Found": "Friend's house",
    "RHI": "Offered and Accepted",
    "Notes": "free text of a child",
}
COLUMNS = """
[columns]
episode_id = "Episode ref"
child_id = "Person ID"
category = "Type"
started_at = ["Date missing", "Time missing"]
ended_at = "Returned"
"""
WHOLE = f"""
authority = "Testshire"
{COLUMNS}
unit_id = "Placement"
risk = "Risk"
police_called = "Police informed"
found_place = "Found"
[interview]
answer = "RHI"
[units]
name = "Placement"
kind = "Placement type"
[children]
birth_month = "DOB"
"""

Rows = list[Mapping[str, str]]
Import = Callable[..., tuple[ImportReport, dict[str, pl.DataFrame]]]


def table(rows: Rows) -> list[dict[str, str]]:
    """The rows with defaults, an id each and, where none is given, a day each."""
    return [ROW | {"Episode ref": f"E{n}", "Date missing": f"{n + 2:02}/05/2024"} | row for n, row in enumerate(rows, 1)]


def as_csv(rows: list[dict[str, str]], separator: str = ",") -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], delimiter=separator)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Writes a table of the rows given, and imports it by a mapping: the report and the tables of the export."""

    def run(rows: Rows, mapping: str = WHOLE) -> tuple[ImportReport, dict[str, pl.DataFrame]]:
        (tmp_path / "local.csv").write_text(as_csv(table(rows)), encoding="utf-8")
        (tmp_path / "mapping.toml").write_text(mapping, encoding="utf-8")
        return import_written(tmp_path, "local.csv")

    return run


def import_written(where: Path, name: str) -> tuple[ImportReport, dict[str, pl.DataFrame]]:
    report = import_table(where / name, where / "export", where / "mapping.toml", where / "key" / "pseudonym.key")
    return report, {name: pl.read_parquet(where / "export" / f"{name}.parquet") for name in report.rows_out}


def found(report: ImportReport, rule: str) -> RuleFound:
    """The one rule of that name."""
    (rule_found,) = [one for one in report.rules if one.rule == rule]
    return rule_found


# What comes out


def test_the_export_is_what_the_mapping_says(imported: Import, tmp_path: Path) -> None:
    """Each mapped column leaves as the contract has it, the check finds the export good, and the report lies beside it."""
    report, tables = imported([{}])
    assert tables["episodes"].drop("episode_id", "child_id").rows(named=True) == [
        {
            "category": "missing",
            "started_at": datetime(2024, 5, 3, 21, 15, tzinfo=UTC),
            "ended_at": datetime(2024, 5, 4, 8, 40, tzinfo=UTC),
            "unit_id": "The Beeches",
            "risk": "medium",
            "police_called": True,
            "found_place": "friend",
        }
    ]
    assert tables["units"].rows() == [("The Beeches", "The Beeches", "childrens_home")]
    assert tables["children"]["birth_month"].to_list() == [date(2009, 2, 1)]
    checked = check(tmp_path / "export", Settings())
    assert checked.is_good
    assert read_report(tmp_path / "export") == report
    assert (report.source, report.rows_in) == ("local.csv by mapping.toml", {"local.csv": 1})
    assert report.covers == (date(2024, 5, 3), date(2024, 5, 4))


def test_what_is_not_mapped_never_leaves(imported: Import, tmp_path: Path) -> None:
    """Names, notes, birth dates and ids of the source are in no file of the export; columns that were not read are named, not quoted."""
    report, _ = imported([{"Person ID": "IDENTIFYING-1", "Episode ref": "EPISODE-1"}])
    everything_written = b"".join(path.read_bytes() for path in (tmp_path / "export").iterdir())
    cells = {
        str(cell) for name in report.rows_out for row in pl.read_parquet(tmp_path / "export" / f"{name}.parquet").rows() for cell in row
    }
    for told in ("IDENTIFYING-1", "EPISODE-1", "Smythe", "free text", "17/02/2009", "2009-02-17"):
        assert told.encode() not in everything_written
        assert not any(told in cell for cell in cells)
    assert "Columns that the mapping does not name, and that do not leave: Surname, Notes." in report.assumptions


def test_ids_that_are_pseudonyms_leave_as_they_are(imported: Import, tmp_path: Path) -> None:
    """Only where the mapping says so; no key is made then."""
    _, tables = imported([{"Person ID": "c81f"}], f'ids = "pseudonyms"\n{WHOLE}')
    assert tables["episodes"].select("episode_id", "child_id").rows() == [("E1", "c81f")]
    assert tables["children"]["child_id"].to_list() == ["c81f"]
    assert not (tmp_path / "key").exists()


def test_a_table_without_ids_types_or_ends(imported: Import) -> None:
    """Ids are made of child, type and start and tell equal rows apart, the category is that of the mapping, and no end is given."""
    mapping = 'category = "missing"\n[columns]\nchild_id = "Person ID"\nstarted_at = "Date missing"'
    _, tables = imported([{}, {"Date missing": "03/05/2024"}], mapping)
    assert tables["episodes"].columns == ["episode_id", "child_id", "category", "started_at"]
    assert tables["episodes"]["episode_id"].n_unique() == 2
    assert tables["episodes"]["started_at"].to_list() == [date(2024, 5, 3)] * 2


def test_a_family_home_has_no_name_of_its_own(imported: Import, tmp_path: Path) -> None:
    """Units that any row calls foster care are counted together, so that no carer's name leaves, and no coordinates or beds of theirs."""
    rows = [
        {},
        {"Placement": "Mr & Mrs Doe", "Placement type": "Foster Care"},
        {"Placement": "Mr & Mrs Doe", "Placement type": ""},
        {"Placement": "Mrs Roe", "Placement type": "Fostering", "Risk": "4"},
    ]
    report, tables = imported(rows, f"{WHOLE.replace('risk =', '# risk =')}\n".replace("[children]", 'beds = "Risk"\n[children]'))
    assert tables["episodes"].sort("started_at")["unit_id"].to_list() == ["The Beeches", "foster", "foster", "foster"]
    assert tables["units"].select("unit_id", "name", "beds").rows() == [
        ("The Beeches", "The Beeches", None),
        ("foster", "Foster carers", None),
    ]
    assert not any(b"Doe" in path.read_bytes() for path in (tmp_path / "export").iterdir())
    assert any("a family's home: 2" in sentence for sentence in report.assumptions)


# Codes


@pytest.mark.parametrize(
    ("answer", "interview"),
    [
        ("Not Offered (Missing Again)", ("no", None, "missing_again")),
        ("Not Offered (Unable to make contact)", ("no", None, "unable_to_make_contact")),
        ("Not Offered (Other)", ("no", None, "other")),
        ("Offered and Accepted", ("yes", None, None)),
        ("offered and accepted ", ("yes", None, None)),
        ("Offered and Accepted (CYP not present/refused on arrival)", ("yes", "not_held", None)),
        ("Offered and Declined", ("yes", "declined", None)),
        ("", None),
        ("Somebody rang", None),
    ],
)
def test_the_answers_seen_in_councils_are_known(imported: Import, answer: str, interview: tuple | None) -> None:
    """Each answer gives offer, outcome and reason without a mapping of its codes; accepted is never completed; another gives none."""
    report, tables = imported([{"RHI": answer}, {"RHI": "Offered and Declined"}])
    first = tables["episodes"].sort("started_at").head(1)
    told = first.join(tables["return_interviews"], on="episode_id").select("offered", "outcome", "late_reason").rows()
    assert told == ([interview] if interview else [])
    assert found(report, "answer: no code").rows == (answer == "Somebody rang")


@pytest.mark.parametrize(
    ("accepted", "held", "expected"),
    [
        ("Yes", "", ("yes", None)),
        ("No", "", ("yes", "declined")),
        ("N/A", "", ("yes", "not_held")),
        ("", "", ("yes", "pending")),
        ("Yes", "06/05/2024", ("yes", None)),
        ("", "06/05/2024", ("yes", None)),
    ],
)
def test_offer_and_acceptance_in_columns_of_their_own(imported: Import, accepted: str, held: str, expected: tuple) -> None:
    """Yes, no, not applicable and blank stay four things, and a date held says that it was, whatever was answered."""
    mapping = f'{COLUMNS}[interview]\noffered = "Police informed"\naccepted = "Found"\nheld_at = "Notes"'
    _, tables = imported([{"Found": accepted, "Notes": held}], mapping)
    assert tables["return_interviews"].select("offered", "outcome").rows() == [expected]


def test_what_was_held_was_offered_and_what_was_accepted_is_not_held(imported: Import, tmp_path: Path) -> None:
    """A date held without an offer counts as offered. Without any column of what was held, the figures say which they need."""
    mapping = f'{COLUMNS}[interview]\noffered = "Risk"\nheld_at = "Notes"'
    _, tables = imported([{"Risk": "", "Notes": "06/05/2024"}], mapping)
    assert tables["return_interviews"].select("offered", "held_at").rows() == [("yes", date(2024, 5, 6))]
    imported([{"Person ID": str(n), "RHI": answer} for n, answer in enumerate(["Offered and Accepted"] * 5 + ["Offered and Declined"])])
    settings = Settings()
    snapshot = check(tmp_path / "export", settings).snapshot
    assert snapshot is not None
    scope = default_scope(snapshot.coverage.first_day, snapshot.coverage.last_day)
    steps = build("return_interviews/steps", snapshot, scope, settings).frame
    assert steps.filter(pl.col("step").is_in(["accepted", "held", "held_72h"]))["episodes"].to_list() == [5, None, None]
    assert "column held_at" in (build("return_interviews/coverage", snapshot, scope, settings).needs or "")


def test_codes_of_the_mapping_come_first_and_unknown_ones_are_kept_as_codes(imported: Import, tmp_path: Path) -> None:
    """A value that neither knows is kept as a code, as the contract has it, and is named with its rows; the mapping can say what it is."""
    rows: Rows = [{"Found": "Behind the shop"}, {"Found": "Park"}, {"Police informed": "Dunno"}]
    report, tables = imported(rows)
    assert tables["episodes"].sort("started_at")["found_place"].to_list() == ["behind_the_shop", "outdoors", "friend"]
    rule = found(report, "found_place: another code")
    assert (rule.rows, rule.examples) == (1, ("row 2",))
    assert "Behind the shop" in rule.meaning
    assert (found(report, "police_called: no code").rows, found(report, "police_called: no code").examples) == (1, ("row 4",))
    assert any(finding.rule == "unknown code" for finding in check(tmp_path / "export", Settings()).findings)
    codes = '[codes.found_place]\n"behind the Shop" = "outdoors"\nPark = "other"\n[codes.police_called]\nDunno = false'
    report, tables = imported(rows, f"{WHOLE}\n{codes}")
    assert tables["episodes"].sort("started_at")["found_place"].to_list() == ["outdoors", "other", "friend"]
    assert tables["episodes"].sort("started_at")["police_called"].to_list() == [True, True, False]
    assert found(report, "found_place: another code").rows == 0


def test_free_text_in_a_column_of_codes_does_not_leave(imported: Import, tmp_path: Path) -> None:
    """What is long, or one of very many, is something that somebody wrote: it is left blank, and the report gives rows and not words."""
    long = "He was with his uncle in the garage behind the old station"
    report, tables = imported([{"Found": long}, {}])
    assert tables["episodes"].sort("started_at")["found_place"].to_list() == [None, "friend"]
    assert found(report, "found_place: no code").examples == ("row 2",)
    report, tables = imported([{"Found": f"with {n}", "Date missing": "03/05/2024"} for n in range(31)] + [{"Date missing": "03/05/2024"}])
    assert tables["episodes"]["found_place"].drop_nulls().to_list() == ["friend"]
    assert found(report, "found_place: no code").rows == 31
    for path in (tmp_path / "export").iterdir():
        assert b"with 7" not in path.read_bytes()


def test_reasons_are_a_list_of_codes(imported: Import) -> None:
    """Several reasons in one cell, with semicolons, bars or commas between, are a list; the mapping may name the settings' codes."""
    mapping = (
        f'{COLUMNS}[interview]\noffered = "Police informed"\nreasons = "Found"\n[codes.reasons]\n"Row with staff" = "argument_with_staff"'
    )
    _, tables = imported([{"Found": "Boredom; Row with staff"}, {"Found": "family|friends"}, {"Found": ""}], mapping)
    told = tables["episodes"].sort("started_at").join(tables["return_interviews"], on="episode_id", maintain_order="left")
    assert told["reasons"].to_list() == [["boredom", "argument_with_staff"], ["family", "friends"], None]


@pytest.mark.parametrize(
    ("said", "group"),
    [("White - British", "White"), ("MWAS", "Mixed"), ("Asian or Asian British", "Asian"), ("Chinese", "Asian"), ("Refused", None)],
)
def test_ethnicity_is_one_of_five_groups(imported: Import, said: str, group: str | None) -> None:
    """By the return's codes or by the first word; what is neither is left blank, and no other text leaves."""
    _, tables = imported([{"Risk": said}], f'{COLUMNS}[children]\nethnicity = "Risk"')
    assert tables["children"]["ethnicity"].to_list() == [group]


# Dates


def test_dates_are_read_by_the_mapping_s_formats(imported: Import) -> None:
    """strftime's codes, one or several, read what is neither ISO 8601 nor day/month/year."""
    mapping = '[dates]\nformat = ["%d-%b-%Y %H:%M", "%Y%m%d"]\n' + COLUMNS.replace('["Date missing", "Time missing"]', '"Date missing"')
    _, tables = imported([{"Date missing": "03-May-2024 22:15", "Returned": "20240504"}], mapping)
    assert tables["episodes"].select("started_at", "ended_at").rows() == [(datetime(2024, 5, 3, 21, 15, tzinfo=UTC), date(2024, 5, 4))]


def test_a_column_that_needs_times_and_has_dates_is_left_out(imported: Import) -> None:
    """The contract wants a time for when the police were called: dates alone would be taken for midnights."""
    report, tables = imported([{"Notes": "03/05/2024"}], f'{COLUMNS}police_called_at = "Notes"')
    assert "police_called_at" not in tables["episodes"].columns
    assert any("police_called_at needs them" in sentence for sentence in report.assumptions)
    _, tables = imported([{"Notes": "03/05/2024 23:00"}], f'{COLUMNS}police_called_at = "Notes"')
    assert tables["episodes"]["police_called_at"].to_list() == [datetime(2024, 5, 3, 22, 0, tzinfo=UTC)]


def test_the_mapping_may_say_what_is_covered(imported: Import) -> None:
    """Then the export covers those days, and nothing is assumed of them."""
    report, _ = imported([{}], f"covers = {{from = 2024-04-01, to = 2025-03-31}}\n{WHOLE}")
    assert report.covers == (date(2024, 4, 1), date(2025, 3, 31))
    assert not any("days are covered" in sentence for sentence in report.assumptions)


def test_rows_that_cannot_be_episodes_are_left_out_and_named(imported: Import) -> None:
    """Without child, category or start a row is left out, a second row of one id too; the rules call columns by their headers."""
    rows: Rows = [{}, {}, {}, {}, {"Person ID": ""}, {"Type": "Holiday"}, {"Date missing": "31/02/2024"}, {"Episode ref": "E1"}]
    report, tables = imported(rows)
    assert tables["episodes"].height == 4
    for rule, row in {"no child": "row 6", "type not known": "row 7", "no start": "row 8", "“Episode ref” twice": "row 9"}.items():
        assert found(report, rule).examples == (row,)


# Files


def test_every_kind_of_file_gives_the_same_export(tmp_path: Path) -> None:
    """CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or Windows-1252, an Excel workbook with typed cells, and Parquet."""
    rows = table([{"Placement": "Zoë House"}, {"Person ID": "1002", "Returned": ""}])
    text = as_csv(rows)
    typed = pl.DataFrame(rows).with_columns(
        pl.col("Person ID").cast(pl.Int64),
        pl.col("DOB", "Date missing").str.to_date("%d/%m/%Y"),
        pl.col("Time missing").str.to_time("%H:%M"),
        pl.col("Returned").str.to_datetime("%d/%m/%Y %H:%M", strict=False),
    )
    (tmp_path / "a.csv").write_text(text, encoding="utf-8-sig")
    (tmp_path / "b.CSV").write_text(as_csv(rows, ";"), encoding="cp1252")
    (tmp_path / "c.txt").write_text(as_csv(rows, "\t"), encoding="utf-16")
    typed.write_parquet(tmp_path / "d.parquet")
    typed.write_excel(tmp_path / "e.xlsx", "Episodes")
    (tmp_path / "mapping.toml").write_text(WHOLE, encoding="utf-8")
    exports = []
    for name in ("a.csv", "b.CSV", "c.txt", "d.parquet", "e.xlsx"):
        _, tables = import_written(tmp_path, name)
        exports.append({table: frame.rows() for table, frame in tables.items()})
    assert "Zoë House" in str(exports[0])
    assert all(export == exports[0] for export in exports[1:])


def test_of_a_workbook_the_sheet_with_the_most_rows_is_read(tmp_path: Path) -> None:
    """A cover before it is passed over."""
    with Workbook(tmp_path / "local.xlsx") as workbook:
        pl.DataFrame({"Report": ["of episodes"]}).write_excel(workbook, "Cover")
        pl.DataFrame(table([{}, {}])).write_excel(workbook, "Episodes")
    (tmp_path / "mapping.toml").write_text(WHOLE, encoding="utf-8")
    assert import_written(tmp_path, "local.xlsx")[1]["episodes"].height == 2


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("t.pdf", b"", r"t\.pdf is not a file that can be imported\. Save it as CSV, Excel"),
        ("t.csv", b"", r"t\.csv cannot be read as CSV: it is empty"),
        ("t.csv", b"a,b\n1,2,3\n", r"t\.csv cannot be read as CSV"),
        ("t.csv", b"\x81\n", r"neither UTF-8 nor Windows-1252"),
        ("t.xlsx", b"no workbook", r"t\.xlsx cannot be read as an Excel workbook"),
        ("t.parquet", b"PAR1", r"t\.parquet cannot be read as Parquet"),
        ("t.csv", b"Person ID,Type\n1,M\n", r"has no column “Date missing”"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    """Damaged, empty or of another kind, a file is refused with what to do, and none of its cells is repeated."""
    (tmp_path / name).write_bytes(content)
    (tmp_path / "mapping.toml").write_text('category = "missing"\n[columns]\nchild_id = "Person ID"\nstarted_at = "Date missing"')
    with pytest.raises(Refusal, match=words):
        import_written(tmp_path, name)
    assert not (tmp_path / "export").exists()


# Mappings


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("[columns", r"mapping\.toml cannot be used: Expected"),
        ("", r"columns: Field required"),
        ('[columns]\nchild_id = "a"', r"started_at must be there"),
        (COLUMNS.replace("started_at", "starts_at"), r"\[columns\] starts_at is not one of its columns; perhaps started_at\?"),
        (COLUMNS.replace("category", "risk"), r"either \[columns\] has category"),
        (f'category = "missing"\n{COLUMNS}', r"either \[columns\] has category"),
        (f'{COLUMNS}risk = ["a", "b"]', r"risk is no time, and so has one column and not two"),
        (f'{COLUMNS}[interview]\nheld_at = "a"', r"\[interview\] answer or offered must be there"),
        (f'{COLUMNS}[units]\nname = "a"', r"\[units\] needs unit_id"),
        (f'{COLUMNS}[children]\nlooked_after_from = "a"', r"\[children\] looked_after_from is not one of its columns"),
        (f'{COLUMNS}[codes.risk]\na = "low"', r"\[codes\.risk\] risk is not mapped"),
        (f'{COLUMNS}risk = "a"\n[codes.risk]\na = "lowish"', r"\[codes\.risk\] “a” can be very_low, low, medium, high, and not 'lowish'"),
        (f'{COLUMNS}harm_disclosed = "a"\n[codes.harm_disclosed]\na = "yes"', r"“a” can be true or false, and not 'yes'"),
        (f'{COLUMNS}[interview]\nanswer = "a"\n[codes.answer]\nb = "yes"', r"\[codes\.answer\] “b” needs \{offered = "),
        (f'ids = "none"\n{COLUMNS}', r"ids: Input should be 'keyed' or 'pseudonyms'"),
        (f"covers = {{from = 2024-05-01, to = 2024-04-01}}\n{COLUMNS}", r"covers: the last day comes before the first"),
        (f"colums = 1\n{COLUMNS}", r"colums: Extra inputs are not permitted"),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_in_words(imported: Import, mapping: str, words: str) -> None:
    """Each mistake is named by where it stands, with what is allowed there."""
    with pytest.raises(Refusal, match=words):
        imported([{}], mapping)


# Suggested mappings

SENSIBLE = {
    "Missing Episode ID": "77",
    "Child ID": "1001",
    "Missing or Absent": "Missing",
    "Start Date Time": "2024-05-03 22:15",
    "End Date Time": "2024-05-04 09:40",
    "Placement Name": "The Beeches",
    "Placement Type": "Residential",
    "Risk Level": "High",
    "Reported to Police": "N",
    "Found By": "Police",
    "RHI Offered": "Yes",
    "RHI Accepted": "Yes",
    "RHI Date": "2024-05-05 10:00",
    "Gender": "F",
    "Date of Birth": "2009-02-17",
    "Forename": "Zoë",
    "Colour of coat": "blue",
}


def test_a_table_with_sensible_headers_is_imported_by_what_is_suggested(tmp_path: Path) -> None:
    """Given headers and values that councils use, the suggested mapping imports without a change, and what is left out is said."""
    (tmp_path / "local.csv").write_text(
        as_csv([SENSIBLE, SENSIBLE | {"Missing Episode ID": "78", "Child ID": "1002", "End Date Time": ""}])
    )
    suggested = suggest_mapping(tmp_path / "local.csv")
    (tmp_path / "mapping.toml").write_text(suggested.text, encoding="utf-8")
    report, tables = import_written(tmp_path, "local.csv")
    assert not [rule for rule in report.rules if rule.rows]
    assert set(tables) == {"episodes", "return_interviews", "units", "children"}
    episode = tables["episodes"].filter(pl.col("ended_at").is_not_null()).row(0, named=True)
    assert episode | {"episode_id": "", "child_id": ""} == {
        "episode_id": "",
        "child_id": "",
        "category": "missing",
        "started_at": datetime(2024, 5, 3, 21, 15, tzinfo=UTC),
        "ended_at": datetime(2024, 5, 4, 8, 40, tzinfo=UTC),
        "unit_id": "The Beeches",
        "risk": "high",
        "police_called": False,
        "found_by": "police",
    }
    assert tables["return_interviews"].select("offered", "outcome", "held_at").row(0) == (
        "yes",
        None,
        datetime(2024, 5, 5, 9, 0, tzinfo=UTC),
    )
    assert set(suggested.not_understood) == {
        "“Forename” may identify a child: it is not read.",
        "“Colour of coat” was not understood: it is not read.",
    }


def test_the_table_of_these_tests_is_understood_by_its_values(tmp_path: Path) -> None:
    """One header for the answers to interviews, a date and a time apart, and the formats of dates are found from what stands under them."""
    rows = [row | {"Returned": "04-May-2024 09:40", "Found": "Park"} for row in table([{}, {"Person ID": "1002"}])]
    (tmp_path / "local.csv").write_text(as_csv(rows))
    text = suggest_mapping(tmp_path / "local.csv").text
    for line in (
        'started_at = ["Date missing", "Time missing"]',
        'answer = "RHI"',
        'birth_month = "DOB"',
        '"Offered and Accepted" = {offered = "yes"}',
        'format = ["%d/%m/%Y", "%d-%b-%Y %H:%M"]',
    ):
        assert line in text.splitlines()
    (tmp_path / "mapping.toml").write_text(text)
    _, tables = import_written(tmp_path, "local.csv")
    assert tables["episodes"]["ended_at"].to_list() == [datetime(2024, 5, 4, 8, 40, tzinfo=UTC)] * 2


def test_what_is_not_sure_is_a_comment(tmp_path: Path) -> None:
    """A header whose values do not fit, or that says more, is suggested behind a #, with why; so is a value without a code."""
    row = {
        "Child ID": "1",
        "Type": "Missing",
        "Start": "2024-05-03",
        "Risk": "see notes",
        "Placement end date": "2024-06-01",
        "Found by": "Dog",
    }
    rows = [row, row | {"Found by": "Police"}, row | {"Found by": "Staff"}]
    (tmp_path / "local.csv").write_text(as_csv(rows))
    suggested = suggest_mapping(tmp_path / "local.csv")
    assert '# risk = "Risk"  # too few of its values are known' in suggested.text.splitlines()
    assert '# ended_at = "Placement end date"  # its header says something more' in suggested.text.splitlines()
    assert any(line.startswith('# "Dog" = ?  # one of own_accord') for line in suggested.text.splitlines())
    assert any(sentence.startswith("“Risk” may be risk") for sentence in suggested.not_understood)
    (tmp_path / "mapping.toml").write_text(suggested.text)
    _, tables = import_written(tmp_path, "local.csv")
    assert tables["episodes"].columns == ["episode_id", "child_id", "category", "started_at", "found_by"]


def test_a_table_that_is_not_of_episodes_is_said_to_be_none(tmp_path: Path) -> None:
    """What the import cannot do without is named where no header is found for it."""
    (tmp_path / "local.csv").write_text("Colour,Size\nred,4\n")
    said = suggest_mapping(tmp_path / "local.csv").not_understood
    assert said[0].startswith("No column for child_id was found")
    assert said[1].startswith("No column for started_at was found")


def test_every_column_that_can_be_suggested_is_one_of_a_mapping(tmp_path: Path) -> None:
    """A table headed with the contract's own names is suggested back, each column by its name."""
    names = [c.name for c in contract.CONTRACT["episodes"].columns if c.kind is not contract.Kind.NUMBER]
    row = {name: "2024-05-03 22:15" if name.endswith("_at") else "yes" for name in names}
    row |= {"category": "away", "risk": "low", "found_place": "unit", "found_by": "staff"}
    (tmp_path / "local.csv").write_text(as_csv([row]))
    lines = suggest_mapping(tmp_path / "local.csv").text.splitlines()
    assert all(f'{name} = "{name}"' in lines for name in names)


# The command line


def test_suggest_and_import_by_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--suggest` writes a mapping that is not there yet and says what it did not understand; the import says rows, rules and findings."""
    monkeypatch.setattr("dashboard.exports.imports.mapped.default_key_file", lambda: tmp_path / "key" / "pseudonym.key")
    (tmp_path / "local.csv").write_text(as_csv([SENSIBLE | {"Found By": "Dog"}, SENSIBLE | {"Missing Episode ID": "78"}]))
    file, mapping, out = str(tmp_path / "local.csv"), str(tmp_path / "mapping.toml"), str(tmp_path / "export")
    run = CliRunner().invoke
    shown = run(main, ["import", "table", file, "--suggest"])
    written = run(main, ["import", "table", file, "--suggest", "--map", mapping])
    assert shown.exit_code == written.exit_code == 0
    assert shown.stdout == Path(mapping).read_text(encoding="utf-8")
    assert "“Colour of coat” was not understood" in written.stderr
    again = run(main, ["import", "table", file, "--suggest", "--map", mapping])
    assert (again.exit_code, "is there already" in again.output) == (1, True)
    nowhere = run(main, ["import", "table", file])
    assert (nowhere.exit_code, "An import needs OUT and --map" in nowhere.output) == (1, True)
    done = run(main, ["import", "table", file, out, "--map", mapping])
    assert done.exit_code == 0
    assert "episodes: 2 rows" in done.stdout
    assert "local.csv, found_by: another code: 1 row, e.g. row 2." in done.stdout
    assert "Reading local.csv …" in done.stderr
    assert "The export is good" in done.stdout
