"""From what a local system writes to the contract's codes."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping

import polars as pl

from dashboard.exports.contract import Column
from dashboard.exports.imports.codes import ETHNIC_GROUPS
from dashboard.exports.imports.mapped.mapping import ETHNICITIES, Answer

YES = ("y", "yes", "true", "t", "1")
NO = ("n", "no", "false", "f", "0")
_NOT_REQUIRED = ("na", "n_a", "not_applicable", "not_required", "not_needed", "exempt")

# What councils write, folded, where it is not the code itself.
_WRITTEN: dict[str, dict[str, str]] = {
    "category": dict.fromkeys(("m", "missing_from_care", "missing_episode", "missing_person", "missing_from_placement"), "missing")
    | dict.fromkeys(
        (
            "a",
            "absent",
            "absence",
            "unauthorised_absence",
            "away_from_placement",
            "away_without_authorisation",
            "away_from_placement_without_authorisation",
        ),
        "away",
    ),
    "risk": dict.fromkeys(("no_apparent_risk", "nar", "no_apparent_risk_absent", "absent", "very_low_risk"), "very_low")
    | {"low_risk": "low", "medium_risk": "medium", "high_risk": "high"},
    "found_place": {
        "home": "family_home",
        "parents": "family_home",
        "parental_home": "family_home",
        "family": "family_home",
        "relative": "family_home",
        "friends": "friend",
        "friend_s": "friend",
        "friends_house": "friend",
        "friend_s_house": "friend",
        "friend_s_home": "friend",
        "boyfriend": "partner",
        "girlfriend": "partner",
        "boyfriend_girlfriend": "partner",
        "town": "town_centre",
        "city_centre": "town_centre",
        "train": "transport",
        "train_station": "transport",
        "bus": "transport",
        "bus_station": "transport",
        "railway_station": "transport",
        "placement": "unit",
        "returned_to_placement": "unit",
        "children_s_home": "unit",
        "street": "outdoors",
        "park": "outdoors",
        "police_station": "custody",
        "police_custody": "custody",
    },
    "found_by": {
        "self": "own_accord",
        "returned": "own_accord",
        "self_returned": "own_accord",
        "returned_self": "own_accord",
        "of_own_accord": "own_accord",
        "own_volition": "own_accord",
        "returned_of_own_accord": "own_accord",
        "placement_staff": "staff",
        "residential_staff": "staff",
        "carer": "staff",
        "foster_carer": "staff",
        "parent": "family",
        "parents": "family",
        "relative": "family",
    },
    "interviewer": {
        "independent_person": "independent",
        "independent_provider": "independent",
        "commissioned_provider": "independent",
        "advocate": "independent",
        "sw": "social_worker",
        "allocated_social_worker": "social_worker",
        "residential_staff": "unit_staff",
        "placement_staff": "unit_staff",
        "keyworker": "unit_staff",
    },
    "outcome": {
        "held": "completed",
        "complete": "completed",
        "interview_completed": "completed",
        "interview_held": "completed",
        "refused": "declined",
        "declined_by_child": "declined",
        "child_declined": "declined",
        "child_refused": "declined",
        "missing_again": "not_held",
        "unable_to_make_contact": "not_held",
        "unable_to_contact": "not_held",
        "not_completed": "not_held",
        "awaiting": "pending",
        "in_progress": "pending",
        "arranged": "pending",
    },
    "offered": dict.fromkeys((*YES, "offered"), "yes")
    | dict.fromkeys((*NO, "not_offered"), "no")
    | dict.fromkeys(_NOT_REQUIRED, "not_required"),
    "accepted": dict.fromkeys((*YES, "accepted"), "yes")
    | dict.fromkeys((*NO, "declined", "refused", "not_accepted"), "no")
    | dict.fromkeys(_NOT_REQUIRED, "not_applicable"),
    "sex": {"f": "female", "m": "male", "girl": "female", "boy": "male", "i": "other", "indeterminate": "other", "non_binary": "other"},
    "kind": {
        "children_s_home": "childrens_home",
        "childrens_homes": "childrens_home",
        "residential": "childrens_home",
        "residential_home": "childrens_home",
        "residential_children_s_home": "childrens_home",
        "secure": "secure_home",
        "secure_unit": "secure_home",
        "fostering": "foster",
        "foster_care": "foster",
        "foster_carer": "foster",
        "foster_placement": "foster",
        "supported_accommodation": "supported",
        "supported_lodgings": "supported",
        "semi_independent": "supported",
        "independent_living": "supported",
        "residential_school": "residential_school",
        "placed_with_parents": "parents",
    },
    "sector": {
        "in_house": "own",
        "internal": "own",
        "local_authority": "own",
        "own_provision": "own",
        "private_provider": "private",
        "third_sector": "voluntary",
        "charity": "voluntary",
    },
}

# The answers seen in councils' files. To accept an offer is not to hold an interview: without a date held, that is not known.
ANSWERS = {
    "Not Offered (Missing Again)": Answer(offered="no", late_reason="missing_again"),
    "Not Offered (Unable to make contact)": Answer(offered="no", late_reason="unable_to_make_contact"),
    "Not Offered (Other)": Answer(offered="no", late_reason="other"),
    "Not Offered": Answer(offered="no"),
    "Not Required": Answer(offered="not_required"),
    "Offered and Accepted": Answer(offered="yes"),
    "Offered and Accepted (CYP not present/refused on arrival)": Answer(offered="yes", outcome="not_held"),
    "Offered and Declined": Answer(offered="yes", outcome="declined"),
}

# By the first word, which is how "White - British" and "Asian or Asian British" begin.
_ETHNICITY_WORDS = {group.lower(): group for group in ETHNICITIES} | {"chinese": "Asian", "dual": "Mixed", "arab": "Other"}

# More different words than this in a column of codes are not codes but what somebody wrote.
_MOST_UNKNOWN = 30
_LONGEST_CODE = 40


def folded(said: str) -> str:
    """Text as the contract writes codes: lower case, with one underscore for whatever is no letter or figure."""
    return re.sub(r"[^a-z0-9]+", "_", unicodedata.normalize("NFKC", said).casefold()).strip("_")


def known_codes(column: Column, said: Mapping[str, str | bool | Answer]) -> dict[str, str]:
    """Folded text → code: what the mapping says, then what councils write, then the codes themselves."""
    spellings = dict(column.also_read_as)
    written = {folded(code): code for code in column.codes} | spellings | _WRITTEN.get(column.name, {})
    return written | {folded(text): str(code) for text, code in said.items()}


def ethnicities(said: Mapping[str, str | bool | Answer], texts: Iterable[str]) -> dict[str, str]:
    """Each of `texts` that is known, folded → one of the Office for National Statistics' five groups."""
    of = {folded(text): str(group) for text, group in said.items()}
    for text in map(folded, texts):
        group = ETHNIC_GROUPS.get(text.upper()) or _ETHNICITY_WORDS.get(text.split("_")[0])
        if group:
            of.setdefault(text, group)
    return of


def accepted_codes(said: Mapping[str, str | bool | Answer]) -> dict[str, str]:
    """Folded text → yes, no or not_applicable."""
    return _WRITTEN["accepted"] | {folded(text): str(code) for text, code in said.items()}


def yes_or_no(said: Mapping[str, str | bool | Answer]) -> dict[str, bool]:
    """Folded text → true or false."""
    return dict.fromkeys(YES, True) | dict.fromkeys(NO, False) | {folded(text): bool(value) for text, value in said.items()}


def answers(said: Mapping[str, str | bool | Answer]) -> dict[str, Answer]:
    """Folded text → what it says of offer and outcome."""
    given = {folded(text): answer for text, answer in said.items() if isinstance(answer, Answer)}
    return {folded(text): answer for text, answer in ANSWERS.items()} | given


def new_codes(unknown: set[str]) -> dict[str, str]:
    """Text that no code is known for → itself as a code, as the contract keeps unknown codes; none where it is not a code.

    What is long, or one of very many, is something that somebody wrote, and may tell of a child.
    """
    if len(unknown) > _MOST_UNKNOWN:
        return {}
    return {text: folded(text) for text in unknown if len(text) <= _LONGEST_CODE and folded(text)}


def lookup(cells: pl.Series, of: Mapping[str, object], dtype: type[pl.DataType]) -> pl.Series:
    """`cells` by what each different text becomes; null where it becomes nothing."""
    return cells.replace_strict(list(of), list(of.values()), default=None, return_dtype=dtype)
