"""What an export is: its tables and columns, version 1 of the contract.

An export is a folder of Parquet files. `episodes` is all that is required; whatever else is missing takes
away only the figures that need it. The check, the opening of the tables, the importers, the demo and the
Data quality page all read the contract from here; docs/export-contract.md says the same in prose.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

VERSION = 1
MANIFEST = "manifest.json"
# What an importer says of its work, beside the export that it made.
REPORT_FILES = ("import-report.html", "import-report.json")
LOCAL_TIME = "Europe/London"

CATEGORIES = ("missing", "away")


class Kind(Enum):
    """What a column may hold, in the words that a finding of the check uses."""

    TEXT = "text"
    BOOLEAN = "true or false"
    INTEGER = "a whole number"
    NUMBER = "a number"
    DATE = "a date"
    INSTANT = "a date with a time"
    INSTANT_OR_DATE = "a date, with or without a time"
    TEXT_LIST = "a list of text"


@dataclass(frozen=True)
class Column:
    """One column: its name, what it may hold and what it means.

    `codes` are the values with a known meaning; another value is kept and shown as "other: VALUE".
    `also_read_as` maps older spellings of a code to the one used here. `null_means` is set where an empty
    cell is itself an answer, so that a column with no value at all still counts as given.
    """

    name: str
    kind: Kind
    meaning: str
    required: bool = False
    codes: tuple[str, ...] = ()
    also_read_as: tuple[tuple[str, str], ...] = ()
    null_means: str = ""


@dataclass(frozen=True)
class Table:
    """One table: a Parquet file called `NAME.parquet`, what one row of it is, and its columns."""

    name: str
    row: str
    columns: tuple[Column, ...]
    required: bool = False
    unique: tuple[str, ...] = ()

    @property
    def file_name(self) -> str:
        return f"{self.name}.parquet"

    def column(self, name: str) -> Column:
        """The column of that name; KeyError where the contract has none."""
        return {column.name: column for column in self.columns}[name]


TABLES: tuple[Table, ...] = (
    Table(
        "episodes",
        "one time that a child went missing or was away without authorisation",
        (
            Column("episode_id", Kind.TEXT, "identifies the episode", required=True),
            Column("child_id", Kind.TEXT, "the child's pseudonym, stable across exports", required=True),
            Column(
                "category",
                Kind.TEXT,
                "missing: whereabouts not known; away: away from placement without authorisation",
                required=True,
                codes=CATEGORIES,
            ),
            Column("started_at", Kind.INSTANT_OR_DATE, "when the child left or was last seen", required=True),
            Column("ended_at", Kind.INSTANT_OR_DATE, "when the child returned or was found", null_means="still open at the export's end"),
            Column("unit_id", Kind.TEXT, "where the child was placed when it began", null_means="found from placements"),
            Column("whereabouts_known", Kind.BOOLEAN, "whether staff knew where the child was when deciding to report"),
            Column(
                "risk",
                Kind.TEXT,
                "risk as agreed with the police",
                codes=("very_low", "low", "medium", "high"),
                also_read_as=(("no_apparent_risk", "very_low"), ("absent", "very_low")),
            ),
            Column("police_called", Kind.BOOLEAN, "whether the episode was reported to the police"),
            Column("police_called_at", Kind.INSTANT, "when the police were called"),
            Column("reclassified_at", Kind.INSTANT, "when an absence became a missing report"),
            Column("police_checked_at", Kind.INSTANT, "the police prevention interview after return"),
            Column("last_seen_latitude", Kind.NUMBER, "WGS 84 degrees"),
            Column("last_seen_longitude", Kind.NUMBER, "WGS 84 degrees"),
            Column("found_latitude", Kind.NUMBER, "WGS 84 degrees"),
            Column("found_longitude", Kind.NUMBER, "WGS 84 degrees"),
            Column(
                "found_place",
                Kind.TEXT,
                "the kind of place where the child was found",
                codes=(
                    "family_home",
                    "friend",
                    "partner",
                    "care_leaver_flat",
                    "town_centre",
                    "transport",
                    "unit",
                    "outdoors",
                    "custody",
                    "hospital",
                    "other",
                ),
            ),
            Column("found_by", Kind.TEXT, "who found the child", codes=("own_accord", "staff", "police", "family", "other")),
            Column("exploitation_concern", Kind.BOOLEAN, "whether exploitation was a concern"),
            Column("harm_disclosed", Kind.BOOLEAN, "whether the child disclosed harm"),
        ),
        required=True,
        unique=("episode_id",),
    ),
    Table(
        "return_interviews",
        "one return interview and one episode that it covers",
        (
            Column("interview_id", Kind.TEXT, "identifies the interview; on several rows it covers several episodes", required=True),
            Column("episode_id", Kind.TEXT, "the episode that it covers", required=True),
            Column("offered", Kind.TEXT, "whether it was offered", required=True, codes=("yes", "no", "not_required")),
            Column("offered_at", Kind.INSTANT_OR_DATE, "when it was offered"),
            Column("outcome", Kind.TEXT, "what became of it", codes=("completed", "declined", "not_held", "pending")),
            Column("held_at", Kind.INSTANT_OR_DATE, "when it was held", null_means="not held"),
            Column(
                "interviewer",
                Kind.TEXT,
                "who held it",
                codes=("independent", "social_worker", "unit_staff", "police", "other"),
            ),
            Column("reasons", Kind.TEXT_LIST, "codes of the reasons that the child gave"),
            Column("late_reason", Kind.TEXT, "code of the reason why it was late"),
            Column("follow_up", Kind.BOOLEAN, "whether it led to help or a change of plan"),
        ),
    ),
    Table(
        "placements",
        "one stay of a child in a unit",
        (
            Column("child_id", Kind.TEXT, "the child's pseudonym", required=True),
            Column("unit_id", Kind.TEXT, "the unit", required=True),
            Column("started_on", Kind.DATE, "the first day there", required=True),
            Column("ended_on", Kind.DATE, "the day of leaving", null_means="still there"),
        ),
    ),
    Table(
        "units",
        "one home, foster area or other setting",
        (
            Column("unit_id", Kind.TEXT, "identifies the unit", required=True),
            Column("name", Kind.TEXT, "what people call it", required=True),
            Column(
                "kind",
                Kind.TEXT,
                "what kind of setting it is",
                codes=("childrens_home", "secure_home", "foster", "supported", "residential_school", "parents", "other"),
            ),
            Column("sector", Kind.TEXT, "who runs it", codes=("own", "private", "voluntary")),
            Column("beds", Kind.INTEGER, "places that it has"),
            Column("in_area", Kind.BOOLEAN, "whether it is inside the authority's area"),
            Column("area", Kind.TEXT, "the district that it is in"),
            Column("opened_on", Kind.DATE, "the day it opened"),
            Column("closed_on", Kind.DATE, "the day it closed", null_means="still open"),
            Column("latitude", Kind.NUMBER, "WGS 84 degrees"),
            Column("longitude", Kind.NUMBER, "WGS 84 degrees"),
        ),
        unique=("unit_id",),
    ),
    Table(
        "children",
        "one child ever looked after in the period, missing or not",
        (
            Column("child_id", Kind.TEXT, "the child's pseudonym", required=True),
            Column("birth_month", Kind.DATE, "the first of the month of birth"),
            Column("sex", Kind.TEXT, "sex as recorded", codes=("female", "male", "other")),
            Column("ethnicity", Kind.TEXT, "one of the Office for National Statistics' five groups"),
            Column("looked_after_from", Kind.DATE, "the first day looked after"),
            Column("looked_after_to", Kind.DATE, "the last day looked after", null_means="still looked after"),
            Column("uasc", Kind.BOOLEAN, "unaccompanied asylum-seeking child"),
            Column("responsible_authority", Kind.TEXT, "the authority that looks after the child", null_means="ours"),
            Column("episodes_before_care", Kind.INTEGER, "episodes recorded before the child was looked after"),
        ),
        unique=("child_id",),
    ),
    Table(
        "police_calls",
        "one call to the police from a unit, for any reason",
        (
            Column("call_id", Kind.TEXT, "identifies the call", required=True),
            Column("unit_id", Kind.TEXT, "the unit that called", required=True),
            Column("called_at", Kind.INSTANT, "when", required=True),
            Column("reason", Kind.TEXT, "why", codes=("missing", "assault", "damage", "self_harm", "theft", "other")),
            Column("episode_id", Kind.TEXT, "the episode that it was about", null_means="about no episode"),
        ),
        unique=("call_id",),
    ),
    Table(
        "events",
        "one dated thing that explains a change",
        (
            Column("happened_on", Kind.DATE, "the day it happened", required=True),
            Column("text", Kind.TEXT, "what happened", required=True),
            Column("unit_id", Kind.TEXT, "the unit that it concerns", null_means="the whole authority"),
            Column("rebase", Kind.BOOLEAN, "whether control limits start anew here"),
        ),
    ),
)

CONTRACT: dict[str, Table] = {table.name: table for table in TABLES}

# Column names that would identify a child. `units` is exempt: a home's name is what people know it by.
IDENTIFYING = frozenset(
    {
        "name",
        "first_name",
        "forename",
        "forenames",
        "given_name",
        "last_name",
        "surname",
        "family_name",
        "full_name",
        "child_name",
        "known_as",
        "initials",
        "dob",
        "date_of_birth",
        "birth_date",
        "birthdate",
        "nhs_number",
        "nhs_no",
        "nhs",
        "upn",
        "uln",
        "ni_number",
        "postcode",
        "home_postcode",
        "post_code",
        "home_post",
        "pl_post",
        "address",
        "home_address",
        "street",
        "telephone",
        "phone",
        "mobile",
        "email",
        "notes",
        "note",
        "comments",
        "comment",
        "free_text",
        "description",
        "narrative",
        "photo",
    }
)
MAY_IDENTIFY = frozenset({"units"})
