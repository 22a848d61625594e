"""A first mapping, from a table's headers and values. What is sure stands in it; what is not is a comment, for a person to decide."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from dashboard.exports import contract
from dashboard.exports.contract import Kind
from dashboard.exports.imports.mapped import values
from dashboard.exports.imports.mapped.mapping import ACCEPTED, COLUMNS, Answer
from dashboard.exports.imports.moments import read_moments
from dashboard.exports.imports.sources import ROW, as_text, read_source

# Column of the contract → what councils head it with, folded, the likeliest first. Of two columns that one header could be, the values
# decide, and then the order here.
_HEADERS: dict[tuple[str, str], tuple[str, ...]] = {
    ("columns", "episode_id"): ("episode_id", "episode_ref", "episode_reference", "episode_number", "episode_no", "table_id"),
    ("columns", "child_id"): (
        "child_id",
        "person_id",
        "client_id",
        "child_ref",
        "child_reference",
        "child_unique_id",
        "child_number",
        "person_number",
        "service_user_id",
        "liquidlogic_id",
        "mosaic_id",
        "lcs_id",
        "swift_id",
    ),
    ("columns", "category"): ("category", "type", "episode_type", "missing_or_absent", "missing_or_away", "missing_absent", "missing_away"),
    ("columns", "started_at"): (
        "started_at",
        "start",
        "start_date",
        "start_date_time",
        "date_missing",
        "missing_from",
        "date_missing_from",
        "went_missing",
        "date_went_missing",
        "last_seen",
        "date_time_missing",
    ),
    ("columns", "ended_at"): (
        "ended_at",
        "end",
        "end_date",
        "end_date_time",
        "returned",
        "date_returned",
        "return_date",
        "date_found",
        "found_date",
        "found_at",
        "missing_to",
        "date_missing_to",
        "date_of_return",
        "date_time_returned",
        "date_time_found",
    ),
    ("columns", "unit_id"): ("unit_id", "urn", "placement_id", "placement", "placement_name", "unit", "unit_name", "home", "home_name"),
    ("columns", "whereabouts_known"): ("whereabouts_known", "location_known", "known_whereabouts"),
    ("columns", "risk"): ("risk", "risk_level", "risk_rating", "risk_grade", "police_risk", "police_risk_level", "risk_assessment"),
    ("columns", "police_called"): ("police_called", "reported_to_police", "police_informed", "police_notified", "police_reported"),
    ("columns", "police_called_at"): ("police_called_at", "date_police_informed", "date_reported_to_police", "police_notified_date"),
    ("columns", "reclassified_at"): ("reclassified_at", "date_reclassified", "reclassified"),
    ("columns", "police_checked_at"): ("police_checked_at", "safe_and_well", "safe_and_well_check", "prevention_interview"),
    ("columns", "last_seen_latitude"): ("last_seen_latitude", "last_seen_lat"),
    ("columns", "last_seen_longitude"): ("last_seen_longitude", "last_seen_long", "last_seen_lng"),
    ("columns", "found_latitude"): ("found_latitude", "found_lat"),
    ("columns", "found_longitude"): ("found_longitude", "found_long", "found_lng"),
    ("columns", "found_place"): ("found_place", "place_found", "where_found", "found_location", "location_found", "found_location_type"),
    ("columns", "found_by"): ("found_by", "returned_by", "how_found", "how_returned"),
    ("columns", "exploitation_concern"): ("exploitation_concern", "exploitation", "cse", "cce", "cse_concern", "exploitation_risk"),
    ("columns", "harm_disclosed"): ("harm_disclosed", "harm", "came_to_harm", "harmed"),
    ("interview", "answer"): ("return_interview", "return_interview_status", "return_interview_outcome", "return_interview_offered"),
    ("interview", "offered"): ("offered", "return_interview_offered", "return_interview", "interview_offered"),
    ("interview", "accepted"): ("accepted", "return_interview_accepted", "interview_accepted"),
    ("interview", "offered_at"): ("offered_at", "return_interview_offered_date", "date_return_interview_offered", "date_offered"),
    ("interview", "outcome"): ("outcome", "return_interview_outcome", "interview_outcome", "return_interview_status"),
    ("interview", "held_at"): (
        "held_at",
        "return_interview_date",
        "date_of_return_interview",
        "return_interview_held",
        "return_interview_completed",
        "return_interview_completed_date",
        "date_return_interview_completed",
        "interview_date",
        "return_interview",
    ),
    ("interview", "interviewer"): ("interviewer", "return_interview_by", "return_interview_completed_by", "interviewed_by"),
    ("interview", "reasons"): ("reasons", "return_interview_reasons", "reasons_given", "push_pull_factors"),
    ("interview", "late_reason"): ("late_reason", "reason_late", "return_interview_late_reason"),
    ("interview", "follow_up"): ("follow_up", "follow_up_needed", "follow_up_action"),
    ("units", "name"): ("placement_name", "unit_name", "home_name", "placement", "unit", "home"),
    ("units", "kind"): ("kind", "placement_type", "unit_type", "placement_kind", "unit_kind"),
    ("units", "sector"): ("sector", "placement_sector", "provider_sector", "placement_provider", "provider_type", "provider", "provision"),
    ("units", "area"): ("area", "district", "placement_area", "placement_district", "unit_area"),
    ("units", "in_area"): ("in_area", "placed_in_area", "in_county", "in_borough", "placement_in_area"),
    ("units", "beds"): ("beds", "unit_beds"),
    ("children", "birth_month"): ("birth_month", "date_of_birth", "birth_date", "month_of_birth", "year_and_month_of_birth"),
    ("children", "sex"): ("sex", "gender"),
    ("children", "ethnicity"): ("ethnicity", "ethnic_group", "ethnic_origin"),
    ("children", "uasc"): ("uasc", "is_uasc"),
}
_CLOCKS = {
    "started_at": (
        "start_time",
        "time_missing",
        "time_missing_from",
        "missing_time",
        "time_went_missing",
        "time_last_seen",
        "missing_from_time",
    ),
    "ended_at": ("end_time", "time_returned", "return_time", "time_found", "found_time", "missing_to_time", "time_of_return"),
}
# Between underscores, in this order.
_SHORT = {
    "return_home_interview": "return_interview",
    "rhi": "return_interview",
    "return_interview_return_interview": "return_interview",
    "datetime": "date_time",
    "dob": "date_of_birth",
}
# A header with one of these words more or less means the same.
_HARMLESS = {
    "episode",
    "missing",
    "mis",
    "child",
    "yp",
    "young",
    "person",
    "cyp",
    "the",
    "of",
    "is",
    "was",
    "date",
    "time",
    "and",
    "code",
    "if",
}

# Tried in this order where dates are neither ISO 8601 nor day/month/year. The American order comes last: it is taken only where no
# other can read what is there.
_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y",
    "%d/%m/%Y %I:%M %p",
    "%d/%m/%Y %I:%M:%S %p",
    "%d-%b-%Y %H:%M",
    "%d-%b-%Y",
    "%d-%b-%y",
    "%d %b %Y %H:%M",
    "%d %b %Y",
    "%d %B %Y %H:%M",
    "%d %B %Y",
    "%Y%m%d %H:%M",
    "%Y%m%d",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%m/%d/%Y",
)
_MOMENTS = (Kind.INSTANT, Kind.INSTANT_OR_DATE, Kind.DATE)
_NEARLY_ALL = 0.95
_MOST = 0.5


@dataclass(frozen=True)
class Suggested:
    """A first mapping: its TOML text, and what was not understood, a sentence each."""

    text: str
    not_understood: tuple[str, ...]


@dataclass(frozen=True)
class _Found:
    """A header that a column of the contract may have: `is_sure` by its words and its values, else `doubt` says why not."""

    section: str
    column: str
    header: str
    is_sure: bool
    doubt: str = ""


def suggest_mapping(file: Path) -> Suggested:
    """A first mapping for the table in `file`.

    Raises:
        Refusal: the file cannot be read.
    """
    source = read_source(file)
    headers = [name for name in source.columns if name != ROW]
    texts = {header: as_text(source[header]) for header in headers if not source[header].dtype.is_nested()}
    formats = _formats_of(source, texts)
    found = _assigned(list(_candidates(source, texts, formats)))
    clocks = _clocks(texts, {one.column: one for one in found})
    used = {one.header for one in found if one.is_sure} | set(clocks.values())
    lines = [
        f"# A first mapping for {file.name}, from its headers and values. Read it through before the first import.",
        "# What stands behind a # was not sure, and is not read until the # is taken away.",
    ]
    by_column = {one.column: one for one in found if one.is_sure and one.section == "columns"}
    sentences = []
    for column in ("child_id", "started_at"):
        if column not in by_column:
            sentences.append(f"No column for {column} was found, and nothing can be imported without it: name it in [columns].")
    if "category" not in by_column:
        lines += ["# No column says missing or away: every row is taken to be missing.", 'category = "missing"']
        sentences.append('No column that says missing or away was found: category = "missing" is set for every row.')
    if formats:
        lines += ["", "[dates]", f"format = {json.dumps(formats)}"]
    for section in COLUMNS:
        of_section = [one for one in found if one.section == section]
        if of_section:
            is_needed = section != "interview" or any(one.is_sure and one.column in ("answer", "offered") for one in of_section)
            lines += ["", f"[{section}]" if is_needed else f"# [{section}]  # needs answer or offered"]
            lines += [_line(one, clocks.get(one.column), is_needed) for one in of_section]
    for one in found:
        if one.is_sure:
            lines += _codes(one, texts[one.header])
    for header in headers:
        if header in used:
            continue
        doubted = [one for one in found if one.header == header]
        if values.folded(header) in contract.IDENTIFYING:
            sentences.append(f"“{header}” may identify a child: it is not read.")
        elif doubted:
            sentences.append(f"“{header}” may be {doubted[0].column}: {doubted[0].doubt}. It is not read until you say so.")
        else:
            sentences.append(f"“{header}” was not understood: it is not read.")
    return Suggested("\n".join(lines) + "\n", tuple(sentences))


def _candidates(source: pl.DataFrame, texts: dict[str, pl.Series], formats: tuple[str, ...]) -> Iterable[tuple[tuple, _Found]]:
    """Each column that each header may be, with what it is ordered by: sure before unsure, then nearer words, then the order above."""
    for place, ((section, column), phrases) in enumerate(_HEADERS.items()):
        for header, text in texts.items():
            nearness = _nearness(_words(header), phrases)
            if nearness is None or text.count() == 0:
                continue
            doubt = _doubt(section, column, source[header], text, formats)
            is_same = nearness[0] < 2
            doubt = doubt or ("" if is_same else "its header says something more")
            yield (bool(doubt), *nearness, place), _Found(section, column, header, not doubt, doubt)


def _assigned(candidates: list[tuple[tuple, _Found]]) -> list[_Found]:
    """One header for each column, and one column for each header, but that a unit may be known by its name."""
    taken: dict[tuple[str, str], _Found] = {}
    headers: dict[str, _Found] = {}
    for _, one in sorted(candidates, key=lambda candidate: candidate[0]):
        other = headers.get(one.header)
        is_name_of_unit = other is not None and {one.column, other.column} == {"unit_id", "name"}
        if (one.section, one.column) not in taken and (other is None or is_name_of_unit):
            taken[one.section, one.column] = headers[one.header] = one
    if not any(one.column == "unit_id" and one.is_sure for one in taken.values()):
        taken = {key: one for key, one in taken.items() if one.section != "units"}
    return [taken[key] for key in _HEADERS if key in taken]


def _words(header: str) -> str:
    words = f"_{values.folded(re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', header))}_"
    for short, long in _SHORT.items():
        words = words.replace(f"_{short}_", f"_{long}_")
    return words.strip("_")


def _nearness(words: str, phrases: tuple[str, ...]) -> tuple[int, int] | None:
    """How near a header is to the likeliest phrase: 0 the same, 1 the same but for words that change nothing, 2 with words that may."""
    said = words.split("_")
    near = []
    for place, phrase in enumerate(phrases):
        asked = phrase.split("_")
        if words == phrase:
            near.append((0, place))
        elif set(asked) <= set(said):
            near.append((1 if set(said) - set(asked) <= _HARMLESS else 2, place))
    return min(near) if near else None


def _doubt(section: str, column: str, cells: pl.Series, text: pl.Series, formats: tuple[str, ...]) -> str:
    """Why the values may not be those of the column; nothing where they may."""
    if column == "answer":
        return _doubt_of_codes(text, set(values.answers({})))
    if column == "accepted":
        return _doubt_of_codes(text, set(values.accepted_codes({})))
    known = COLUMNS[section][column]
    if known.kind in _MOMENTS:
        unreadable = read_moments(cells if cells.dtype.is_temporal() else text, formats=formats).is_unreadable.sum()
        return "" if 1 - unreadable / text.count() >= _NEARLY_ALL else "not all of it can be read as dates"
    if known.kind is Kind.BOOLEAN:
        return _doubt_of_codes(text, set(values.yes_or_no({})), _NEARLY_ALL)
    if known.kind in (Kind.NUMBER, Kind.INTEGER):
        return "" if text.cast(pl.Float64, strict=False).count() / text.count() >= _NEARLY_ALL else "not all of it is numbers"
    if column == "ethnicity":
        return _doubt_of_codes(text, set(values.ethnicities({}, text.drop_nulls().unique())))
    if known.codes:
        return _doubt_of_codes(text, set(values.known_codes(known, {})))
    if column == "episode_id":
        return "" if text.drop_nulls().is_unique().all() else "it stands on several rows"
    if column in ("reasons", "late_reason"):
        return "" if values.new_codes(set(text.drop_nulls().unique())) else "it looks like free text"
    return ""


def _doubt_of_codes(text: pl.Series, known: set[str], share: float = _MOST) -> str:
    counted = text.drop_nulls().value_counts()
    is_known = [values.folded(said) in known for said in counted[text.name].to_list()]
    if counted.filter(pl.Series(is_known))["count"].sum() / text.count() >= share:
        return ""
    return "it looks like free text" if counted.height > 30 else "too few of its values are known"


def _formats_of(source: pl.DataFrame, texts: dict[str, pl.Series]) -> tuple[str, ...]:
    """The formats that read the columns whose headers are of dates; none where they are read without."""
    dated = [
        text
        for header, text in texts.items()
        if not source[header].dtype.is_temporal()
        and text.count()
        and text.str.contains(r"\d").sum() / text.count() >= _NEARLY_ALL
        and not ("time" in _words(header) and "date" not in _words(header))
        and any(
            (near := _nearness(_words(header), phrases)) is not None and near[0] < 2
            for (section, column), phrases in _HEADERS.items()
            if section + column != "interviewanswer" and column != "accepted" and COLUMNS[section][column].kind in _MOMENTS
        )
    ]
    if all(1 - read_moments(text).is_unreadable.sum() / text.count() >= _NEARLY_ALL for text in dated):
        return ()
    needed: dict[str, None] = {}
    for text in dated:
        for form in _FORMATS:
            if needed and read_moments(text, formats=tuple(needed)).wall.count() / text.count() >= _NEARLY_ALL:
                break
            if read_moments(text, formats=[form]).wall.count() / text.count() >= 1 - _NEARLY_ALL:
                needed[form] = None
    return tuple(needed)


def _clocks(texts: dict[str, pl.Series], found: dict[str, _Found]) -> dict[str, str]:
    """started_at and ended_at → the header of their time of day, where their own column has dates alone."""
    clocks = {}
    for column, phrases in _CLOCKS.items():
        if column not in found or not found[column].is_sure or texts[found[column].header].str.contains(r"\d:\d\d").any():
            continue
        near = {header: near for header in texts if (near := _nearness(_words(header), phrases)) and header != found[column].header}
        if near:
            clocks[column] = min(near, key=lambda header: near[header])
    return clocks


def _line(one: _Found, clock: str | None, is_needed: bool) -> str:
    header = _quoted(one.header) if clock is None else f"[{_quoted(one.header)}, {_quoted(clock)}]"
    line = f"{one.column} = {header}"
    return line if one.is_sure and is_needed else f"# {line}" + (f"  # {one.doubt}" if one.doubt else "")


def _codes(one: _Found, text: pl.Series) -> list[str]:
    """The values of a column of codes, each with the code that it has, and behind a # those that have none."""
    if one.column == "answer":
        known = {said: _toml_answer(answer) for said, answer in values.answers({}).items()}
        allowed: tuple[str, ...] = ('{offered = "yes", outcome = "declined"} or the like',)
    elif one.column == "accepted":
        known, allowed = {said: _quoted(code) for said, code in values.accepted_codes({}).items()}, ACCEPTED
    else:
        column = COLUMNS[one.section][one.column]
        if not column.codes:
            return []
        known, allowed = {said: _quoted(code) for said, code in values.known_codes(column, {}).items()}, column.codes
    texts = sorted(text.drop_nulls().unique().to_list())
    new = values.new_codes({said for said in texts if values.folded(said) not in known})
    lines = [f"{_quoted(said)} = {known[values.folded(said)]}" for said in texts if values.folded(said) in known]
    lines += [f"# {_quoted(said)} = ?  # one of {', '.join(allowed)}" for said in texts if said in new]
    return ["", f"[codes.{one.column}]", *lines]


def _toml_answer(answer: Answer) -> str:
    said = answer.model_dump(exclude_none=True)
    return "{" + ", ".join(f"{part} = {_quoted(code)}" for part, code in said.items()) + "}"


def _quoted(text: str) -> str:
    # What JSON escapes in a string TOML does too.
    return json.dumps(text, ensure_ascii=False)
