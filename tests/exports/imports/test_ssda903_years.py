"""Several years' returns, joined: what they tell together is what happened."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.errors import Refusal
from tests.exports.imports.made import Rows, Tables, as_xml, assumed, broken, import_return, write_return

FIRST = date(2021, 4, 1)
YEARS = (2021, 2022, 2023)
LAST = date(2024, 3, 31)
# A child in every return, by whose row its year is known.
ANCHOR = {"CHILD": "anchor", "URN": "ANCHOR"}

Stay = tuple[str, date, date | None]  # URN, from, to
Times = tuple[str, date, date | None]  # category, from, to


def last_day(year: int) -> date:
    return date(year + 1, 3, 31)


def written(day: date | None) -> str:
    return "" if day is None else f"{day:%d/%m/%Y}"


def anchor(year: int) -> dict[str, str]:
    return ANCHOR | {"DECOM": f"02/04/{year}", "DEC": f"03/04/{year}"}


def stays_in(tables: Tables) -> list[tuple[str, date, date | None]]:
    """(unit_id, from, to) of every stay but the anchor's."""
    stays = tables["placements"].filter(pl.col("unit_id") != "URN-ANCHOR")
    return sorted(stays.select("unit_id", "started_on", "ended_on").rows(), key=str)


def known_in(year: int, start: date, end: date | None) -> tuple[bool, date | None]:
    """Whether that year's return has what lasted from start to end, and the end that it knows of."""
    is_there = start <= last_day(year) and (end is None or end >= date(year, 4, 1))
    return is_there, end if end is not None and end <= last_day(year) else None


def write_years(folder: Path, stays: dict[str, list[Stay]], missing: dict[str, list[Times]]) -> None:
    """Write the return that an authority would have made each year of what happened."""
    for year in YEARS:
        episodes = [anchor(year)]
        for child, child_stays in stays.items():
            for urn, start, end in child_stays:
                is_there, known_end = known_in(year, start, end)
                if is_there:
                    row = {"DECOM": written(start), "DEC": written(known_end), "URN": urn, "PL_POST": urn}
                    episodes.append({"CHILD": child, "REC": "X1" if known_end else ""} | row)
        rows = []
        for child, times in missing.items():
            for code, start, end in times:
                is_there, known_end = known_in(year, start, end)
                if is_there:
                    rows.append({"CHILD": child, "MISSING": code, "MIS_START": written(start), "MIS_END": written(known_end)})
        write_return(folder / f"return of {year}", episodes=episodes, missing=rows)


DAYS = st.integers(0, 1094).map(lambda days: FIRST + timedelta(days))
# Lengths that often cross a 31 March, and starts that often lie beside one.
NEAR_MARCH = st.tuples(st.sampled_from(YEARS), st.integers(-3, 2)).map(lambda at: last_day(at[0]) + timedelta(at[1]))
STARTS = DAYS | NEAR_MARCH
HISTORIES = st.lists(st.tuples(st.sampled_from(["SC1", "SC2", "SC3"]), st.integers(1, 500)), min_size=1, max_size=5)
TIMES = st.lists(st.tuples(st.sampled_from("MA"), STARTS, st.none() | st.sampled_from([0, 0, 1, 2, 9, 400])), max_size=5)


@given(st.lists(st.tuples(STARTS, HISTORIES), min_size=1, max_size=3), st.lists(TIMES, min_size=1, max_size=3))
def test_yearly_returns_join_to_what_happened(histories: list[tuple[date, list[tuple[str, int]]]], times: list[list[tuple]]) -> None:
    """Given what happened over three years, told year by year, then the export has each stay and each episode once, whole.

    A stay goes on over 31 March; an episode that is open then has its end from the next return, or the one after.
    """
    stays: dict[str, list[Stay]] = {}
    expected_stays = []
    for child, (day, history) in enumerate(histories):
        told: list[Stay] = []
        for urn, nights in history:
            told.append((urn, day, day + timedelta(nights)))
            day += timedelta(nights)
        told[-1] = (told[-1][0], told[-1][1], None)
        stays[str(child)] = told
        joined: list[Stay] = []
        for urn, start, end in told:
            if start > LAST:
                continue
            end = end if end is not None and end <= LAST else None
            joined.append((urn, joined.pop()[1], end) if joined and joined[-1][0] == urn else (urn, start, end))
        expected_stays += joined
    missing = {
        str(child): [(code, start, None if length is None else start + timedelta(length)) for code, start, length in of_child]
        for child, of_child in enumerate(times)
    }
    expected_times = Counter(
        ({"M": "missing", "A": "away"}[code], start, end if end is not None and end <= LAST else None)
        for of_child in missing.values()
        for code, start, end in of_child
        if start <= LAST
    )
    with TemporaryDirectory() as name:
        write_years(Path(name) / "return", stays, missing)
        report, tables = import_return(Path(name))
    assert report.covers == (FIRST, LAST)
    assert stays_in(tables) == sorted(((f"URN-{urn}", start, end) for urn, start, end in expected_stays), key=str)
    assert Counter(tables["episodes"].select("category", "started_at", "ended_at").rows()) == expected_times
    assert broken(report, "576").rows == 0


RECORDED = st.lists(st.tuples(st.sampled_from("ab"), STARTS, st.none() | st.integers(1, 300)), max_size=6)


@given(st.tuples(RECORDED, RECORDED, RECORDED))
def test_returns_that_disagree_are_joined_as_the_slow_reading_joins_them(recorded: tuple[list, list, list]) -> None:
    """For any rows: the later return's row of a child and start counts; what was open and is not told of again ends there."""
    years = []
    for at, (year, drawn) in enumerate(zip(YEARS, recorded, strict=True)):
        rows = []
        for child, start, nights in drawn:
            start = min(start, last_day(year))
            end = None if nights is None else max(date(year, 4, 1), min(start + timedelta(nights), last_day(year)))
            # Each row is a place of its own, so that rows and stays are one.
            rows.append((child, start, end if end is None or end > start else None, f"SC{at}{len(rows)}"))
        years.append((year, rows))
    with TemporaryDirectory() as name:
        for year, rows in years:
            told = [
                {"CHILD": child, "DECOM": written(start), "DEC": written(end), "URN": urn, "PL_POST": urn}
                for child, start, end, urn in rows
            ]
            write_return(Path(name) / "return" / str(year), episodes=[anchor(year), *told], missing=[])
        _, tables = import_return(Path(name))
    assert stays_in(tables) == sorted(((f"URN-{urn}", start, end) for _, start, end, urn in slowly_joined(years)), key=str)


def slowly_joined(years: list[tuple[int, list[tuple[str, date, date | None, str]]]]) -> list[tuple[str, date, date | None, str]]:
    """Year after year, row after row, as docs/import-ssda903.md says it."""
    kept: list[tuple[str, date, date | None, str]] = []
    for year, rows in years:
        still = []
        for child, start, end, urn in kept:
            of_child = [row for row in rows if row[0] == child]
            if any(row[1] == start for row in of_child):
                continue
            if end is None:
                end = min([date(year, 4, 1), *(row[1] for row in of_child)])
                if end <= start:
                    continue
            still.append((child, start, end, urn))
        kept = still + rows
    return kept


def write_two(where: Path, first: dict[str, Rows], second: dict[str, Rows]) -> None:
    """Two years' returns, 2022-23 and 2023-24; each has the anchor too."""
    for year, files in ((2022, first), (2023, second)):
        episodes = [anchor(year), *files.pop("episodes", [])]
        write_return(where / "return" / f"in {year}", episodes=episodes, missing=files.pop("missing", []), **files)


def test_an_open_episode_that_is_not_carried_forward_stays_open(tmp_path: Path) -> None:
    """576: given an episode open on 31 March and a next return without it, it is kept as still open, and named by year and row."""
    missing = [{"MIS_START": "30/03/2023", "MIS_END": ""}, {"CHILD": "2", "MIS_START": "30/03/2023", "MIS_END": ""}]
    write_two(tmp_path, {"missing": missing}, {"missing": [{"MIS_START": "30/03/2023", "MIS_END": "02/04/2023"}]})
    report, tables = import_return(tmp_path)
    assert broken(report, "576").examples == ("row 3 of 2022-23",)
    assert sorted(tables["episodes"]["ended_at"].to_list(), key=str) == [date(2023, 4, 2), None]
    assert ": 1." in assumed(report, "carried forward")


def test_episodes_of_one_day_are_told_apart(tmp_path: Path) -> None:
    """Given a child who went twice on 31 March and a next return that has both again, the open one is the one that has an end now."""
    day = {"MIS_START": "31/03/2023"}
    write_two(
        tmp_path,
        {"missing": [day | {"MIS_END": "31/03/2023"}, day | {"MIS_END": ""}]},
        {"missing": [day | {"MIS_END": "31/03/2023"}, day | {"MIS_END": "05/04/2023"}]},
    )
    report, tables = import_return(tmp_path)
    assert sorted(tables["episodes"]["ended_at"]) == [date(2023, 3, 31), date(2023, 4, 5)]
    assert not any("another code or end" in sentence for sentence in report.assumptions)


def test_an_episode_keeps_its_id_when_the_next_return_ends_it(tmp_path: Path) -> None:
    """Given one key, an episode open in last year's import has the same id in the import of both years."""
    write_two(tmp_path, {"missing": [{"MIS_START": "30/03/2023", "MIS_END": ""}]}, {"missing": [{"MIS_START": "30/03/2023"}]})
    ids = {import_return(tmp_path, years=years)[1]["episodes"]["episode_id"].item() for years in (["2022-23"], [])}
    assert len(ids) == 1


def test_the_later_return_counts_where_two_disagree(tmp_path: Path) -> None:
    """The code of an episode, the place of a placement and the birth date of a child are those of the later return, and are counted."""
    row = {"MIS_START": "30/03/2023", "MIS_END": ""}
    first = {"episodes": [{"DECOM": "01/05/2022"}], "missing": [row], "header": [{}]}
    second = {
        "episodes": [{"DECOM": "01/05/2022", "URN": "SC9"}],
        "missing": [row | {"MISSING": "A", "MIS_END": "01/05/2023"}],
        "header": [{"DOB": "17/10/2008", "ETHNIC": ""}],
    }
    write_two(tmp_path, first, second)
    report, tables = import_return(tmp_path)
    assert tables["episodes"].select("category", "ended_at").rows() == [("away", date(2023, 5, 1))]
    assert stays_in(tables) == [("URN-SC9", date(2022, 5, 1), None)]
    assert (date(2008, 10, 1), "White") in tables["children"].select("birth_month", "ethnicity").rows()
    assert ": 1." in assumed(report, "another code or end")
    assert ": 1." in assumed(report, "another place or end")


def test_a_placement_lost_between_two_returns_ends_care(tmp_path: Path) -> None:
    """Given a placement open in a return and a child the next return does not know, the child is taken to have left as that year begins."""
    write_two(tmp_path, {"episodes": [{"DECOM": "01/05/2022", "REC": "X1"}]}, {})
    report, tables = import_return(tmp_path)
    assert stays_in(tables) == [("URN-SC100001", date(2022, 5, 1), date(2023, 4, 1))]
    assert date(2023, 4, 1) in tables["children"]["looked_after_to"].to_list()
    assert ": 1." in assumed(report, "does not have")


def test_both_years_codes_are_read(tmp_path: Path) -> None:
    """Supported accommodation is H5 or P2 in the older returns, and K3 with a URN from 2025-26."""
    write_two(
        tmp_path,
        {"episodes": [{"DECOM": "01/05/2022", "DEC": "01/06/2022", "REC": "X1", "PLACE": "H5", "URN": ""}]},
        {"episodes": [{"DECOM": "01/06/2023", "PLACE": "K3"}]},
    )
    units = import_return(tmp_path)[1]["units"]
    assert set(units.filter(pl.col("unit_id") != "URN-ANCHOR").select("unit_id", "kind").rows()) == {
        ("supported-PR4", "supported"),
        ("URN-SC100001", "supported"),
    }


def test_years_are_chosen(tmp_path: Path) -> None:
    """Given three years, --years reads those named; a year that is not there is refused with those that are."""
    write_years(tmp_path / "return", {}, {"1": [("M", FIRST, FIRST)]})
    report, tables = import_return(tmp_path, years=["2022-23", "2023-24"])
    assert report.covers == (date(2022, 4, 1), LAST)
    assert set(report.rows_in) == {f"{file}.csv of {year}" for file in ("episodes", "missing") for year in ("2022-23", "2023-24")}
    assert tables["episodes"].is_empty()
    with pytest.raises(Refusal, match=r"no return of 2019-20\. There is one of 2021-22, 2022-23, 2023-24"):
        import_return(tmp_path, years=["2019-20"])


def test_a_year_missing_in_the_middle_is_refused(tmp_path: Path) -> None:
    """Whoever came and went in that year would count as never there, so that it is asked for; so it is where it is left out by choice."""
    write_years(tmp_path / "return", {}, {})
    with pytest.raises(Refusal, match=r"return of 2022-23 is not there\. Add it"):
        import_return(tmp_path, years=["2021-22", "2023-24"])


def test_one_year_twice_is_refused(tmp_path: Path) -> None:
    """Two folders, or a folder and the folder within it, of one year: the import does not choose."""
    write_return(tmp_path / "return", episodes=[{}], missing=[{}])
    write_return(tmp_path / "return" / "old", episodes=[{}], missing=[{}])
    with pytest.raises(Refusal, match=r"return and .*old are both of 2023-24"):
        import_return(tmp_path)


# XML


def test_xml_tells_the_same_as_csv(tmp_path: Path) -> None:
    """Given one return as CSV and as XML, the exports are the same, and rows are called by their element; years may be of either form."""
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "pseudonym.key").write_bytes(bytes(32))
    row = {"MIS_START": "30/03/2023", "MIS_END": ""}
    write_two(
        tmp_path,
        {"missing": [row], "header": [{}, {"CHILD": "2"}], "uasc": [{}]},
        {"episodes": [{}], "missing": [row | {"MIS_END": "29/03/2023"}, row | {"CHILD": "2"}], "header": [{}, {"CHILD": "2"}]},
    )
    _, of_csv = import_return(tmp_path)
    as_xml(tmp_path / "return" / "in 2022", tmp_path / "return" / "2022.XML")
    as_xml(tmp_path / "return" / "in 2023", tmp_path / "xml.xml")
    for path in (tmp_path / "return" / "in 2022").iterdir():
        path.unlink()
    _, of_both = import_return(tmp_path)
    for path in (tmp_path / "return" / "in 2023").iterdir():
        path.unlink()
    (tmp_path / "xml.xml").rename(tmp_path / "return" / "in 2023" / "return.xml")
    report, of_xml = import_return(tmp_path)
    for name, table in of_csv.items():
        assert table.equals(of_both[name])
        assert table.equals(of_xml[name])
    assert of_xml["children"].filter("uasc").height == 1
    assert report.rows_in["return.xml, AMISSING of 2023-24"] == 2
    assert broken(report, "567", "AMISSING").examples == ("AMISSING 1 of 2023-24",)


BOMB = """<?xml version="1.0"?>
<!DOCTYPE bomb [<!ENTITY a "aaaaaaaaaa">{}]>
<EXPSSDA903><CHILD><HEADER><CHILDID>&z;</CHILDID></HEADER></CHILD></EXPSSDA903>
"""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            BOMB.format("".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in zip("abcdefghijkl", "bcdefghijklz", strict=True))),
            "document type",
        ),
        ('<!DOCTYPE x [<!ENTITY z SYSTEM "file:///etc/hostname">]><EXPSSDA903>&z;</EXPSSDA903>', "document type"),
        ('<!DOCTYPE EXPSSDA903 SYSTEM "http://127.0.0.1:9/return.dtd"><EXPSSDA903/>', "document type"),
        ("<EXPSSDA903><CHILD><HEADER><CHILDID>SECRET</CHILDID></HEAD", "cut short or damaged at line 1"),
        ("<EXPSSDA903>" + "<CHILD>" * 5000, "damaged"),
        ("", "damaged"),
    ],
)
def test_hostile_and_broken_xml_is_refused(tmp_path: Path, content: str, words: str) -> None:
    """An entity bomb, a file or page to fetch and a cut file are refused at once, and nothing of the file is repeated."""
    (tmp_path / "return").mkdir()
    (tmp_path / "return" / "return.xml").write_text(content)
    with pytest.raises(Refusal, match=words) as refused:
        import_return(tmp_path)
    assert "SECRET" not in str(refused.value)


def test_other_xml_is_passed_over(tmp_path: Path) -> None:
    """A file that is no return is none of ours; a folder without a return says what it should hold."""
    (tmp_path / "return").mkdir()
    (tmp_path / "return" / "other.xml").write_text("<other/>")
    with pytest.raises(Refusal, match="holds no return"):
        import_return(tmp_path)
