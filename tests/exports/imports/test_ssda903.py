"""The SSDA903 importer, through its door: small returns in, an export out."""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.imports.report import ImportReport
from dashboard.exports.imports.ssda903 import import_ssda903
from tests.exports.imports.made import MISSING, Rows, Tables, assumed, broken, import_return, write_return

Import = Callable[..., tuple[ImportReport, Tables]]


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Writes a return of the rows given for each file and imports it: the report and the tables of the export."""

    def run(episodes: Rows = ({},), missing: Rows = ({},), **others: Rows) -> tuple[ImportReport, Tables]:
        write_return(tmp_path / "return", episodes=episodes, missing=missing, **others)
        return import_return(tmp_path)

    return run


def stays(tables: Tables) -> list[tuple[str, date, date | None]]:
    """(unit_id, started_on, ended_on) of every stay, by start."""
    return tables["placements"].sort("started_on", "unit_id").select("unit_id", "started_on", "ended_on").rows()


# What comes out


def test_the_export_keeps_to_the_contract(imported: Import) -> None:
    """Every table and column of the export is one of the contract, of its type, with the required columns there and filled."""
    _, tables = imported(header=[{}], uasc=[{}])
    kinds = {contract.Kind.TEXT: pl.String, contract.Kind.BOOLEAN: pl.Boolean, contract.Kind.DATE: pl.Date}
    kinds[contract.Kind.INSTANT_OR_DATE] = pl.Date
    assert set(tables) == {"episodes", "placements", "units", "children"}
    for name, frame in tables.items():
        table = contract.CONTRACT[name]
        assert dict(frame.schema) == {column: kinds[table.column(column).kind] for column in frame.columns}
        required = [column.name for column in table.columns if column.required]
        assert frame.select(required).null_count().sum_horizontal().item() == 0
        for column in table.columns:
            if column.codes and column.name in frame.columns:
                assert set(frame[column.name].drop_nulls()) <= set(column.codes)


def test_the_manifest_covers_the_year_of_the_return(imported: Import, tmp_path: Path) -> None:
    """Given a latest start on 31 March, the export covers the financial year to that day; it was exported when the files were saved."""
    write_return(tmp_path / "return", header=[])
    saved_at = datetime(2024, 6, 3, 9, 30, tzinfo=UTC)
    report, _ = imported(episodes=[{"DECOM": "31/03/2024"}, {"CHILD": "1002", "DECOM": "01/04/2019"}])
    for path in (tmp_path / "return").iterdir():
        os.utime(path, (saved_at.timestamp(), saved_at.timestamp()))
    import_return(tmp_path)
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text())
    assert report.covers == (date(2023, 4, 1), date(2024, 3, 31))
    assert manifest["covers"] == {"from": "2023-04-01", "to": "2024-03-31"}
    assert (manifest["source"], manifest["synthetic"]) == ("SSDA903", False)
    assert datetime.fromisoformat(manifest["exported_at"]) == saved_at


def test_nothing_that_identifies_a_child_leaves(imported: Import, tmp_path: Path) -> None:
    """No id, birth date, UPN or postcode of the return is in any file of the export; of the birth date the month is left."""
    child = "IDENTIFYING-1001"
    _, tables = imported(
        episodes=[{"CHILD": child, "PLACE": "P1", "PLACE_PROVIDER": "PR0", "URN": ""}],
        missing=[{"CHILD": child}],
        header=[{"CHILD": child}],
        uasc=[{"CHILD": child}],
    )
    cells = {str(cell) for frame in tables.values() for row in frame.rows() for cell in row}
    assert "2008-09-01" in cells
    for told in (child, "2008-09-17", "A123456789012", "ST1 1AA", "ST2 2BB"):
        assert not any(told in cell for cell in cells)
        assert not any(told.encode() in path.read_bytes() for path in (tmp_path / "export").iterdir())


def test_the_summary_counts_rows_in_and_out(imported: Import) -> None:
    """Rows read are counted by file and rows written by table."""
    report, _ = imported(episodes=[{}, {"CHILD": "1002"}], missing=[{}, {"MIS_START": "01/07/2023", "MIS_END": ""}], header=[{}])
    assert report.rows_in == {"episodes.csv": 2, "header.csv": 1, "missing.csv": 2}
    assert report.rows_out == {"episodes": 2, "placements": 2, "units": 1, "children": 2}


# Pseudonyms


def test_the_same_key_gives_a_child_the_same_id_next_year(tmp_path: Path) -> None:
    """Given two years' returns and one key, a child and an episode open between them keep their ids; under another key not."""
    write_return(tmp_path / "return", episodes=[{}], missing=[{"MIS_START": "30/03/2024", "MIS_END": ""}])
    _, first = import_return(tmp_path)
    write_return(
        tmp_path / "return",
        episodes=[{}, {"CHILD": "7", "DECOM": "01/05/2024"}],
        missing=[{"MIS_START": "30/03/2024", "MIS_END": "02/04/2024"}],
    )
    _, second = import_return(tmp_path)
    (tmp_path / "key" / "pseudonym.key").unlink()
    _, third = import_return(tmp_path)
    ids = [tables["episodes"].select("episode_id", "child_id").row(0) for tables in (first, second, third)]
    assert ids[0] == ids[1]
    assert not set(ids[1]) & set(ids[2])
    assert set(second["placements"]["child_id"]) == set(second["children"]["child_id"]) >= {ids[1][1]}


def test_the_key_is_for_its_owner_alone_and_never_in_the_export(imported: Import, tmp_path: Path) -> None:
    """The key is 32 bytes that only its owner can read, said to be new once; an export may not hold it or the return."""
    report, _ = imported()
    key_file = tmp_path / "key" / "pseudonym.key"
    assert len(key_file.read_bytes()) == 32
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert "Keep a copy" in assumed(report, "new pseudonym key")
    assert not any("pseudonym key" in sentence for sentence in imported()[0].assumptions)
    for out in (tmp_path / "return", tmp_path, tmp_path / "key"):
        with pytest.raises(Refusal, match="holds what is to be imported or the pseudonym key"):
            import_ssda903(tmp_path / "return", out, key_file)


def test_the_key_is_kept_apart_from_the_export_unless_another_place_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no key file is named, it lies in the settings folder of the person who imports."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "settings"))
    write_return(tmp_path / "return", episodes=[{}], missing=[{}])
    import_ssda903(tmp_path / "return", tmp_path / "export")
    assert (tmp_path / "settings" / "oversight" / "pseudonym.key").is_file()


def test_a_broken_key_is_refused(imported: Import, tmp_path: Path) -> None:
    """A key of another length is refused, not replaced: a new one would give every child another id without a word."""
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "pseudonym.key").write_bytes(b"short")
    with pytest.raises(Refusal, match="does not hold 32 bytes"):
        imported()
    assert not (tmp_path / "export").exists()


# Missing episodes


def test_missing_rows_become_episodes_with_dates_alone(imported: Import) -> None:
    """M is missing and A is away; dates stay dates, as dd/mm/yyyy, dd/mm/yy or yyyy-mm-dd, and a blank end is open."""
    rows = [{"MIS_START": "03/06/2023", "MIS_END": "2023-06-04"}, {"MISSING": "a", "MIS_START": "5/7/23", "MIS_END": " "}]
    _, tables = imported(missing=rows)
    assert tables["episodes"].drop("episode_id", "child_id").rows() == [
        ("missing", date(2023, 6, 3), date(2023, 6, 4)),
        ("away", date(2023, 7, 5), None),
    ]


def test_equal_rows_of_missing_are_two_episodes(imported: Import) -> None:
    """Two equal rows are kept, with ids of their own, and noted."""
    report, tables = imported(missing=[{}, {}])
    assert tables["episodes"]["episode_id"].n_unique() == 2
    assert (broken(report, "listed twice").rows, broken(report, "listed twice").examples) == (1, ("row 3",))


def test_a_child_listed_without_an_episode_has_none(imported: Import) -> None:
    """A row of missing.csv with neither code nor dates is no episode; a row without any cell is no row."""
    blank = dict.fromkeys(MISSING, "")
    report, tables = imported(missing=[{}, {"CHILD": "1002", "MISSING": "", "MIS_START": "", "MIS_END": ""}, blank])
    assert tables["episodes"].height == 1
    assert report.rows_in["missing.csv"] == 2
    assert ": 1." in assumed(report, "without an episode")


def test_odd_episodes_are_kept_as_recorded(imported: Import) -> None:
    """An end before the start, an overlap and an episode of a child without a placement are for the check to warn of, not to mend."""
    rows = [
        {"MIS_START": "10/06/2023", "MIS_END": "01/06/2023"},
        {"MIS_START": "01/07/2023", "MIS_END": "09/07/2023"},
        {"MISSING": "A", "MIS_START": "05/07/2023", "MIS_END": "06/07/2023"},
        {"CHILD": "nowhere", "MIS_START": "01/08/2023", "MIS_END": "02/08/2023"},
    ]
    report, tables = imported(missing=rows)
    assert tables["episodes"]["started_at"].to_list() == [date(2023, 6, 10), date(2023, 7, 1), date(2023, 7, 5), date(2023, 8, 1)]
    assert tables["children"].filter(pl.col("looked_after_from").is_null()).height == 1
    assert ": 1." in assumed(report, "no row in episodes")


def test_a_return_without_an_episode_is_an_export_without_one(imported: Import) -> None:
    """A year in which no child went missing gives no episode, and the year is known from the placements."""
    report, tables = imported(missing=[])
    assert tables["episodes"].is_empty()
    assert report.covers == (date(2023, 4, 1), date(2024, 3, 31))


# Placements


def test_a_change_of_legal_status_is_not_a_move(imported: Import) -> None:
    """Rows that follow one another with the same PLACE, URN and PL_POST are one stay; another postcode is a move."""
    _, tables = imported(
        [
            {"DECOM": "01/05/2023", "LS": "C1", "DEC": "01/07/2023", "REC": "X1"},
            {"DECOM": "01/07/2023", "RNE": "L", "DEC": "01/09/2023", "REC": "X1", "PL_POST": "st22bb"},
            {"DECOM": "01/09/2023", "RNE": "P", "PL_POST": "ST3 3CC"},
        ]
    )
    assert stays(tables) == [
        ("URN-SC100001", date(2023, 5, 1), date(2023, 9, 1)),
        ("URN-SC100001", date(2023, 9, 1), None),
    ]


def test_a_temporary_break_belongs_to_the_place_that_was_kept(imported: Import) -> None:
    """Given temporary placements between two rows of one place, the child came back: one stay, no move."""
    report, tables = imported(
        [
            {"DECOM": "01/05/2023", "DEC": "01/07/2023", "REC": "X1"},
            {"DECOM": "01/07/2023", "PLACE": "T1", "PLACE_PROVIDER": "", "URN": "", "PL_POST": "", "DEC": "04/07/2023", "REC": "X1"},
            {"DECOM": "04/07/2023", "PLACE": "T4", "PLACE_PROVIDER": "", "URN": "", "PL_POST": "", "DEC": "08/07/2023", "REC": "X1"},
            {"DECOM": "08/07/2023"},
        ]
    )
    assert stays(tables) == [("URN-SC100001", date(2023, 5, 1), None)]
    assert ": 2." in assumed(report, "Temporary placements")
    assert tables["units"]["unit_id"].to_list() == ["URN-SC100001"]


def test_a_temporary_placement_without_a_return_is_a_stay_of_its_own(imported: Import) -> None:
    """A temporary placement from which the child went elsewhere, or has not come back, is a stay in a unit of kind other."""
    _, tables = imported(
        [
            {"DECOM": "01/05/2023", "DEC": "01/07/2023", "REC": "X1"},
            {"DECOM": "01/07/2023", "PLACE": "T1", "PLACE_PROVIDER": "", "URN": "", "DEC": "08/07/2023", "REC": "X1"},
            {"DECOM": "08/07/2023", "URN": "SC100002", "DEC": "09/09/2023", "REC": "X1"},
            {"DECOM": "09/09/2023", "PLACE": "T0", "PLACE_PROVIDER": "", "URN": ""},
        ]
    )
    assert [unit for unit, _, _ in stays(tables)] == ["URN-SC100001", "other-unknown", "URN-SC100002", "other-unknown"]
    assert tables["units"].filter(unit_id="other-unknown").row(0) == (
        "other-unknown",
        "Other placements, provider not given",
        "other",
        None,
    )


def test_a_return_to_the_same_place_after_leaving_care_is_a_new_stay(imported: Import) -> None:
    """Days between two rows end a stay, though the place is the same; the span of care runs over them, and that is noted."""
    report, tables = imported([{"DEC": "01/07/2023", "REC": "E4A"}, {"DECOM": "01/09/2023", "DEC": "01/12/2023", "REC": "E11"}])
    assert [(start, end) for _, start, end in stays(tables)] == [
        (date(2023, 5, 1), date(2023, 7, 1)),
        (date(2023, 9, 1), date(2023, 12, 1)),
    ]
    assert tables["children"].select("looked_after_from", "looked_after_to").row(0) == (date(2023, 5, 1), date(2023, 12, 1))
    assert ": 1." in assumed(report, "left care and came back")


def test_overlapping_placements_are_kept_and_counted(imported: Import) -> None:
    """A row that starts before an earlier one has ended is kept as recorded; a row entered twice is read once."""
    rows = [{"DEC": "01/08/2023", "REC": "X1"}, {"DECOM": "01/07/2023", "URN": "SC100002"}, {"DECOM": "01/07/2023", "URN": "SC100002"}]
    report, tables = imported(rows)
    assert stays(tables) == [("URN-SC100001", date(2023, 5, 1), date(2023, 8, 1)), ("URN-SC100002", date(2023, 7, 1), None)]
    assert broken(report, "overlap", "episodes.csv").examples == ("row 3",)
    assert broken(report, "listed twice", "episodes.csv").examples == ("row 4",)


PLACES = st.sampled_from([("K2", "SC100001"), ("K2", "SC100002"), ("U4", "SC100003"), ("T1", ""), ("T4", "")])
HISTORY = st.lists(st.tuples(PLACES, st.integers(1, 40), st.sampled_from([0, 0, 0, 3])), min_size=1, max_size=9)


@settings(max_examples=40, deadline=None)
@given(st.lists(HISTORY, min_size=1, max_size=3))
def test_stays_are_those_of_a_slow_reading(histories: list[list[tuple[tuple[str, str], int, int]]]) -> None:
    """For any histories of placements (place, nights, days out of care before), the stays are those of a row-by-row reading."""
    units = {("K2", "SC100001"): "URN-SC100001", ("K2", "SC100002"): "URN-SC100002", ("U4", "SC100003"): "URN-SC100003"}
    rows, expected = [], []
    for child, history in enumerate(histories):
        day, spans = date(2023, 4, 2), []
        for place, nights, gap in history:
            start = day + timedelta(gap)
            day = start + timedelta(nights)
            spans.append((place, start, day))
        rows += [
            {"CHILD": str(child), "PLACE": place, "URN": urn, "PL_POST": urn, "DECOM": f"{start:%d/%m/%Y}", "DEC": f"{end:%d/%m/%Y}"}
            for (place, urn), start, end in spans
        ]
        expected.append([(units.get(place, "other-PR4"), start, end) for place, start, end in slow_stays(spans)])
    with TemporaryDirectory() as name:
        write_return(Path(name) / "return", episodes=rows, missing=[])
        _, tables = import_return(Path(name))
    by_child = tables["placements"].sort("started_on").partition_by("child_id", include_key=False)
    assert sorted(child.rows() for child in by_child) == sorted(expected)


Span = tuple[tuple[str, str], date, date]


def slow_stays(spans: list[Span]) -> list[Span]:
    """Join a break to the place on both of its sides, then neighbours in one place; never across days out of care."""

    def neighbour(at: int, step: int) -> tuple[str, str] | None:
        """The first place that is no break, going one way from a span."""
        while 0 <= at + step < len(spans):
            earlier, later = sorted((at, at + step))
            if spans[earlier][2] != spans[later][1]:
                return None
            at += step
            if not spans[at][0][0].startswith("T"):
                return spans[at][0]
        return None

    joined: list[Span] = []
    for at, (place, start, end) in enumerate(spans):
        before = neighbour(at, -1)
        if place[0].startswith("T") and before and before == neighbour(at, 1):
            place = before
        if joined and joined[-1][0] == place and joined[-1][2] == start:
            start = joined.pop()[1]
        joined.append((place, start, end))
    return joined


# Units


@pytest.mark.parametrize(
    ("place", "provider", "urn", "unit"),
    [
        ("K2", "PR4", "1234567", ("URN-1234567", "Children's home URN 1234567", "childrens_home", "private")),
        ("K1", "PR2", "SC030001", ("URN-SC030001", "Secure children's home URN SC030001", "secure_home", None)),
        ("K3", "PR5", "2700001", ("URN-2700001", "Supported accommodation URN 2700001", "supported", "voluntary")),
        ("R3", "PR4", "1200001", ("URN-1200001", "Residential setting URN 1200001", "residential_school", "private")),
        ("U4", "PR4", "SC040001", ("URN-SC040001", "Fostering agency URN SC040001", "foster", "private")),
        ("U6", "PR1", "XXXXXXX", ("foster-PR1", "Foster carers, own provision", "foster", "own")),
        ("H5", "PR4", "1234567", ("supported-PR4", "Supported accommodation, private provision", "supported", "private")),
        ("P2", "PR4", "", ("supported-PR4", "Supported accommodation, private provision", "supported", "private")),
        ("P1", "PR0", "", ("parents-PR0", "Placed with parents, parental provision", "parents", None)),
        ("R5", "PR3", "", ("residential_school-PR3", "Residential settings, other public provision", "residential_school", None)),
        ("Z11", "", "", ("other-unknown", "Other placements, provider not given", "other", None)),
        ("", "PR1", "", ("other-PR1", "Other placements, own provision", "other", "own")),
    ],
)
def test_a_urn_names_a_home_or_an_agency_and_nothing_else(
    imported: Import, place: str, provider: str, urn: str, unit: tuple[str, str, str, str | None]
) -> None:
    """A URN names a unit for K1, K2, K3, R3, S1 and foster care; all else is counted by kind and provider. Both years' codes are read."""
    _, tables = imported([{"PLACE": place, "PLACE_PROVIDER": provider, "URN": urn}])
    assert tables["units"].rows() == [unit]
    assert set(tables["units"].columns) == {"unit_id", "name", "kind", "sector"}


def test_a_unit_is_what_most_of_its_rows_say(imported: Import) -> None:
    """Where rows of one URN disagree, the most frequent kind and provider count, and the note says how often that was."""
    rows = [{"CHILD": str(n), "PLACE": place, "PLACE_PROVIDER": "PR1"} for n, place in enumerate(["K2", "U4", "K2"])]
    report, tables = imported(rows)
    assert tables["units"].rows() == [("URN-SC100001", "Children's home URN SC100001", "childrens_home", "own")]
    assert ": 1." in assumed(report, "disagree")


def test_an_unknown_placement_code_is_other_and_said(imported: Import) -> None:
    """A code that no year's list has is kept as kind other, and counted."""
    report, tables = imported([{"PLACE": "Y9"}])
    assert tables["units"]["kind"].to_list() == ["other"]
    assert broken(report, "146", "episodes.csv").rows == 1


# Children


def test_children_are_described_by_the_header(imported: Import) -> None:
    """Sex in figures or letters, ethnicity in the five groups of the Office for National Statistics, refused and unknown left blank."""
    codes = [("1", "WROM"), ("2", "MWAS"), ("M", "CHNE"), ("F", "BOTH"), ("U", "OOTH"), ("9", "REFU"), ("1", "ZZZZ")]
    children = [str(2000 + n) for n in range(len(codes))]
    report, tables = imported(
        [{"CHILD": child, "DECOM": f"{day:02}/05/2023"} for day, child in enumerate(children, 1)],
        missing=[],
        header=[{"CHILD": child, "SEX": sex, "ETHNIC": ethnic} for child, (sex, ethnic) in zip(children, codes, strict=True)],
        uasc=[{"CHILD": "2001"}],
    )
    assert tables["children"].sort("looked_after_from").select("sex", "ethnicity", "uasc").rows() == [
        ("male", "White", False),
        ("female", "Mixed", True),
        ("male", "Asian", False),
        ("female", "Black", False),
        (None, "Other", False),
        (None, None, False),
        ("male", None, False),
    ]
    assert broken(report, "101", "header.csv").examples == ("row 7",)
    assert broken(report, "103", "header.csv").examples == ("row 8",)


def test_without_header_and_uasc_their_columns_are_not_there(imported: Import) -> None:
    """A column that no file can fill is left out; a missing child's birth month is in missing.csv too."""
    _, tables = imported([{}, {"CHILD": "1002"}])
    assert tables["children"].columns == ["child_id", "birth_month", "looked_after_from", "looked_after_to"]
    assert sorted(tables["children"]["birth_month"].to_list(), key=str) == [date(2008, 9, 1), None]


@pytest.mark.parametrize(
    ("dec", "rec", "looked_after_to"),
    [
        ("", "", None),
        ("01/09/2023", "E11", date(2023, 9, 1)),
        ("01/09/2023", "", date(2023, 9, 1)),
        ("01/09/2023", "X1", None),
        ("", "E11", None),
    ],
)
def test_care_ends_with_the_last_row(imported: Import, dec: str, rec: str, looked_after_to: date | None) -> None:
    """A child has left care when the last row has an end and does not say (X1) that another row follows."""
    _, tables = imported([{"DECOM": "01/04/2021", "DEC": "01/05/2023", "REC": "X1"}, {"DEC": dec, "REC": rec}])
    assert tables["children"].select("looked_after_from", "looked_after_to").row(0) == (date(2021, 4, 1), looked_after_to)


def test_young_people_in_the_header_alone_are_left_out(imported: Import) -> None:
    """The header also lists those who are no longer looked after: without a placement or an episode they are not in the export."""
    report, tables = imported(header=[{}, {"CHILD": "care leaver"}])
    assert tables["children"].height == 1
    assert ": 1." in assumed(report, "header alone")


def test_children_in_short_breaks_alone_are_left_out_unless_they_went_missing(imported: Import) -> None:
    """Given children looked after only under V3 or V4, those without an episode are left out, as in DfE's figures, and both are counted."""
    report, tables = imported(
        [
            {"CHILD": "break", "LS": "V4"},
            {"CHILD": "break, then care", "LS": "V3", "DEC": "01/07/2023", "REC": "X1"},
            {"CHILD": "break, then care", "DECOM": "01/07/2023", "LS": "C2"},
            {"CHILD": "missing from a break", "LS": "V3"},
        ],
        missing=[{"CHILD": "missing from a break"}],
    )
    assert tables["children"].height == 2
    assert tables["placements"]["child_id"].n_unique() == 2
    assert set(tables["episodes"]["child_id"]) <= set(tables["placements"]["child_id"])
    assert ": 1." in assumed(report, "left out with their placements")
    assert ": 1." in assumed(report, "since they have an episode")


# Files


def test_names_of_files_and_columns_are_read_in_any_case(tmp_path: Path) -> None:
    """EPISODES.CSV with `decom` is read as episodes.csv with DECOM; outer spaces do not count, and other files are passed over."""
    write_return(tmp_path / "return", episodes=[{}], missing=[{}])
    for name in ("episodes", "missing"):
        path = tmp_path / "return" / f"{name}.csv"
        first, rest = path.read_text().split("\n", 1)
        (tmp_path / "return" / f"{name.upper()}.CSV").write_text(f"{first.lower().replace(',', ', ')}\n{rest}")
        path.unlink()
    (tmp_path / "return" / "reviews.csv").write_text("CHILD,DOB,REVIEW,REVIEW_CODE\n")
    report, _ = import_return(tmp_path)
    assert report.rows_in == {"EPISODES.CSV": 1, "MISSING.CSV": 1}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_files_are_read_in_the_encodings_that_systems_write(tmp_path: Path, encoding: str) -> None:
    """UTF-8 with and without a byte order mark, and Windows-1252, give the same export."""
    write_return(tmp_path / "return", episodes=[{"CHILD": "Zoë"}], missing=[{"CHILD": "Zoë"}])
    for path in (tmp_path / "return").iterdir():
        path.write_bytes(path.read_text(encoding="utf-8").encode(encoding))
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "pseudonym.key").write_bytes(bytes(32))
    _, tables = import_return(tmp_path)
    assert tables["children"]["child_id"].to_list() == [hmac.new(bytes(32), "child:Zoë".encode(), "sha256").hexdigest()[:16]]


ODD = {
    "no child": {"CHILD": " "},
    "564": {"MIS_START": ""},
    "565": {"MISSING": "", "MIS_END": ""},
    "566": {"MISSING": "", "MIS_START": ""},
    "1004": {"MIS_START": "31/02/2023"},
    "1005": {"MIS_END": "soon"},
    "1006": {"MISSING": "X"},
}


@pytest.mark.parametrize("rule", ODD)
def test_one_row_that_cannot_be_read_does_not_cost_the_import(imported: Import, rule: str) -> None:
    """A row that makes no episode is left out, and reported by the return's own rule, its file and its row; all others are read."""
    report, tables = imported(missing=[{}, ODD[rule], {"MIS_START": "03/07/2023", "MIS_END": "04/07/2023"}])
    assert tables["episodes"]["started_at"].to_list() == [date(2023, 6, 3), date(2023, 7, 3)]
    assert {found.rule: found.examples for found in report.rules if found.rows and found.file == "missing.csv"} == {rule: ("row 3",)}
    assert broken(report, rule).then.startswith("It is left out.")


@pytest.mark.parametrize(
    ("row", "rule"), [({"CHILD": ""}, "no child"), ({"DECOM": ""}, "no start"), ({"DECOM": "01/05/0023"}, "141"), ({"DEC": "x"}, "147")]
)
def test_a_placement_that_cannot_be_read_is_left_out(imported: Import, row: dict[str, str], rule: str) -> None:
    """A row of episodes without a child, a start or a readable date is left out and reported."""
    report, tables = imported([{}, {"CHILD": "1002"} | row])
    assert tables["placements"].height == 1
    assert broken(report, rule, "episodes.csv").examples == ("row 3",)


def test_a_birth_date_that_cannot_be_read_is_left_blank(imported: Import) -> None:
    """The child and the episode are kept: the other file may know the birth date."""
    report, tables = imported(missing=[{}, {"DOB": "x"}], header=[{"DOB": "17/13/2008"}, {"CHILD": "1002"}])
    assert tables["episodes"].height == 2
    assert tables["children"]["birth_month"].to_list() == [date(2008, 9, 1)]
    assert (broken(report, "birth date").rows, broken(report, "102", "header.csv").rows) == (1, 1)


@pytest.mark.parametrize(
    ("good", "bad", "is_refused"), [(0, 1, True), (1, 1, False), (1, 2, True), (39, 2, False), (37, 2, True), (57, 3, False)]
)
def test_a_file_that_is_misread_is_refused(imported: Import, tmp_path: Path, good: int, bad: int, is_refused: bool) -> None:
    """Where more than one row in twenty cannot be read (and more than one row), the file is, by its commonest fault and rows."""
    rows = [{"MIS_END": f"x{n}"} for n in range(bad)] + [{"CHILD": str(n)} for n in range(good)]
    if not is_refused:
        assert broken(imported(missing=rows)[0], "1005").rows == bad
        return
    with pytest.raises(Refusal, match=rf"missing\.csv: {bad} of {good + bad} rows cannot be read.*Its end is no date\. \(row 2[,.]"):
        imported(missing=rows)
    assert not (tmp_path / "export").exists()


def test_a_return_without_any_row_is_refused(imported: Import) -> None:
    """Two files with a head line alone have no year."""
    with pytest.raises(Refusal, match="hold no rows"):
        imported(episodes=[], missing=[])


@pytest.mark.parametrize("name", ["episodes", "missing"])
def test_a_required_file_that_is_not_there_is_refused(imported: Import, tmp_path: Path, name: str) -> None:
    """episodes.csv and missing.csv are needed, and each in one spelling only; a folder that is not there is said to be none."""
    imported(header=[{}])
    (tmp_path / "return" / "HEADER.csv").write_text("CHILD,SEX,DOB,ETHNIC\n")
    with pytest.raises(Refusal, match=r"holds both HEADER\.csv and header\.csv"):
        import_return(tmp_path)
    (tmp_path / "return" / f"{name}.csv").unlink()
    (tmp_path / "return" / "HEADER.csv").unlink()
    with pytest.raises(Refusal, match=rf"has no {name}\.csv"):
        import_return(tmp_path)
    with pytest.raises(Refusal, match="is not a folder"):
        import_ssda903(tmp_path / "nowhere", tmp_path / "export", tmp_path / "key" / "pseudonym.key")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"missing\.csv cannot be read as CSV"),
        (b"CHILD,DOB,MISSING,MIS_START\n1,,M,01/05/2023\n", r"missing\.csv has no column MIS_END"),
        (b"CHILD,DOB,MISSING,MIS_START,MIS_END\n1,,M,01/05/2023,,,\n", "a row has more cells than the first"),
        (b"CHILD,DOB,MISSING,MIS_START,MIS_END\n\x81,,M,01/05/2023,\n", "neither UTF-8 nor Windows-1252"),
    ],
)
def test_a_file_that_is_not_one_of_the_return_is_refused(imported: Import, tmp_path: Path, content: bytes, words: str) -> None:
    """A file without a column, with broken rows or in an unknown encoding is refused by its name, and none of its cells is repeated."""
    imported()
    (tmp_path / "return" / "missing.csv").write_bytes(content)
    with pytest.raises(Refusal, match=words):
        import_return(tmp_path)


def test_ends_bear_out_the_year(imported: Import) -> None:
    """Given one start mistyped far ahead, nothing ends in the year that it makes: the latest before it is the year."""
    rows = [{"CHILD": str(n), "DECOM": "01/05/2022", "DEC": f"{n:02}/07/2023", "REC": "E11"} for n in range(1, 7)]
    report, _ = imported([*rows, {"DECOM": "01/05/2023"}, {"CHILD": "8", "DEC": "01/04/2024"}, {"CHILD": "9", "DEC": "02/04/2024"}])
    assert broken(report, "outside the year", "episodes.csv").examples == ("row 10",)
    report, _ = imported([*rows, {"DECOM": "12/03/2032"}])
    assert report.covers == (date(2023, 4, 1), date(2024, 3, 31))
    assert broken(report, "outside the year", "episodes.csv").examples == ("row 8",)


def test_the_years_of_a_file_are_not_guessed_apart(imported: Import) -> None:
    """Given ends over several years, no year is borne out: refused, since a return is of one year."""
    rows = [{"CHILD": str(year), "DECOM": f"01/05/{year}", "DEC": f"01/07/{year}"} for year in (2020, 2021, 2022)]
    with pytest.raises(Refusal, match=r"2022-23, and 2 of 3 ends are not\. .* a folder of their own"):
        imported(rows, missing=[])
