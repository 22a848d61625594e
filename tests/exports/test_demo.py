"""The invented export: what it must be like to be believed, and the stories that it must tell."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from dashboard.exports import contract
from dashboard.exports.calendar import sun_and_bank_holidays
from dashboard.exports.demo import DEFAULT_SEED, REASONS, demo_tables, write_demo
from dashboard.exports.demo.interviews import LATE_REASONS
from dashboard.exports.write import sha256
from dashboard.resources import DEMO
from dashboard.settings import Reasons

FIRST, LAST = date(2021, 7, 1), date(2026, 6, 30)
YEAR = (date(2025, 7, 1), date(2026, 6, 30))
QUARTER = (date(2026, 1, 1), date(2026, 3, 31))
LATEST_QUARTER = (date(2026, 4, 1), date(2026, 6, 30))
RECORDING_CHANGED = date(2023, 7, 1)

DTYPES = {
    contract.Kind.TEXT: pl.String(),
    contract.Kind.BOOLEAN: pl.Boolean(),
    contract.Kind.INTEGER: pl.Int64(),
    contract.Kind.NUMBER: pl.Float64(),
    contract.Kind.DATE: pl.Date(),
    contract.Kind.INSTANT: pl.Datetime("us", "UTC"),
    contract.Kind.INSTANT_OR_DATE: pl.Datetime("us", "UTC"),
    contract.Kind.TEXT_LIST: pl.List(pl.String()),
}

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="module")
def demo() -> Tables:
    """The embedded demo as it lies in the repository."""
    return {table.name: pl.read_parquet(DEMO / table.file_name) for table in contract.TABLES}


@pytest.fixture(scope="module")
def region() -> Tables:
    """Two years of the county and eight authorities more: enough that chance hides little."""
    return demo_tables(seed=11, first_day=date(2023, 1, 1), last_day=date(2024, 12, 31), authorities=9)


def went(tables: Tables, first: date = FIRST, last: date = LAST) -> pl.DataFrame:
    """Episodes that began on these days, with the local date and hour of the start, the unit's kind and the child's facts."""
    local = pl.col("started_at").dt.convert_time_zone(contract.LOCAL_TIME)
    return (
        tables["episodes"]
        .with_columns(on=local.dt.date(), hour=local.dt.hour(), hours=(pl.col("ended_at") - pl.col("started_at")).dt.total_minutes() / 60)
        .filter(pl.col("on").is_between(first, last))
        .join(tables["units"].select("unit_id", "kind", "in_area"), on="unit_id", how="left", maintain_order="left")
        .join(
            tables["children"].select("child_id", "birth_month", "sex", "responsible_authority"),
            on="child_id",
            how="left",
            maintain_order="left",
        )
    )


def nights(tables: Tables, first: date = FIRST, last: date = LAST) -> pl.DataFrame:
    """Nights in placement on these days: child_id, unit_id, kind, nights."""
    after = last + timedelta(1)
    spent = pl.min_horizontal(pl.col("ended_on").fill_null(after), after) - pl.max_horizontal("started_on", first)
    return (
        tables["placements"]
        .with_columns(nights=spent.dt.total_days().clip(0))
        .join(tables["units"].select("unit_id", "kind"), on="unit_id")
        .group_by("child_id", "unit_id", "kind")
        .agg(pl.col("nights").sum())
    )


def held_within(tables: Tables, hours: float) -> pl.DataFrame:
    """Each ended episode with the first interview that covers it: due (not `not_required`), held and in time."""
    first = tables["return_interviews"].group_by("episode_id").agg(pl.col("held_at").min(), pl.col("offered").first())
    in_time = pl.col("held_at") - pl.col("ended_at") <= timedelta(hours=hours)
    return (
        went(tables)
        .filter(pl.col("ended_at").is_not_null())
        .join(first, on="episode_id", how="left")
        .filter(pl.col("offered").ne_missing("not_required"))
        .with_columns(in_time=in_time.fill_null(False))
    )


class TestTheExport:
    def test_the_embedded_demo_is_what_the_generator_writes(self, demo: Tables) -> None:
        """data/demo is the output of the command in its README, row by row."""
        again = demo_tables(seed=DEFAULT_SEED, first_day=FIRST, last_day=LAST)
        for name, frame in demo.items():
            assert_frame_equal(frame, again[name], check_exact=True)

    def test_the_manifest_agrees_with_the_files(self) -> None:
        """The manifest says synthetic, the days covered, and each file's rows and sha256."""
        said = json.loads((DEMO / contract.MANIFEST).read_text(encoding="utf-8"))
        assert said["synthetic"] is True
        assert said["covers"] == {"from": "2021-07-01", "to": "2026-06-30"}
        assert said["exported_at"] == "2026-07-01T05:00:00+00:00"
        assert set(said["files"]) == {table.file_name for table in contract.TABLES}
        for name, of_file in said["files"].items():
            assert of_file["sha256"] == sha256(DEMO / name)
            assert of_file["rows"] == pl.read_parquet(DEMO / name).height

    def test_it_is_small(self) -> None:
        """The embedded demo weighs under 3 MB."""
        assert sum(file.stat().st_size for file in DEMO.iterdir()) < 3_000_000

    @pytest.mark.parametrize("table", contract.TABLES, ids=lambda table: table.name)
    def test_columns_are_the_contracts(self, table: contract.Table, demo: Tables, region: Tables) -> None:
        """Every table has every column of the contract, in order, of its type, and no null where one is required."""
        for tables in (demo, region):
            frame = tables[table.name]
            assert dict(frame.schema) == {column.name: DTYPES[column.kind] for column in table.columns}
            for column in table.columns:
                assert not column.required or frame[column.name].null_count() == 0
            for name in table.unique:
                assert frame[name].is_unique().all()

    def test_codes_are_known(self, demo: Tables, region: Tables) -> None:
        """Codes are the contract's and the settings', but for the few that the demo spoils on purpose."""
        for tables in (demo, region):
            for table in contract.TABLES:
                for column in (column for column in table.columns if column.codes):
                    known = {*column.codes, *(spelling for spelling, _ in column.also_read_as)}
                    assert set(tables[table.name][column.name].drop_nulls()) - known <= {"bus_station"}
            given = set(tables["return_interviews"]["reasons"].explode().drop_nulls())
            assert given == {code for codes in REASONS.values() for code in codes}
            assert set(tables["return_interviews"]["late_reason"].drop_nulls()) == set(LATE_REASONS)
        assert Reasons().model_dump() == REASONS

    def test_the_same_arguments_write_the_same_bytes(self, tmp_path: Path) -> None:
        """Given one seed, when two exports are written, then their manifests, hashes and all, are equal; another seed's differs."""
        said = []
        for name, seed in (("one", 5), ("two", 5), ("three", 6)):
            write_demo(tmp_path / name, seed=seed, first_day=date(2025, 3, 1), last_day=date(2025, 4, 30), authorities=3)
            said.append((tmp_path / name / contract.MANIFEST).read_text(encoding="utf-8"))
        assert said[0] == said[1]
        assert json.loads(said[0])["files"] != json.loads(said[2])["files"]

    @pytest.mark.parametrize(
        ("first", "last"),
        [
            (date(2025, 3, 1), date(2025, 4, 30)),
            (date(2025, 3, 30), date(2025, 3, 30)),
            (date(2019, 5, 17), date(2020, 11, 3)),
        ],
    )
    def test_any_days_will_do(self, tmp_path: Path, first: date, last: date) -> None:
        """Two months, a single day (that the clocks change on) and days in mid-month give an export that speaks of these days alone."""
        write_demo(tmp_path, seed=4, first_day=first, last_day=last)
        tables = {table.name: pl.read_parquet(tmp_path / table.file_name) for table in contract.TABLES}
        end = datetime.combine(last + timedelta(1), time(), ZoneInfo(contract.LOCAL_TIME)).astimezone(UTC)
        assert went(tables, first, last).height == tables["episodes"].height > 0
        for table in contract.TABLES:
            for column in table.columns:
                if DTYPES[column.kind] == pl.Datetime("us", "UTC"):
                    assert tables[table.name].filter(pl.col(column.name) >= end).height == 0, column.name
        assert tables["placements"].filter((pl.col("ended_on") > last) | (pl.col("started_on") > last)).height == 0
        assert tables["events"].filter(~pl.col("happened_on").is_between(first, last)).height == 0
        ours = tables["children"].filter(pl.col("responsible_authority").is_null())
        assert 1_550 < ours.height < 3_000

    def test_no_day_is_refused(self) -> None:
        """Days that end before they begin, or no authority at all, are an error."""
        with pytest.raises(ValueError, match="a day and an authority"):
            write_demo(Path("nowhere"), first_day=date(2025, 2, 1), last_day=date(2025, 1, 1))

    def test_the_county_is_the_same_however_many_follow(self, region: Tables) -> None:
        """The first authority of a region is the county alone; ids are unique, and all others' children are a region's own."""
        alone = demo_tables(seed=11, first_day=date(2023, 1, 1), last_day=date(2024, 12, 31))
        for name, frame in alone.items():
            assert_frame_equal(frame, region[name].head(frame.height))
        others = region["children"].slice(alone["children"].height)
        assert others["responsible_authority"].null_count() == others.height > 10_000
        assert alone["children"]["responsible_authority"].drop_nulls().len() > 0


class TestHousekeeping:
    def test_homes_hold_no_more_children_than_beds(self, demo: Tables) -> None:
        """On no night are there more children in a home than it has beds, nor any before it opens or after it closes."""
        homes = demo["units"].filter(pl.col("kind").is_in(["childrens_home", "secure_home"]))
        stays = demo["placements"].join(homes, on="unit_id").filter(pl.col("ended_on").fill_null(date.max) > FIRST)
        came = stays.select("unit_id", "beds", on="started_on", change=1)
        left = stays.drop_nulls("ended_on").select("unit_id", "beds", on="ended_on", change=-1)
        there = (
            pl.concat([came, left])
            .group_by("unit_id", "beds", "on")
            .agg(pl.col("change").sum())
            .sort("on")
            .with_columns(children=pl.col("change").cum_sum().over("unit_id"))
        )
        assert there.filter(pl.col("children") > pl.col("beds")).height == 0
        assert stays.filter((pl.col("started_on") < pl.col("opened_on")) | (pl.col("ended_on") > pl.col("closed_on"))).height == 0

    def test_placements_do_not_overlap(self, demo: Tables) -> None:
        """A child is in one placement at a time, within the days looked after, and looked after to the last of them."""
        stays = demo["placements"].sort("child_id", "started_on").join(demo["children"], on="child_id", maintain_order="left")
        following = pl.col("started_on").shift(-1).over("child_id")
        assert stays.filter(pl.col("ended_on").fill_null(date.max) > following).height == 0
        assert stays.filter(pl.col("started_on") < pl.col("looked_after_from")).height == 0
        last = stays.group_by("child_id").last()
        assert last.filter(pl.col("ended_on").ne_missing(pl.col("looked_after_to"))).height == 0

    def test_units_are_where_children_were_placed(self, demo: Tables) -> None:
        """The unit of an episode is the one where the child was placed that day, but for two spoiled on purpose."""
        placed = went(demo).join(demo["placements"], on="child_id", suffix="_placed")
        there = placed.filter(
            (pl.col("started_on") <= pl.col("on")) & (pl.col("on") < pl.col("ended_on").fill_null(date.max)),
            pl.col("unit_id") == pl.col("unit_id_placed"),
        )
        assert there.height == demo["episodes"].height - 2

    def test_blemishes_are_few(self, demo: Tables) -> None:
        """Two or three rows each: ends before starts, overlaps, long open, in no placement, unknown codes, far away, odd interviews."""
        episodes = demo["episodes"].sort("child_id", "started_at")
        known = set(episodes["episode_id"])
        following = pl.col("started_at").shift(-1).over("child_id")
        assert episodes.filter(pl.col("ended_at") < pl.col("started_at")).height == 2
        assert episodes.filter(pl.col("ended_at") > following).height == 2
        open_for = pl.lit(LAST) - pl.col("started_at").dt.date()
        assert 2 <= episodes.filter(pl.col("ended_at").is_null() & (open_for > timedelta(28))).height <= 4
        assert 4 <= episodes["ended_at"].null_count() <= 9
        assert episodes["unit_id"].null_count() == 2
        assert episodes.filter(pl.col("found_place") == "bus_station").height == 3
        assert episodes.filter(pl.col("risk") == "no_apparent_risk").height == 3
        assert episodes.filter(pl.col("found_latitude") == 0).height == 1
        interviews = demo["return_interviews"].join(episodes, on="episode_id", how="left")
        assert 2 <= interviews.filter(pl.col("held_at") < pl.col("ended_at")).height <= 4
        assert len(set(interviews["episode_id"]) - known) == 1

    def test_the_latest_weeks_are_still_being_recorded(self, demo: Tables) -> None:
        """Interviews are pending in the last four weeks alone."""
        pending = demo["return_interviews"].filter(outcome="pending").join(demo["episodes"], on="episode_id")
        assert 5 < pending.height < 60
        assert pending.filter(pl.col("ended_at").dt.date() < LAST - timedelta(31)).height == 0


class TestCalibration:
    def test_children(self, demo: Tables) -> None:
        """About 1,700 looked after on any day, 5,000 to 6,000 in five years, one in seventeen unaccompanied, all five ethnic groups."""
        ours = demo["children"].filter(pl.col("responsible_authority").is_null())
        for day in (FIRST, date(2023, 6, 1), LAST):
            there = ours.filter(pl.col("looked_after_from") <= day, pl.col("looked_after_to").fill_null(date.max) >= day)
            assert 1_580 < there.height < 1_820
            assert there["uasc"].mean() == pytest.approx(0.06, abs=0.02)
        assert 5_000 < ours.height < 6_000
        assert ours["ethnicity"].n_unique() == 6
        assert 0 < (demo["children"].height - ours.height) < 60

    @pytest.mark.parametrize(
        ("kind", "low", "high"), [("foster", 0.55, 0.85), ("childrens_home", 7.0, 11.0), ("supported", 10.8, 14.0), ("parents", 0.4, 1.0)]
    )
    def test_rates_by_kind_of_setting(self, demo: Tables, region: Tables, kind: str, low: float, high: float) -> None:
        """Missing episodes per 1,000 placement nights are near England's: foster 0.7, homes 8.6, supported 12.3, parents 0.7."""
        for tables, first, last in ((demo, FIRST, LAST), (region, date(2023, 1, 1), date(2024, 12, 31))):
            episodes = went(tables, first, last).filter(category="missing", kind=kind).height
            assert low < 1000 * episodes / nights(tables, first, last).filter(kind=kind)["nights"].sum() < high

    @pytest.mark.parametrize("year", [2021, 2022, 2023, 2024, 2025])
    def test_children_who_go(self, demo: Tables, year: int) -> None:
        """Each year 7 to 9% of children go missing, about six times each, three in five again, a tenth of them with two fifths."""
        first, last = date(year, 7, 1), date(year + 1, 6, 30)
        ours = demo["children"].filter(pl.col("responsible_authority").is_null())
        looked_after = ours.filter(pl.col("looked_after_from") <= last, pl.col("looked_after_to").fill_null(date.max) >= first).height
        of_child = (
            went(demo, first, last)
            .filter(pl.col("responsible_authority").is_null(), category="missing")
            .group_by("child_id")
            .len()["len"]
            .sort(descending=True)
        )
        assert 0.068 < of_child.len() / looked_after < 0.092
        assert 4.6 < of_child.mean() < 6.8
        assert 0.56 < (of_child > 1).mean() < 0.69
        assert 0.34 < of_child.head(-(-of_child.len() // 10)).sum() / of_child.sum() < 0.48

    def test_first_repeats_come_soon(self, demo: Tables) -> None:
        """Over half of first repeats come within four weeks of the return."""
        ordered = demo["episodes"].sort("child_id", "started_at")
        first_two = ordered.group_by("child_id").agg(pl.col("ended_at").first(), again=pl.col("started_at").get(1, null_on_oob=True))
        repeated = first_two.drop_nulls()
        assert ((repeated["again"] - repeated["ended_at"]) <= timedelta(28)).mean() > 0.5

    def test_lengths(self, demo: Tables) -> None:
        """Three quarters to four fifths end within a day, 8% last three to seven days, half a per cent over thirty."""
        hours = went(demo)["hours"].drop_nulls()
        assert 0.74 < (hours < 24).mean() < 0.83
        assert 0.05 < hours.is_between(72, 168).mean() < 0.10
        assert 0.001 < (hours > 720).mean() < 0.012

    def test_ages_and_sex(self, demo: Tables) -> None:
        """More than half of episodes are of 16 and 17 year olds, hardly any under ten; 56% of children who go are boys."""
        missing = went(demo).filter(category="missing")
        age = (missing["on"] - missing["birth_month"]).dt.total_days() / 365.25
        assert 0.50 < (age >= 16).mean() < 0.62
        assert (age < 10).mean() < 0.005
        assert 0.52 < (missing.unique("child_id")["sex"] == "male").mean() < 0.60

    def test_clock_and_week(self, demo: Tables) -> None:
        """The two hours with most are between 20:00 and 01:00; Fridays and Saturdays lead."""
        by_hour = went(demo).group_by("hour").len().sort("len", descending=True)["hour"].to_list()
        assert set(by_hour[:4]) <= {20, 21, 22, 23, 0}
        assert set(by_hour[-4:]) <= {2, 3, 4, 5, 6, 7}
        by_weekday = went(demo).group_by(pl.col("on").dt.weekday()).len().sort("len", descending=True)["on"].to_list()
        assert set(by_weekday[:2]) == {5, 6}

    def test_risk_and_police(self, demo: Tables) -> None:
        """Risk mix as Thames Valley's; the police are called for most who are missing, few who are away, after minutes to hours."""
        episodes = went(demo)
        missing, away = episodes.filter(category="missing"), episodes.filter(category="away")
        for risk, share in (("high", 0.16), ("medium", 0.68), ("low", 0.13), ("very_low", 0.03)):
            assert (missing["risk"].drop_nulls() == risk).mean() == pytest.approx(share, abs=0.025)
        assert 0.75 < missing["police_called"].mean() < 0.9
        assert away["police_called"].mean() < 0.25
        delay = (missing["police_called_at"] - missing["started_at"]).dt.total_minutes().drop_nulls()
        assert delay.min() > 0
        assert 30 < delay.median() < 150
        assert away["reclassified_at"].drop_nulls().len() > 20

    def test_police_calls(self, demo: Tables) -> None:
        """64% of calls are about missing children (Suffolk 2018); most name the episode and stand at its time; some match nothing."""
        calls, episodes = demo["police_calls"], demo["episodes"]
        about = calls.filter(reason="missing")
        assert about.height / calls.height == pytest.approx(0.64, abs=0.01)
        matched = about.join(episodes, on="episode_id")
        assert (matched["called_at"] == matched["police_called_at"]).all()
        assert (matched["unit_id"] == matched["unit_id_right"]).all()
        assert 0.01 < 1 - matched.height / about.height < 0.08
        called = episodes.filter(pl.col("police_called_at").is_not_null())
        assert 0.02 < 1 - matched.height / called.height < 0.10

    def test_interviews(self, demo: Tables) -> None:
        """63% of interviews that are due are held within 72 hours; every outcome occurs; some cover several episodes."""
        assert held_within(demo, 72)["in_time"].mean() == pytest.approx(0.63, abs=0.03)
        interviews = demo["return_interviews"]
        assert set(interviews["outcome"].drop_nulls()) == {"completed", "declined", "not_held", "pending"}
        assert set(interviews["offered"]) == {"yes", "no", "not_required"}
        assert 0.7 < (interviews["interviewer"].drop_nulls() == "independent").mean() < 0.9
        of_interview = interviews.group_by("interview_id").len()["len"]
        assert 0.01 < (of_interview > 1).mean() < 0.12

    def test_found_places(self, demo: Tables) -> None:
        """Most ended episodes have a place, in or around the towns of the base map; some have none."""
        found = demo["episodes"].filter(pl.col("ended_at").is_not_null())
        assert 0.1 < found["found_latitude"].is_null().mean() < 0.35
        places = found.filter(pl.col("found_latitude") > 1)
        assert places["found_latitude"].is_between(52.2, 53.6).all()
        assert places["found_longitude"].is_between(-2.95, -1.2).all()


class TestStories:
    def test_five_young_people(self, demo: Tables) -> None:
        """One home has 105 absences by exactly five young people in a quarter, far outside what its own past months say."""
        in_quarter = went(demo, *QUARTER).group_by("unit_id").agg(pl.len().alias("absences"), pl.col("child_id").n_unique())
        (unit,) = in_quarter.filter(absences=105, child_id=5)["unit_id"]
        assert nights(demo, *QUARTER).filter(unit_id=unit)["nights"].sum() >= 500
        months = pl.date_range(RECORDING_CHANGED, date(2026, 3, 1), "1mo", eager=True).alias("month").to_frame()
        of_month = went(demo, RECORDING_CHANGED, QUARTER[1]).filter(unit_id=unit).group_by(month=pl.col("on").dt.month_start()).len()
        counts = months.join(of_month, on="month", how="left").fill_null(0)["len"].cast(pl.Int64)
        past, story = counts.head(-3), counts.tail(3)
        limit = past.mean() + 2.66 * past.diff().abs().mean()
        assert past.len() >= 12
        assert past.max() <= limit + 1
        assert story.min() > limit
        assert counts.mean() >= 5

    def test_one_child(self, demo: Tables) -> None:
        """A home's rate in the latest year is several times that of homes, and ordinary without its busiest child."""
        of_child = went(demo, *YEAR).filter(kind="childrens_home").group_by("unit_id", "child_id").len()
        spent = nights(demo, *YEAR).filter(kind="childrens_home")
        rates = (
            spent.join(of_child, on=["unit_id", "child_id"], how="left")
            .with_columns(pl.col("len").fill_null(0))
            .sort("len", descending=True)
            .group_by("unit_id")
            .agg(
                rate=1000 * pl.col("len").sum() / pl.col("nights").sum(),
                without=1000 * pl.col("len").slice(1).sum() / pl.col("nights").slice(1).sum(),
                share=pl.col("len").first() / pl.col("len").sum(),
            )
        )
        (story,) = rates.filter(pl.col("share") > 0.7, pl.col("rate") > 25, pl.col("without") < 10, pl.col("unit_id") == "H04")["rate"]
        assert story > 3 * 8.6

    def test_a_pair(self, demo: Tables) -> None:
        """Two children of one home leave within a quarter of an hour of each other, again and again, far more often than any others."""
        starts = went(demo).select("child_id", "unit_id", "started_at")
        pairs = (
            starts.join(starts, on="unit_id", suffix="_other")
            .filter(
                pl.col("child_id") < pl.col("child_id_other"),
                (pl.col("started_at") - pl.col("started_at_other")).abs() <= timedelta(minutes=15),
            )
            .group_by("child_id", "child_id_other", "unit_id")
            .len()
            .sort("len", descending=True)
        )
        assert pairs["len"][0] >= 12
        assert pairs["len"][1] <= pairs["len"][0] / 2

    def test_light_evenings(self, demo: Tables, region: Tables) -> None:
        """A quarter more episodes on days with sunset after 20:00 than before 17:00, in months that stay mild."""
        for tables, first, last in ((demo, FIRST, LAST), (region, date(2023, 1, 1), date(2024, 12, 31))):
            per_day = went(tables, first, last).group_by("on").len()
            day = sun_and_bank_holidays(first, last, 52.85, -2.05).join(per_day, left_on="date", right_on="on", how="left").fill_null(0)
            light, dark = (day.filter(which)["len"].mean() for which in (pl.col("sunset") > 20, pl.col("sunset") < 17))
            assert light / dark == pytest.approx(1.25, abs=0.1)
        of_month = went(demo).group_by(pl.col("on").dt.month()).agg(pl.len() / pl.col("on").dt.days_in_month().first())["len"]
        assert of_month.min() / of_month.mean() > 0.8
        assert of_month.max() / of_month.mean() < 1.2

    def test_a_new_place(self, demo: Tables) -> None:
        """In the latest quarter three in ten active children are found around one town where nearly nobody was in the four before."""
        crewe = (pl.col("found_latitude") - 53.097).abs() + (pl.col("found_longitude") + 2.43).abs() < 0.05
        active = went(demo, *LATEST_QUARTER)["child_id"].n_unique()
        found = went(demo, *LATEST_QUARTER).filter(crewe)["child_id"].n_unique()
        assert found >= 9
        assert found / active == pytest.approx(0.3, abs=0.05)
        assert went(demo, date(2025, 4, 1), date(2026, 3, 31)).filter(crewe)["child_id"].n_unique() <= 2

    def test_calls_though_whereabouts_are_known(self, demo: Tables) -> None:
        """One home calls the police for most of its away episodes, knowing where the children are; nobody else does for many."""
        away = (
            went(demo, *YEAR)
            .filter(category="away")
            .group_by("unit_id")
            .agg(pl.len(), both=(pl.col("police_called") & pl.col("whereabouts_known")).mean())
            .filter(pl.col("len") >= 10)
            .sort("both", descending=True)
        )
        assert away["both"][0] > 0.7
        assert away["len"][0] >= 15
        assert away["both"][1] < 0.5

    def test_foster_care_reports_low(self, demo: Tables) -> None:
        """Foster care has most of the nights and a far smaller share of the episodes."""
        episodes, spent = went(demo, *YEAR), nights(demo, *YEAR)
        share_of_nights = spent.filter(kind="foster")["nights"].sum() / spent["nights"].sum()
        share_of_episodes = episodes.filter(kind="foster").height / episodes.height
        assert share_of_nights > 0.7
        assert share_of_episodes < 0.45

    def test_interviews_late_in_one_unit(self, demo: Tables) -> None:
        """In one unit most interviews that are held come after 72 hours; in every other with as many, most come before."""
        shares = (
            held_within(demo, 72)
            .filter(pl.col("held_at").is_not_null())
            .group_by("unit_id")
            .agg(pl.len(), pl.col("in_time").mean())
            .filter(pl.col("len") >= 30)
            .sort("in_time")
        )
        assert shares["in_time"][0] < 0.3
        assert shares["in_time"][1] > 0.5
        assert shares["len"][0] >= 100

    def test_the_recording_change(self, demo: Tables) -> None:
        """From the day of the `rebase` event `away` is recorded, hardly ever before, and counts step up."""
        (event,) = demo["events"].filter("rebase").rows(named=True)
        assert (event["happened_on"], event["unit_id"]) == (RECORDING_CHANGED, None)
        before = went(demo, RECORDING_CHANGED - timedelta(365), RECORDING_CHANGED - timedelta(1))
        after = went(demo, RECORDING_CHANGED, RECORDING_CHANGED + timedelta(364))
        assert (before["category"] == "away").mean() < 0.03
        assert 0.12 < (after["category"] == "away").mean() < 0.28
        assert 1.12 < after.height / before.height < 1.5

    def test_a_home_opens_and_a_home_closes(self, demo: Tables) -> None:
        """One home opens and one closes in the period, and each has its event."""
        opened = demo["units"].filter(pl.col("opened_on") > FIRST).select("unit_id", "opened_on")
        closed = demo["units"].drop_nulls("closed_on").select("unit_id", "closed_on")
        assert (opened.height, closed.height) == (1, 1)
        assert {*opened.rows(), *closed.rows()} <= set(demo["events"].select("unit_id", "happened_on").rows())
        homes = demo["units"].filter(kind="childrens_home")
        assert 12 <= homes.height <= 16
        assert homes["beds"].is_between(3, 6).all()
        assert 1 <= (~homes["in_area"]).sum() <= 4
        assert np.isfinite(demo["units"]["latitude"].to_numpy()).all()
