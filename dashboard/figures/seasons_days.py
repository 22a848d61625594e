"""The figures of the Seasons page that set kinds of day against each other: light evenings and dark ones, school holidays and term."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.seasons import days_left_out, still_being_recorded
from dashboard.figures.words import day_words, many, per_thousand
from dashboard.statistics.seasons import ratio_interval

_RATIO_SOURCE = (
    "Ratio: Wilson's limits at 97%{together}, widened by how uneven children are (quasi-likelihood): one child who goes often in June is "
    "not a season. At 95% simulations without a difference gave a finding in more than 1 in 20 quarters (benchmarks/false_alarms.py)."
)
_DOUBT = 0.03


@dataclass(frozen=True)
class Kinds:
    """Kinds of day, of which one is the measure of the others.

    `column` holds the kind, `words` are what a bar says of each, and `told` the kinds of which a finding tells. Only their ratios stand
    at the bars, since the limits are made for them.
    """

    column: str
    measure: str
    words: Mapping[str, str]
    told: tuple[str, ...]

    @property
    def level(self) -> float:
        """Of the limits of one ratio: where several are looked at for one finding, each has its part of the doubt (Bonferroni)."""
        return 1 - _DOUBT / len(self.told)


EVENINGS = Kinds(
    "evening", "dark", {"light": "Light: sunset after 20:00", "between": "Between", "dark": "Dark: sunset before 17:00"}, ("light",)
)
SCHOOL = Kinds("school", "term", {"term": "Term", "summer": "Summer holidays", "shorter": "Shorter holidays"}, ("summer", "shorter"))


@figure(
    Definition(
        name="seasons/light_evenings",
        title="Light evenings",
        counts="Episodes that began in the period on days whose evening is light (the sun sets after 20:00), dark (before 17:00) or "
        "between.",
        over="Nights in placement on those days, for the rate per 1,000; the ratio is to the rate of days with dark evenings.",
        matters="Warm weather and light nights are said to draw children out; if they do, staff can be there.",
        source=f"Sunset: worked out for the authority's point. {_RATIO_SOURCE.format(together='')}",
        columns={
            "evening": "light, between or dark",
            "days": "days of the period with such an evening",
            "nights": "nights in placement on them",
            "episodes": "episodes that began on them",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights or children",
            "ratio": "rate over that of dark evenings (over days where no placements are known); empty where there is too little for it",
            "lower": "lower 97% limit of the ratio; empty for dark evenings, which are its measure. No finding is made of those between",
            "upper": "upper 97% limit of the ratio",
            "children": "different children with an episode on such days",
        },
        caveat="Light evenings come with summer, warmth and the long holiday: what goes with them may come from any of these.",
    )
)
def light_evenings(asked: Asked) -> Shown:
    frame = _with_ratio(asked, EVENINGS)
    if not frame["episodes"].sum():
        return Shown(frame=frame, finding=f"No {asked.episodes} in {asked.scope.period.words}", alt="No episodes to draw.")
    return Shown(
        frame=frame,
        finding=_light_against_dark(frame),
        alt=f"{_bars_alt(frame, EVENINGS, 'how light the evening is')} {_light_against_dark(frame)}.",
        measure="Episodes per 1,000 nights in placement, by sunset on the day; light evenings as a multiple of dark ones (97% limits)",
        draw=lambda palette: bars(_bars(frame, EVENINGS), palette),
        caveats=(*_small_or_rebased(asked, frame), *still_being_recorded(asked)),
    )


def _light_against_dark(frame: pl.DataFrame) -> str:
    light, dark = _row(frame, EVENINGS, "light"), _row(frame, EVENINGS, "dark")
    if not (light["days"] and dark["days"]):
        return "The period does not have both light and dark evenings"
    if light["ratio"] is None:
        return "Too few episodes to compare light evenings with dark ones"
    side = _side(light)
    return (
        f"Light evenings have a {side} rate than dark ones: {_times(light)}"
        if side
        else "No clear difference between light and dark evenings"
    )


@figure(
    Definition(
        name="seasons/holidays",
        title="School holidays",
        counts="Episodes that began in the period on days in term, in the summer holidays (July to September) and in the shorter ones. A "
        "weekend counts as term when the weeks about it do.",
        over="Nights in placement on those days, for the rate per 1,000; the ratio is to the rate of days in term.",
        matters="Out of school, children have whole days to fill; if more go then, staff and things to do can be planned for it.",
        source=f"Term dates: the authority's settings. {_RATIO_SOURCE.format(together=' for the two kinds of holiday together')}",
        columns={
            "school": "term, summer (holidays from July to September) or shorter (all other holidays)",
            "days": "such days of the period; days that the term dates do not reach are in no row",
            "nights": "nights in placement on them",
            "episodes": "episodes that began on them",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights or children",
            "ratio": "rate over that of term (over days where no placements are known); empty where there is too little for it",
            "lower": "lower limit of the ratio, at 97% for both kinds of holiday together; empty for term, which is its measure",
            "upper": "upper limit of the ratio",
            "children": "different children with an episode on such days",
        },
        caveat="The summer holidays are also the warm months with light evenings. The shorter ones lie in every season but summer: what "
        "both show is more likely to come of being out of school.",
    )
)
def holidays(asked: Asked) -> Shown:
    frame = _with_ratio(asked, SCHOOL)
    if not frame["days"].sum():
        return Shown(frame=frame, finding="No term dates are known for this period", alt="No days to compare.")
    if not frame["episodes"].sum():
        return Shown(
            frame=frame,
            finding=f"No {asked.episodes} in term or in school holidays",
            alt="No episodes to draw.",
            caveats=days_left_out(asked),
        )
    finding = _holidays_against_term(frame)
    return Shown(
        frame=frame,
        finding=finding,
        alt=f"{_bars_alt(frame, SCHOOL, 'term and school holidays')} {finding}.",
        measure="Episodes per 1,000 nights in placement, in term and in holidays, and how many times that of term (97% limits for both)",
        draw=lambda palette: bars(_bars(frame, SCHOOL), palette),
        caveats=(*_small_or_rebased(asked, frame), *days_left_out(asked), *still_being_recorded(asked)),
    )


def _holidays_against_term(frame: pl.DataFrame) -> str:
    term, summer, shorter = (_row(frame, SCHOOL, kind) for kind in ("term", "summer", "shorter"))
    if not (term["days"] and (summer["days"] or shorter["days"])):
        return "The period does not have both term and school holidays"
    if summer["ratio"] is None and shorter["ratio"] is None:
        return "Too few episodes to compare school holidays with term"
    in_summer, in_shorter = _side(summer), _side(shorter)
    if in_summer and in_shorter:
        if in_summer == in_shorter:
            return f"School holidays have a {in_summer} rate than term, the shorter ones too"
        return f"The rate is {in_summer} in summer holidays and {in_shorter} in shorter ones than in term"
    if in_summer:
        return f"Summer holidays have a {in_summer} rate than term: {_times(summer)}"
    if in_shorter:
        return f"Shorter holidays have a {in_shorter} rate than term: {_times(shorter)}"
    return "No clear difference between school holidays and term"


def _with_ratio(asked: Asked, kinds: Kinds) -> pl.DataFrame:
    """The figure's own rows with the ratio of each kind to the measure, and its limits."""
    rows = asked.rows()
    measure = _row(rows, kinds, kinds.measure)
    by_nights = bool(rows["nights"].sum())

    def is_enough(row: dict) -> bool:
        fewest = asked.settings.smallest_nights if by_nights else 1
        return row["children"] >= asked.settings.smallest_children and row["exposure"] >= fewest

    def ratio(row: dict) -> tuple[float | None, float | None, float | None]:
        if not (is_enough(row) and is_enough(measure)):
            return None, None, None
        of_measure = row["episodes"] / row["exposure"] / (measure["episodes"] / measure["exposure"])
        if row[kinds.column] == kinds.measure:
            return of_measure, None, None
        limits = ratio_interval(
            row["episodes"],
            measure["episodes"],
            row["exposure"],
            measure["exposure"],
            row["unevenness"],
            row["children_compared"],
            kinds.level,
        )
        return of_measure, *limits

    ratios = [ratio(row) for row in rows.iter_rows(named=True)]
    return rows.hstack(pl.DataFrame(ratios, schema=dict.fromkeys(("ratio", "lower", "upper"), pl.Float64), orient="row"))


def _row(frame: pl.DataFrame, kinds: Kinds, kind: str) -> dict:
    return frame.row(by_predicate=pl.col(kinds.column) == kind, named=True)


def _side(row: dict) -> str:
    """ "higher" or "lower" where the ratio can be told from 1; else nothing."""
    if row["ratio"] is None or row["lower"] <= 1 <= row["upper"]:
        return ""
    return "higher" if row["lower"] > 1 else "lower"


def _bars(frame: pl.DataFrame, kinds: Kinds) -> list[Bar]:
    return [
        Bar(label=kinds.words[row[kinds.column]], value=row["rate"], dark=row["rate"], number=_in_numbers(row, kinds))
        for row in frame.iter_rows(named=True)
        if row["days"]
    ]


def _bars_alt(frame: pl.DataFrame, kinds: Kinds, by: str) -> str:
    said = "; ".join(f"{bar.label.split(':')[0].lower()} {bar.number}" for bar in _bars(frame, kinds))
    return f"Bar chart of the rate by {by}: {said}."


def _small_or_rebased(asked: Asked, frame: pl.DataFrame) -> list[str]:
    caveats = []
    if "placements" not in asked.snapshot.given:
        caveats.append("Without placements there is no rate, and the ratio is over days.")
    elif frame.filter(pl.col("days") > 0)["rate"].null_count():
        caveats.append(
            f"No rate below {asked.settings.smallest_nights:,} nights in placement or {asked.settings.smallest_children} children."
        )
    stretch_from = frame["stretch_from"].max()
    if isinstance(stretch_from, date) and stretch_from > asked.scope.period.first_day:
        caveats.append(f"Recording changed in the period: days before {day_words(stretch_from)} are left out.")
    return caveats


def _times(row: dict) -> str:
    return f"{row['ratio']:.2f} times ({row['lower']:.2f} to {row['upper']:.2f})"


def _in_numbers(row: dict, kinds: Kinds) -> str:
    what = f"{many(row['episodes'], 'episode')}, {many(row['days'], 'day')}"
    if row["rate"] is not None:
        what = f"{per_thousand(row['rate'])} · {what}"
    if row["lower"] is not None and row[kinds.column] in kinds.told:
        what += f" · {_times(row)}"
    return what
