"""The importer of the Standard Safeguarding Dataset, through its door: small files in, an export out."""

from __future__ import annotations

import csv
import hmac
import json
import os
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dashboard.cli import main
from dashboard.errors import Refusal
from dashboard.exports import contract
from dashboard.exports.check import check
from dashboard.exports.imports.report import ImportReport, RuleFound, read_report
from dashboard.exports.imports.ssd import import_ssd
from dashboard.figures import everything  # noqa: F401  # registers every figure
from dashboard.figures.figure import build
from dashboard.scope import default_scope
from dashboard.settings import Settings

MISSING = {
    "miss_table_id": "T1",
    "miss_person_id": "P1",
    "miss_missing_episode_start_date": "2024-05-03 22:15:00",
    "miss_missing_episode_type": "M",
    "miss_missing_episode_end_date": "2024-05-04 09:40:00",
    "miss_missing_rhi_offered": "Y",
    "miss_missing_rhi_accepted": "Y",
}
PERSON = {
    "pers_person_id": "P1",
    "pers_forename": "ZOË",
    "pers_sex": "F",
    "pers_ethnicity": "WBRI",
    "pers_dob": "2009-02-17",
    "pers_upn": "A123456789012",
}
PLACEMENT = {
    "clap_cla_placement_id": "L1",
    "clap_person_id": "P1",
    "clap_cla_placement_start_date": "2024-01-10",
    "clap_cla_placement_end_date": "",
    "clap_cla_placement_type": "K2",
    "clap_cla_placement_urn": "SC100001",
    "clap_cla_placement_distance": "12.5",
    "clap_cla_placement_provider": "PR4",
    "clap_cla_placement_postcode": "ST2 2BB",
}
CARE = {
    "clae_cla_episode_id": "C1",
    "clae_person_id": "P1",
    "clae_cla_episode_start_date": "2024-01-10",
    "clae_cla_episode_ceased": "",
    "clae_cla_episode_ceased_reason": "",
}
DEFAULTS = {"missing": MISSING, "person": PERSON, "cla_placement": PLACEMENT, "cla_episodes": CARE}

Rows = Iterable[dict[str, str]]
Import = Callable[..., tuple[ImportReport, dict[str, pl.DataFrame]]]


def numbered(rows: Rows) -> list[dict[str, str]]:
    """Rows of ssd_missing with an id each."""
    return [{"miss_table_id": f"T{n}"} | row for n, row in enumerate(rows, 1)]


def spell(start: str = "", end: str = "", **others: str) -> dict[str, str]:
    """A row of ssd_missing by its start and end."""
    said = {"miss_missing_episode_start_date": start} if start else {}
    return said | {"miss_missing_episode_end_date": end} | others


def answered(offered: str, accepted: str) -> dict[str, str]:
    return {"miss_missing_rhi_offered": offered, "miss_missing_rhi_accepted": accepted}


def write_dataset(folder: Path, **files: Rows) -> None:
    """Write the files given as CSV, each row with the defaults of its file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in files.items():
        with open(folder / f"ssd_{name}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, DEFAULTS[name])
            writer.writeheader()
            writer.writerows(DEFAULTS[name] | row for row in rows)


def import_dataset(where: Path) -> tuple[ImportReport, dict[str, pl.DataFrame]]:
    report = import_ssd(where / "ssd", where / "export", where / "key" / "pseudonym.key")
    return report, {name: pl.read_parquet(where / "export" / f"{name}.parquet") for name in report.rows_out}


@pytest.fixture
def imported(tmp_path: Path) -> Import:
    """Writes a dataset of the rows given for each file and imports it: the report and the tables of the export."""

    def run(missing: Rows = ({},), **others: Rows) -> tuple[ImportReport, dict[str, pl.DataFrame]]:
        write_dataset(tmp_path / "ssd", missing=numbered(missing), **others)
        return import_dataset(tmp_path)

    return run


def found(report: ImportReport, rule: str) -> RuleFound:
    """The one rule of that name."""
    (rule_found,) = [one for one in report.rules if one.rule == rule]
    return rule_found


def said(report: ImportReport, words: str) -> str:
    """The one assumption with these words."""
    (sentence,) = [sentence for sentence in report.assumptions if words in sentence]
    return sentence


WHOLE: dict[str, Rows] = {"person": [{}], "cla_placement": [{}], "cla_episodes": [{}]}


# What comes out


def test_the_export_keeps_to_the_contract_and_the_check_finds_it_good(imported: Import, tmp_path: Path) -> None:
    """Every column of the export is one of the contract with its codes, the check opens it, and the report lies beside it."""
    report, tables = imported([{}, answered("N", ""), answered("Y", "N"), answered("NA", "NA")], **WHOLE)
    assert set(tables) == {"episodes", "return_interviews", "placements", "units", "children"}
    for name, frame in tables.items():
        table = contract.CONTRACT[name]
        for column in frame.columns:
            codes = table.column(column).codes
            assert not codes or set(frame[column].drop_nulls()) <= set(codes)
    checked = check(tmp_path / "export", Settings())
    assert checked.is_good
    assert not [finding for finding in checked.findings if finding.severity == "error"]
    assert read_report(tmp_path / "export") == report
    assert report.rows_in == {"ssd_missing.csv": 4, "ssd_person.csv": 1, "ssd_cla_placement.csv": 1, "ssd_cla_episodes.csv": 1}
    assert report.rows_out == {name: frame.height for name, frame in tables.items()}


def test_nothing_that_identifies_a_child_leaves(imported: Import, tmp_path: Path) -> None:
    """No id, name, birth date, UPN or postcode of the dataset is in any file of the export; of the birth date the month is left."""
    child = {"miss_person_id": "IDENTIFYING-1"}, {"pers_person_id": "IDENTIFYING-1"}, {"clap_person_id": "IDENTIFYING-1"}
    _, tables = imported(
        [child[0] | {"miss_table_id": "TABLE-ID-1"}],
        person=[child[1]],
        cla_placement=[child[2] | {"clap_cla_placement_type": "P1", "clap_cla_placement_urn": ""}],
        cla_episodes=[{"clae_person_id": "IDENTIFYING-1"}],
    )
    cells = {str(cell) for frame in tables.values() for row in frame.rows() for cell in row}
    assert "2009-02-01" in cells
    for told in ("IDENTIFYING-1", "TABLE-ID-1", "ZOË", "2009-02-17", "A123456789012", "ST2 2BB"):
        assert not any(told in cell for cell in cells)
        assert not any(told.encode() in path.read_bytes() for path in (tmp_path / "export").iterdir())


def test_a_child_has_the_pseudonym_that_the_return_gives(tmp_path: Path) -> None:
    """Under one key a child's id gives the id that an import of the SSDA903 return gives, so that the two can be told to be one child."""
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "pseudonym.key").write_bytes(bytes(32))
    write_dataset(tmp_path / "ssd", missing=[{}])
    _, tables = import_dataset(tmp_path)
    assert tables["episodes"]["child_id"].to_list() == [hmac.new(bytes(32), b"child:P1", "sha256").hexdigest()[:16]]


@pytest.mark.parametrize(
    ("recorded", "category"),
    [("M", "missing"), ("Missing", "missing"), ("m", "missing"), ("A", "away"), ("Away", "away"), ("ABSENT", "away")],
)
def test_types_are_missing_or_away(imported: Import, recorded: str, category: str) -> None:
    """M and Missing are missing; A, Away and Absent are away, in any letter case, and the report says so of Absent."""
    report, tables = imported([{"miss_missing_episode_type": recorded}])
    assert tables["episodes"]["category"].to_list() == [category]
    assert [": 1." in sentence for sentence in report.assumptions if "Absent" in sentence] == [True] * (recorded == "ABSENT")


# Return interviews

ANSWERS = ("Y", "N", "NA", "", "Maybe")


def expected_interview(offered: str, accepted: str) -> tuple[str, str | None] | None:
    """The truth table, written out: what one row's two answers are in the export."""
    if offered == "Y":
        return "yes", {"Y": None, "N": "declined", "NA": "not_held", "": "pending", "Maybe": "pending"}[accepted]
    if offered == "N":
        return "no", None
    if offered == "NA":
        return "not_required", None
    return None


@given(st.lists(st.tuples(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS)), min_size=1, max_size=12))
def test_the_four_answers_stay_four_things(answers: list[tuple[str, str]]) -> None:
    """For any answers, each row's interview is that of the truth table, none is completed or has a time, and the counts are said."""
    with TemporaryDirectory() as name:
        rows = [spell(f"2024-05-{n:02} 10:00", f"2024-05-{n:02} 12:00", **answered(*pair)) for n, pair in enumerate(answers, 1)]
        write_dataset(Path(name) / "ssd", missing=numbered(rows))
        report, tables = import_dataset(Path(name))
    interviews = tables["return_interviews"]
    told = tables["episodes"].join(interviews, on="episode_id", how="left").sort("started_at")
    has_outcomes = any(accepted for _, accepted in answers)
    assert ("outcome" in interviews.columns) == (has_outcomes)
    columns = ("offered", "outcome") if has_outcomes else ("offered",)
    expected = [(expected_interview(*pair) or (None, None))[: len(columns)] for pair in answers]
    assert told.select(columns).rows() == expected
    assert set(interviews.columns) <= {"interview_id", "episode_id", "offered", "outcome"}
    unsaid = sum(offered in ("", "Maybe") for offered, _ in answers)
    sentences = [sentence for sentence in report.assumptions if "not said whether an interview" in sentence]
    assert [f": {unsaid}." in sentence for sentence in sentences] == [True] * (unsaid > 0)
    assert found(report, "accepted without an offer").rows == sum(offered != "Y" and accepted == "Y" for offered, accepted in answers)
    assert found(report, "rhi_offered not known").rows == sum(offered == "Maybe" for offered, _ in answers)
    assert found(report, "rhi_accepted not known").rows == sum(accepted == "Maybe" for _, accepted in answers)


def test_without_the_columns_of_interviews_there_is_no_table_of_them(tmp_path: Path) -> None:
    """A dataset without the two columns has no return interviews, which is not the same as none offered."""
    write_dataset(tmp_path / "ssd", missing=[{}])
    path = tmp_path / "ssd" / "ssd_missing.csv"
    pl.read_csv(path, infer_schema=False).drop(list(answered("", ""))).write_csv(path)
    _, tables = import_dataset(tmp_path)
    assert set(tables) == {"episodes", "children"}


def test_figures_show_offers_and_answers_and_say_what_timeliness_needs(imported: Import, tmp_path: Path) -> None:
    """Given accepted interviews, the steps count offers and answers, and no figure counts one as held: each says which column it needs."""
    answers = [("Y", "Y")] * 4 + [("Y", "N")] * 2 + [("N", "")]
    imported([spell("2024-05-03 10:00", "2024-05-03 12:00", miss_person_id=f"P{n}", **answered(*pair)) for n, pair in enumerate(answers)])
    settings = Settings()
    snapshot = check(tmp_path / "export", settings).snapshot
    assert snapshot is not None
    scope = default_scope(snapshot.coverage.first_day, snapshot.coverage.last_day)
    steps = build("return_interviews/steps", snapshot, scope, settings)
    assert dict(steps.frame.select("step", "episodes").rows()) | {"not_yet_due": None} == {
        "due": 7,
        "not_yet_due": None,
        "offered": 6,
        "accepted": 4,
        "held": None,
        "held_72h": None,
        "independent": None,
    }
    assert any("Held within 72 hours: needs column held_at of table return_interviews" in caveat for caveat in steps.caveats)
    for name in ("coverage", "unit_coverage", "outstanding"):
        assert "column held_at of table return_interviews" in (build(f"return_interviews/{name}", snapshot, scope, settings).needs or "")
    headline = build("overview/headline", snapshot, scope, settings).frame
    assert headline.filter(pl.col("measure") == "interviews_72h")["value"].to_list() == [None]


# Dates and times


def test_times_are_local_and_leave_in_utc(imported: Import) -> None:
    """A time without a zone is London's, in summer and in winter, in either way of writing dates; one with a zone is what it says."""
    _, tables = imported(
        [
            spell("2024-01-05 22:15:00.000"),
            spell("05/07/2024 22:15", "06/07/2024 09:00:30"),
            spell("2024-07-06T22:15:00Z", "2024-07-07T00:15:00+02:00"),
        ]
    )
    assert tables["episodes"].select("started_at", "ended_at").rows() == [
        (datetime(2024, 1, 5, 22, 15, tzinfo=UTC), None),
        (datetime(2024, 7, 5, 21, 15, tzinfo=UTC), datetime(2024, 7, 6, 8, 0, 30, tzinfo=UTC)),
        (datetime(2024, 7, 6, 22, 15, tzinfo=UTC), datetime(2024, 7, 6, 22, 15, tzinfo=UTC)),
    ]


def test_an_hour_that_comes_twice_and_one_that_never_does(imported: Import) -> None:
    """Given the clocks go back, the first 01:30 is taken, and for an end the second where the first lies before the start; given they go
    forward, 01:30 is read as an hour later. Each is counted with its row."""
    report, tables = imported(
        [
            spell("2024-03-30 22:00", "2024-03-31 01:30"),
            spell("2024-10-27 00:30", "2024-10-27 01:30", miss_person_id="P2"),
            spell("2024-10-27 01:50", "2024-10-27 01:10", miss_person_id="P3"),
        ]
    )
    assert tables["episodes"].select("started_at", "ended_at").rows() == [
        (datetime(2024, 3, 30, 22, 0, tzinfo=UTC), datetime(2024, 3, 31, 1, 30, tzinfo=UTC)),
        (datetime(2024, 10, 26, 23, 30, tzinfo=UTC), datetime(2024, 10, 27, 0, 30, tzinfo=UTC)),
        (datetime(2024, 10, 27, 0, 50, tzinfo=UTC), datetime(2024, 10, 27, 1, 10, tzinfo=UTC)),
    ]
    twice, never = found(report, "an hour twice"), found(report, "an hour never")
    assert (twice.rows, twice.examples) == (2, ("row 3", "row 4"))
    assert (never.rows, never.examples) == (1, ("row 2",))
    assert found(report, "end before start").rows == 0


LONDON = ZoneInfo("Europe/London")
AROUND_A_CHANGE = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes),
    st.sampled_from([datetime.fromisoformat(f"{day} 01:00") for day in ("2024-03-31", "2024-10-27", "2025-03-30", "2025-10-26")]),
    st.integers(-180, 180),
)


@given(st.lists(AROUND_A_CHANGE, min_size=1, max_size=20))
def test_local_times_around_a_change_of_the_clocks_are_those_of_zoneinfo(walls: list[datetime]) -> None:
    """For any local time near a change, the instant is what zoneinfo says of its first occurrence, and of a time that never was, of one
    an hour later by the clock."""
    with TemporaryDirectory() as name:
        rows = [spell(wall.isoformat(sep=" "), miss_person_id=f"P{n}") for n, wall in enumerate(walls)]
        write_dataset(Path(name) / "ssd", missing=[*numbered(rows), {"miss_table_id": "timed"}])
        report, tables = import_dataset(Path(name))
    firsts = [wall.replace(tzinfo=LONDON) for wall in walls]
    is_never = [first.astimezone(UTC).astimezone(LONDON).replace(tzinfo=None) != wall for first, wall in zip(firsts, walls, strict=True)]
    expected = [
        ((wall + timedelta(hours=1)).replace(tzinfo=LONDON) if never else first).astimezone(UTC)
        for first, wall, never in zip(firsts, walls, is_never, strict=True)
    ]
    assert tables["episodes"]["started_at"].to_list() == sorted([*expected, datetime(2024, 5, 3, 21, 15, tzinfo=UTC)])
    assert found(report, "an hour never").rows == sum(is_never)
    has_two = [first.utcoffset() != first.replace(fold=1).utcoffset() for first in firsts]
    assert found(report, "an hour twice").rows == sum(two and not never for two, never in zip(has_two, is_never, strict=True))


def test_midnights_alone_are_dates(imported: Import) -> None:
    """Where every start and end is a midnight the export has dates, and says so; with one time among them they are times."""
    rows = [spell("2024-05-03 00:00:00", "2024-05-04 00:00:00"), spell("2024-06-03", "", miss_person_id="P2")]
    report, tables = imported(rows)
    assert tables["episodes"].select("started_at", "ended_at").rows() == [(date(2024, 5, 3), date(2024, 5, 4)), (date(2024, 6, 3), None)]
    assert len([sentence for sentence in report.assumptions if "dates without a time" in sentence]) == 2
    report, tables = imported([*rows, spell("2024-06-04 10:00", "2024-06-05", miss_person_id="P3")])
    assert tables["episodes"].schema["started_at"] == pl.Datetime("us", "UTC")
    assert tables["episodes"].schema["ended_at"] == pl.Date
    assert ": 3." in said(report, "exactly midnight")


def test_what_the_days_covered_are_taken_to_be(imported: Import, tmp_path: Path) -> None:
    """From the first episode to the last date in any file before it was saved: a date beyond that is foreseen or mistyped."""
    write_dataset(
        tmp_path / "ssd",
        missing=numbered([{}, spell("2042-05-03 10:00")]),
        cla_placement=[
            {"clap_cla_placement_end_date": "2024-09-30"},
            {"clap_cla_placement_id": "L2", "clap_cla_placement_start_date": "2024-10-01", "clap_cla_placement_end_date": "2030-01-01"},
        ],
    )
    saved = datetime(2025, 1, 1, 12, tzinfo=UTC).timestamp()
    for path in (tmp_path / "ssd").iterdir():
        os.utime(path, (saved, saved))
    report, _ = import_dataset(tmp_path)
    assert report.covers == (date(2024, 5, 3), date(2024, 10, 1))
    manifest = json.loads((tmp_path / "export" / "manifest.json").read_text())
    assert manifest["covers"] == {"from": "2024-05-03", "to": "2024-10-01"}
    assert found(report, "start after the file was saved").rows == 1


# Rules


@pytest.mark.parametrize(
    ("rows", "rule", "examples", "kept"),
    [
        ([{}, {"miss_person_id": ""}, {"miss_person_id": "P2"}], "no child", ("row 3",), 2),
        ([{}, {"miss_missing_episode_type": "X"}, {"miss_person_id": "P2"}], "type not known", ("row 3",), 2),
        ([{}, {}, spell("31/02/2024"), spell("1900-01-01")], "no start", ("row 4", "row 5"), 3),
        ([spell(end="soon")], "end not readable", ("row 2",), 1),
        ([{}, {"miss_table_id": "T1", "miss_person_id": "P2"}, {"miss_person_id": "P3"}], "miss_table_id twice", ("row 3",), 2),
        ([{"miss_table_id": ""}, {"miss_table_id": "", "miss_person_id": "P2"}], "no miss_table_id", ("row 2", "row 3"), 2),
        ([spell(end="2024-05-03 22:00")], "end before start", ("row 2",), 1),
        ([spell(), spell("2024-06-01 10:00")], "open, and a later one", ("row 2",), 2),
        ([spell(end="2024-05-09 10:00"), spell("2024-05-05 10:00", "2024-05-06")], "overlap", ("row 3",), 2),
    ],
)
def test_rules_name_their_rows(imported: Import, rows: Rows, rule: str, examples: tuple[str, ...], kept: int) -> None:
    """A rule that rows break gives their number and places in the file; what cannot be an episode is left out, all else is kept."""
    if rule == "no start":
        rows = [*rows, {"miss_person_id": "P9"}]
    report, tables = imported(rows)
    assert (found(report, rule).examples, found(report, rule).rows) == (examples, len(examples))
    assert tables["episodes"].height == kept
    assert tables["episodes"]["episode_id"].is_unique().all()


def test_rules_of_children_care_and_placements(imported: Import) -> None:
    """A child not in ssd_person or never looked after, and an episode before or after care or in no placement, are counted and kept."""
    report, tables = imported(
        [
            spell("2024-01-01 10:00", "2024-01-02"),
            spell("2024-02-01 10:00", "2024-02-02"),
            spell("2024-07-01 10:00", "2024-07-02"),
            {"miss_person_id": "P2"},
        ],
        person=[{}],
        cla_placement=[{"clap_cla_placement_end_date": "2024-06-01"}],
        cla_episodes=[{"clae_cla_episode_ceased": "2024-06-01"}],
    )
    assert tables["episodes"].height == 4
    for rule, examples in {
        "before care": ("row 2",),
        "after care": ("row 4",),
        "never looked after": ("row 5",),
        "not in ssd_person": ("row 5",),
        "in no placement": ("row 2", "row 4", "row 5"),
    }.items():
        assert found(report, rule).examples == examples


def test_a_file_that_is_mostly_unreadable_is_refused(imported: Import, tmp_path: Path) -> None:
    """Given dates in another order, most rows have no start: refused, and nothing is written."""
    with pytest.raises(Refusal, match=r"ssd_missing\.csv: 2 of 3 rows have no child"):
        imported([{}, spell("05/13/2024"), spell("05/14/2024")])
    assert not (tmp_path / "export").exists()


# Children, placements, units


def test_children_are_those_in_care_placed_or_missing(imported: Import) -> None:
    """Whoever was looked after, placed or missing is a child of the export; another in ssd_person is left out. Care runs from its first
    episode to its last, and goes on while one has no end."""
    report, tables = imported(
        person=[
            {},
            {"pers_person_id": "P2", "pers_sex": "Male", "pers_ethnicity": "CHNE", "pers_dob": "17/03/2010"},
            {"pers_person_id": "known to us otherwise"},
        ],
        cla_episodes=[
            {"clae_cla_episode_start_date": "2023-01-01", "clae_cla_episode_ceased": "2024-01-10"},
            {},
            {"clae_person_id": "P2", "clae_cla_episode_ceased": "2024-03-01"},
            {"clae_person_id": "P2", "clae_cla_episode_start_date": "2024-03-01", "clae_cla_episode_ceased": "2024-04-01"},
        ],
    )
    assert tables["children"].drop("child_id").sort("birth_month").rows() == [
        (date(2009, 2, 1), "female", "White", date(2023, 1, 1), None),
        (date(2010, 3, 1), "male", "Asian", date(2024, 1, 10), date(2024, 4, 1)),
    ]
    assert ": 1." in said(report, "without an episode, a placement")


@pytest.mark.parametrize(
    ("place", "provider", "urn", "unit"),
    [
        ("K2", "PR4", "SC100001", ("URN-SC100001", "Children's home URN SC100001", "childrens_home", "private")),
        ("u4", "PR1", "", ("foster-PR1", "Foster carers, own provision", "foster", "own")),
        ("P1", "PR0", "", ("parents-PR0", "Placed with parents, parental provision", "parents", None)),
    ],
)
def test_units_are_made_as_of_the_return(imported: Import, place: str, provider: str, urn: str, unit: tuple) -> None:
    """Type, URN and provider make the units that they make of an SSDA903 return, in any letter case."""
    placement = {"clap_cla_placement_type": place, "clap_cla_placement_provider": provider, "clap_cla_placement_urn": urn}
    _, tables = imported(cla_placement=[placement])
    assert tables["units"].rows() == [unit]
    assert tables["placements"].select("unit_id", "started_on", "ended_on").rows() == [(unit[0], date(2024, 1, 10), None)]


def placement(number: int, start: str, end: str, **others: str) -> dict[str, str]:
    said = {"clap_cla_placement_id": f"L{number}", "clap_cla_placement_start_date": start, "clap_cla_placement_end_date": end}
    return said | {f"clap_cla_placement_{column}": value for column, value in others.items()}


def test_stays_are_made_as_of_the_return(imported: Import) -> None:
    """Rows that follow one another in one place are one stay, a temporary placement between two of them too; another postcode is a move."""
    rows = [
        placement(1, "2024-01-10", "2024-02-01"),
        placement(2, "2024-02-01", "2024-02-10", type="T1", urn="", postcode=""),
        placement(3, "2024-02-10", "2024-03-01"),
        placement(4, "2024-03-01", "2024-04-01", type="U4", postcode="ST3 3CC"),
        placement(5, "2024-04-01", "2024-05-01", type="U4", postcode="ST4 4DD"),
        placement(6, "2024-05-01", "", type="T0", urn=""),
        placement(6, "2024-05-01", "", type="K1"),
    ]
    report, tables = imported(cla_placement=rows)
    assert tables["placements"].sort("started_on").drop("child_id").rows() == [
        ("URN-SC100001", date(2024, 1, 10), date(2024, 3, 1)),
        ("URN-SC100001", date(2024, 3, 1), date(2024, 4, 1)),
        ("URN-SC100001", date(2024, 4, 1), date(2024, 5, 1)),
        ("other-PR4", date(2024, 5, 1), None),
    ]
    assert ": 1." in said(report, "Temporary placements")
    assert found(report, "clap_cla_placement_id twice").examples == ("row 8",)


@pytest.mark.parametrize(
    ("rows", "rule", "example"),
    [
        ([placement(1, "", "")], "no child or start", "row 2"),
        ([placement(1, "2024-01-10", "soon")], "end not readable", "row 2"),
        ([placement(1, "2024-01-10", "2024-01-01")], "end before start", "row 2"),
        ([placement(1, "2024-01-10", "", type="Y9")], "placement type not known", "row 2"),
        ([placement(1, "2024-01-10", "", urn="XXXXXXX")], "no URN", "row 2"),
        ([{}, placement(2, "2024-02-10", "", type="K1")], "placements overlap", "row 3"),
    ],
)
def test_rules_of_placements(imported: Import, rows: Rows, rule: str, example: str) -> None:
    """What is odd of a placement is counted with its row of the file."""
    report, _ = imported(cla_placement=rows)
    assert [one.examples for one in report.rules if one.rule == rule and one.file == "ssd_cla_placement.csv"] == [(example,)]


# Files


def test_files_are_read_in_any_letter_case_and_as_parquet(tmp_path: Path) -> None:
    """SSD_MISSING.CSV with columns in capitals, and Parquet with typed columns, give the export that plain CSV gives."""
    write_dataset(tmp_path / "plain" / "ssd", missing=[{}], **WHOLE)
    (tmp_path / "key").mkdir()
    (tmp_path / "key" / "pseudonym.key").write_bytes(bytes(32))
    for kind in ("capitals", "parquet"):
        (tmp_path / kind / "ssd").mkdir(parents=True)
        for path in (tmp_path / "plain" / "ssd").iterdir():
            frame = pl.read_csv(path, infer_schema=False)
            if kind == "capitals":
                frame.rename(str.upper).write_csv(tmp_path / kind / "ssd" / path.name.upper())
            else:
                times, days = pl.col("^miss_.*_date$"), pl.col("^pers_dob|clap_.*_date|clae_.*_start_date$")
                typed = frame.with_columns(times.str.to_datetime(), days.str.to_date("%Y-%m-%d", strict=False))
                typed.write_parquet(tmp_path / kind / "ssd" / f"{path.stem}.parquet")
    exports = []
    for kind in ("plain", "capitals", "parquet"):
        report = import_ssd(tmp_path / kind / "ssd", tmp_path / kind / "export", tmp_path / "key" / "pseudonym.key")
        exports.append([pl.read_parquet(tmp_path / kind / "export" / f"{name}.parquet").rows() for name in report.rows_out])
    assert exports[0] == exports[1] == exports[2]


def test_what_is_not_the_dataset_is_refused(imported: Import, tmp_path: Path) -> None:
    """No ssd_missing, one twice, a missing column, and an export into the dataset's own folder are refused by name."""
    with pytest.raises(Refusal, match="is not a folder"):
        import_dataset(tmp_path)
    (tmp_path / "ssd").mkdir()
    with pytest.raises(Refusal, match=r"has no ssd_missing\.csv"):
        import_dataset(tmp_path)
    imported()
    with pytest.raises(Refusal, match="holds what is to be imported"):
        import_ssd(tmp_path / "ssd", tmp_path / "ssd", tmp_path / "key" / "pseudonym.key")
    (tmp_path / "ssd" / "ssd_missing.parquet").touch()
    with pytest.raises(Refusal, match=r"holds both ssd_missing\.csv and ssd_missing\.parquet"):
        import_dataset(tmp_path)
    (tmp_path / "ssd" / "ssd_missing.parquet").unlink()
    (tmp_path / "ssd" / "ssd_missing.csv").write_text("miss_table_id,miss_person_id\n1,2\n")
    with pytest.raises(Refusal, match=r"ssd_missing\.csv has no column miss_missing_episode_type"):
        import_dataset(tmp_path)


def test_import_by_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says the rows, the rules that some break, what was assumed and what the check finds; steps go to the error stream."""
    monkeypatch.setattr("dashboard.exports.imports.ssd.default_key_file", lambda: tmp_path / "key" / "pseudonym.key")
    write_dataset(tmp_path / "ssd", missing=numbered([{}, spell(end="2024-05-03 22:00", miss_person_id="P2")]), **WHOLE)
    done = CliRunner().invoke(main, ["import", "ssd", str(tmp_path / "ssd"), str(tmp_path / "export")])
    assert done.exit_code == 0
    assert "episodes: 2 rows" in done.stdout
    assert "ssd_missing.csv, end before start: 1 row, e.g. row 3. The episode ends before it starts." in done.stdout
    assert "no child" not in done.stdout
    assert "Interviews offered and accepted: 2." in done.stdout
    assert "The export is good" in done.stdout
    assert done.stderr.startswith("Reading ssd_missing.csv …\n")
