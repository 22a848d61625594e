"""The list of providers and the directory of postcodes: names, areas and points for homes, and never a postcode."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from dashboard.cli import main
from dashboard.errors import Refusal
from dashboard.exports.imports.ssda903 import import_ssda903
from tests.exports.imports.made import Rows, assumed, import_return, write_return

PROVIDERS = """Web Link,URN,Setting Name,Provision type,Sector,Local authority
x,SC100001,Oak House,Children’s Home,Private,Staffordshire
x,SC100002,Elm Court,Secure Children's Home,Local Authority,Stoke-on-Trent
x,SC300001,Carers Ltd,Independent Fostering Agency,Private,Leeds
x,SC300001,Carers Ltd again,Independent Fostering Agency,Private,Leeds
"""
# As the ONS Postcode Directory is: seven characters in pcd, and a point at the pole where there is no grid reference.
POSTCODES = """pcd,pcds,oscty,oslaua,lat,long
"ST2 2BB","ST2 2BB",E10000028,E07000197,53.01234,-2.15678
"M1  1AA","M1 1AA",E99999999,E08000003,53.4794,-2.2453
"ST9 9ZZ","ST9 9ZZ",E10000028,E07000198,99.999999,0.000000
"B1  1BB","B1 1BB",E99999999,E08000025,52.4796,-1.9026
"""
HOMES: Rows = [
    {},
    {"CHILD": "2", "PL_POST": "st22bb "},
    {"CHILD": "3", "PL_POST": "B1 1BB"},  # mistyped in one row of three
    {"CHILD": "4", "URN": "SC100002", "PLACE": "K1", "PLACE_PROVIDER": "PR1", "PL_POST": "M1 1AA"},
]
CARERS: Rows = [
    {"CHILD": "5", "PLACE": "U4", "URN": "SC300001"},
    {"CHILD": "6", "PLACE": "U4", "URN": "SC300001", "PL_POST": "M1 1AA"},
    {"CHILD": "7", "PLACE": "U6", "PLACE_PROVIDER": "PR1", "URN": "XXXXXXX", "PL_POST": "ST9 9ZZ"},
    {"CHILD": "8", "PLACE": "U6", "PLACE_PROVIDER": "PR1", "URN": "XXXXXXX", "PL_POST": ""},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a return, a list of providers and a directory of postcodes."""
    write_return(tmp_path / "return", episodes=[*HOMES, *CARERS], missing=[{}])
    (tmp_path / "providers.csv").write_text(PROVIDERS, encoding="cp1252")
    (tmp_path / "postcodes.csv").write_text(POSTCODES)
    return tmp_path


def units(folder: Path, **options: object) -> dict[str, dict]:
    """unit_id → the unit's row."""
    return {row["unit_id"]: row for row in import_return(folder, **options)[1]["units"].iter_rows(named=True)}


def test_the_list_of_providers_names_homes(folder: Path) -> None:
    """Name, kind, sector and area are the list's; a local authority's home is our own only if the return says so; an agency has no area."""
    by_id = units(folder, providers=folder / "providers.csv", authority="staffordshire")
    assert {unit: tuple(row.values())[1:] for unit, row in by_id.items() if unit.startswith("URN")} == {
        "URN-SC100001": ("Oak House", "childrens_home", "private", True, "Staffordshire"),
        "URN-SC100002": ("Elm Court", "secure_home", "own", False, "Stoke-on-Trent"),
        "URN-SC300001": ("Carers Ltd", "foster", "private", None, None),
    }


def test_without_the_authority_the_list_tells_no_area_of_ours(folder: Path) -> None:
    """Whose return it is stands in no file: in_area needs to be told, and its absence is said."""
    report, tables = import_return(folder, providers=folder / "providers.csv")
    assert "in_area" not in tables["units"].columns
    assert assumed(report, "all count as outside")
    assert assumed(report, "Of 3 units with a URN the list of providers has 3.")


def test_the_directory_of_postcodes_places_homes_and_divides_the_rest(folder: Path) -> None:
    """A home has the point of most of its rows, to about a kilometre; carers are a unit in the area and one outside, without a point."""
    by_id = units(folder, postcodes=folder / "postcodes.csv", area_code="E10000028")
    told = {unit: (row["name"], row["in_area"], row["latitude"], row["longitude"]) for unit, row in by_id.items()}
    assert told == {
        "URN-SC100001": ("Children's home URN SC100001", True, 53.01, -2.16),
        "URN-SC100002": ("Secure children's home URN SC100002", False, 53.48, -2.25),
        "URN-SC300001-in": ("Fostering agency URN SC300001, in the area", True, None, None),
        "URN-SC300001-out": ("Fostering agency URN SC300001, outside the area", False, None, None),
        "foster-PR1-in": ("Foster carers, own provision, in the area", True, None, None),
        "foster-PR1": ("Foster carers, own provision", None, None, None),
    }


def test_the_directory_without_a_code_tells_points_alone(folder: Path) -> None:
    """Without --area-code nothing is divided, and in_area is not there."""
    by_id = units(folder, postcodes=folder / "postcodes.csv")
    assert set(by_id) == {"URN-SC100001", "URN-SC100002", "URN-SC300001", "foster-PR1"}
    assert "in_area" not in by_id["foster-PR1"]
    assert by_id["URN-SC100001"]["latitude"] == 53.01


def test_newer_directories_are_read(folder: Path) -> None:
    """The columns of 2025: pcds, lad25cd and cty25cd, in capitals or not."""
    (folder / "postcodes.csv").write_text("PCDS,LAD25CD,CTY25CD,LAT,LONG\nST2 2BB,E07000197,E10000028,53.01234,-2.15678\n")
    by_id = units(folder, postcodes=folder / "postcodes.csv", area_code="E07000197")
    assert by_id["URN-SC100001"]["in_area"] is True


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("postcodes", "a,b\n1,2\n", "is no directory of postcodes"),
        ("postcodes", "pcds,lat,long\nST2 2BB,53,-2\n", "no column of authorities' codes"),
        ("postcodes", "", "cannot be read as CSV"),
        ("providers", "URN,Sector\n1,2\n", "no column of names"),
    ],
)
def test_another_file_is_refused(folder: Path, file: str, content: str, words: str) -> None:
    """A file that is not what its option asks for is refused by name, and nothing is written."""
    (folder / f"{file}.csv").write_text(content)
    with pytest.raises(Refusal, match=rf"{file}\.csv .*{words}"):
        import_return(folder, **{file: folder / f"{file}.csv"}, area_code="E10000028")
    with pytest.raises(Refusal, match=r"nothing\.csv cannot be read"):
        import_return(folder, **{file: folder / "nothing.csv"})
    assert not (folder / "export").exists()


def test_nothing_that_identifies_a_child_leaves_by_any_file(folder: Path) -> None:
    """With every option on and rules broken, no id, birth date, UPN or postcode is in any file of the export or its report."""
    child = "IDENTIFYING-1001"
    rows = [{"CHILD": child, "MIS_START": start, "MIS_END": end} for start, end in (("03/06/2023", "01/06/2023"), ("x", ""), ("y", ""))]
    write_return(
        folder / "return",
        episodes=[*HOMES, *CARERS, {"CHILD": child, "DEC": "01/07/2023", "REC": "E11"}],
        missing=[*rows, *({"CHILD": child, "MIS_START": "01/05/2023"} for _ in range(60))],
        header=[{"CHILD": child, "SEX": "9", "ETHNIC": "?"}],
        uasc=[{"CHILD": child}],
    )
    options = {"providers": folder / "providers.csv", "postcodes": folder / "postcodes.csv", "area_code": "E10000028"}
    report, tables = import_return(folder, **options)
    assert {found.rule for found in report.rules if found.rows} >= {"567", "1004", "574", "101", "103"}
    written = {path.name: path.read_bytes() for path in (folder / "export").iterdir()}
    assert {"import-report.html", "import-report.json", "manifest.json", "children.parquet"} <= set(written)
    cells = " ".join(str(cell) for frame in tables.values() for row in frame.rows() for cell in row)
    for told in (child, "2008-09-17", "17/09/2008", "A123456789012", "ST1 1AA", "ST2 2BB", "ST22BB", "M1 1AA", "M11AA"):
        assert told not in cells
        assert not any(told.encode() in content for content in written.values())


def test_the_command_imports_and_says_what_it_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`oversight import ssda903` prints rows, broken rules and assumptions, checks the export and leaves its report; steps go to stderr."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder / "settings"))
    write_return(folder / "return", missing=[{"MIS_END": "02/06/2023"}])
    words = ["import", "ssda903", str(folder / "return"), str(folder / "export"), "--years", "2023-24", "--authority", "Testshire"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 0
    assert "missing.csv, 567: 1 row, e.g. row 2. It ends before it starts." in result.stdout
    assert "Testshire, 1 April 2023 to 31 March 2024" in result.stdout
    assert "pseudonym.key" in result.stderr
    assert "pseudonym.key" not in result.stdout
    assert (folder / "export" / "import-report.html").exists()
    assert CliRunner().invoke(main, [*words[:5], "2022-23"]).exit_code == 1


def test_without_either_file_what_is_not_known_is_said(folder: Path) -> None:
    """The export has neither points nor areas, and the report says how to bring them."""
    report = import_ssda903(folder / "return", folder / "export", folder / "key" / "pseudonym.key")
    assert pl.read_parquet(folder / "export" / "units.parquet").columns == ["unit_id", "name", "kind", "sector"]
    assert "--postcodes" in assumed(report, "all count as outside")
    assert assumed(report, "Where units are is not known")
