"""Units beside others of their kind: funnels of episodes and of children who went."""

from __future__ import annotations

import numpy as np
import polars as pl

from dashboard.charts.funnel import Axes
from dashboard.charts.funnel import funnel as funnel_drawn
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import capital, code_words, listed, many, per_thousand, percent
from dashboard.statistics.funnel import FEWEST_COMPARED, Dispersion, binomial_limits, compared, compared_shares, reading

_NAMED = ("high", "low")
_LIMIT_COLUMNS = {
    "lower_95": "lower 95% limit of the {of}; limits are empty for a unit that is not compared",
    "upper_95": "upper 95% limit of the {of}",
    "lower_998": "lower 99.8% limit of the {of}",
    "upper_998": "upper 99.8% limit of the {of}",
}


def _limit_columns(of: str) -> dict[str, str]:
    return {column: meaning.format(of=of) for column, meaning in _LIMIT_COLUMNS.items()}


@figure(
    Definition(
        name="units/funnel_episodes",
        title="Units beside others of their kind",
        counts="Episodes that began in the period at the unit.",
        over="Episodes expected of it: its nights in placement times the rate of all units of its kind together, whichever units the scope "
        "asks for. Kinds are not compared with each other: children are placed in them for different reasons.",
        matters="A small home's rate is far from the average now and then by chance alone. The limits say how far is too far for that.",
        source="Spiegelhalter 2005, Handling over-dispersion of performance indicators: Poisson limits on the square-root scale, widened "
        "for the scatter between units (z-scores winsorised at 10%; a variance between units from 10 of them, else a factor).",
        columns={
            "unit_id": "the unit",
            "nights": "nights that children were placed there in the period",
            "episodes": "episodes that began in the period",
            "expected": "its nights times the rate of its kind",
            "ratio": "episodes ÷ expected",
            **_limit_columns("ratio"),
            "outside": "beyond the 99.8% limits: high or low; else usual",
            "phi": "mean squared z-score of the units of its kind, winsorised; not above 1 where chance alone is at work",
            "tau2": "variance between units of its kind on the square-root scale; empty with fewer than 10 units",
            "kind": "kind of setting: what it is compared within",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights",
            "outside_without_busiest": "as outside, without the episodes and nights of the child with most episodes",
            "reading": "high or low where it is named; single_children where it is outside by what single children do; else usual",
        },
        caveat="A unit outside the limits is unlike others of its kind. The reason can be whom it cares for, or how it records.",
        needs=("placements",),
    )
)
def funnel_episodes(asked: Asked) -> Shown:
    units, scatter = compared(asked.rows())
    units = units.with_columns(reading=reading(pl.col("unit_id").is_in(_with_fewer_children(asked))))
    frame = units.filter(pl.col("is_asked"))
    judged = frame.drop_nulls("outside")
    finding = _beside_others(asked, _of_wanted_kind(asked, judged))
    kind = _kind_shown(asked, judged)
    caveats = _funnel_caveats(asked, frame, judged)
    if kind is None:
        return Shown(frame=frame, finding=finding, alt=f"No unit to draw. {finding}.", caveats=tuple(caveats))
    shown = units.filter(pl.col("kind") == kind).drop_nulls("outside")
    average = shown["kind_rate"][0] * 1000
    points = shown.select(
        name=pl.col("unit_id").map_elements(asked.unit, return_dtype=pl.String),
        size="nights",
        value="rate",
        reading="reading",
        is_ringed=pl.col("is_asked") & (asked.scope.units is not None),
        said=pl.format("{} episodes in {} nights", "episodes", "nights"),
    )
    axes = Axes("Nights in placement in the period", ",.2~f", per_thousand(average))
    curves = _curves(shown, scatter[kind])
    lowest, highest = shown["rate"].min(), shown["rate"].max()
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} per 1,000 nights in placement, {many(shown.height, 'unit')} of one kind: {code_words(kind)}",
        alt=f"Funnel plot of {many(shown.height, 'unit')} ({code_words(kind)}): episodes per 1,000 nights over nights, from "
        f"{per_thousand(lowest)} to {per_thousand(highest)}, average {per_thousand(average)}. {finding}.",  # type: ignore[arg-type]
        draw=lambda palette: funnel_drawn(points, curves, average, axes, palette),
        caveats=tuple(caveats),
    )


def kinds_compared(*funnels: pl.DataFrame) -> dict[str, str]:
    """Kinds of setting whose units the frames of funnels compare, in words: the kind with most units named in any of them first."""
    compared_units = pl.concat(
        frame.drop_nulls("outside").select("kind", is_named=pl.col("reading" if "reading" in frame.columns else "outside").is_in(_NAMED))
        for frame in funnels
    )
    kinds = compared_units.group_by("kind").agg(pl.col("is_named").sum(), pl.len().alias("units"))
    ordered = kinds.sort("is_named", "units", "kind", descending=[True, True, False])["kind"]
    return {kind: capital(code_words(kind)) for kind in ordered}


def _kind_shown(asked: Asked, judged: pl.DataFrame) -> str | None:
    """The kind that is asked for where it is compared, else the one to look at first; None where none is compared."""
    kinds, wanted = kinds_compared(judged), asked.extra.get("kind")
    return wanted if wanted in kinds else next(iter(kinds), None)


def _of_wanted_kind(asked: Asked, judged: pl.DataFrame) -> pl.DataFrame:
    """The units that a finding is about: those of the kind that is asked for, so that it says what the picture shows, or else all."""
    wanted = judged.filter(pl.col("kind") == asked.extra.get("kind", ""))
    return judged if wanted.is_empty() else wanted


def _curves(shown: pl.DataFrame, scatter: Dispersion) -> pl.DataFrame:
    """Limits as rates per 1,000 nights, at numbers of nights up to a little beyond the largest unit's."""
    kind_rate = shown["kind_rate"][0]
    # Closer together where the limits bend.
    nights = 1.05 * shown["nights"].max() * np.linspace(0.08, 1, 60) ** 2  # type: ignore[operator]
    limits = {name: scatter.limits(nights * kind_rate, level) for name, level in (("95", 0.95), ("998", 0.998))}
    return pl.DataFrame(
        {"size": nights}
        | {
            f"{side}_{name}": limits[name][index] * kind_rate * 1000
            for name in ("95", "998")
            for index, side in enumerate(("lower", "upper"))
        }
    )


def _with_fewer_children(asked: Asked) -> list[str]:
    """Units of which fewer children went than of their kind, each child counted once."""
    return compared_shares(asked.rows("units/funnel_children")).filter(pl.col("outside") == "low")["unit_id"].to_list()


def _beside_others(asked: Asked, judged: pl.DataFrame) -> str:
    """Which units lie outside the limits of their kind. Those that do so by what single children do are counted, and not named."""
    if judged.is_empty():
        return "Too few units of one kind, or too small ones, to compare"
    by_single = judged.filter(pl.col("reading") == "single_children")
    more, fewer = judged.filter(pl.col("reading") == "high"), judged.filter(pl.col("reading") == "low")
    if more.is_empty() and fewer.is_empty():
        if by_single.is_empty():
            return f"No unit's rate lies outside the limits of its kind ({many(judged.height, 'unit')} compared)"
        lie = "lies" if by_single.height == 1 else "lie"
        if (by_single["outside"] == "high").all():
            each = "" if by_single.height == 1 else " each"
            return f"No unit stands out; {by_single.height} {lie} above the limits only because of one child{each}"
        return f"No unit stands out; {by_single.height} {lie} outside the limits because of what single children do"
    said = [_has_rate(asked, units, word) for units, word in ((more, "higher"), (fewer, "lower")) if units.height]
    return f"{' and '.join(said)} than others of {'its' if more.height + fewer.height == 1 else 'their'} kind"


def _has_rate(asked: Asked, units: pl.DataFrame, word: str) -> str:
    """ "Willow House has a higher rate", "Willow House and Ash Lodge have higher rates", "3 units have higher rates"."""
    names = [asked.unit(unit) for unit in units["unit_id"]]
    if len(names) == 1:
        return f"{names[0]} has a {word} rate"
    return f"{listed(names) if len(names) == 2 else many(len(names), 'unit')} have {word} rates"


def _funnel_caveats(asked: Asked, frame: pl.DataFrame, judged: pl.DataFrame) -> list[str]:
    caveats = []
    by_single = judged.filter(pl.col("reading") == "single_children").height
    if by_single:
        caveats.append(
            f"{many(by_single, 'unit is', 'units are')} outside the limits and not named, drawn hollow: within them without the child who "
            "has most episodes, or below an average that a few children make while as many of its own children go as elsewhere."
        )
    if (judged["phi"] > 1).any():
        caveats.append("The limits are widened, because a few children go often and units scatter more than chance alone would have them.")
    if left_out := frame.height - judged.height:
        caveats.append(
            f"{many(left_out, 'unit is', 'units are')} not compared: fewer than {asked.settings.smallest_nights:,} nights, or fewer than "
            f"{FEWEST_COMPARED} units of the kind that have as many."
        )
    return caveats


@figure(
    Definition(
        name="units/funnel_children",
        title="Children who went, beside other units of the kind",
        counts="Different children with an episode from the unit in the period, out of those placed there for a night or more. Each child "
        "counts once, however often the child goes.",
        over="The share of all children of the kind together, whichever units the scope asks for; a child placed in two units of a kind "
        "counts in both.",
        matters="A rate can be high because of one child. This asks instead how many of a unit's children go at all.",
        source="Spiegelhalter 2005, Funnel plots for comparing institutional performance: exact binomial limits.",
        columns={
            "unit_id": "the unit",
            "children_placed": "different children placed there for a night or more in the period",
            "children_missing": "those of them with an episode from there",
            "share": "children_missing ÷ children_placed; empty below the smallest number of children",
            **_limit_columns("share"),
            "outside": "beyond the 99.8% limits: high or low; else usual",
            "kind": "kind of setting: what it is compared within",
        },
        caveat="Children placed for a short time have less time to go in, so that a unit of short stays lies lower.",
        needs=("placements",),
    )
)
def funnel_children(asked: Asked) -> Shown:
    units = compared_shares(asked.rows())
    frame = units.filter(pl.col("is_asked"))
    judged = frame.drop_nulls("outside")
    finding = _children_beside_others(asked, _of_wanted_kind(asked, judged))
    left_out = frame.height - judged.height
    caveats = (
        f"{many(left_out, 'unit is', 'units are')} not compared: fewer than {asked.settings.smallest_children} children, fewer than "
        f"{FEWEST_COMPARED} units of the kind that have as many, or no child of the kind went.",
    )
    kind = _kind_shown(asked, judged)
    if kind is None:
        return Shown(frame=frame, finding=finding, alt=f"No unit to draw. {finding}.", caveats=caveats)
    shown = units.filter(pl.col("kind") == kind).drop_nulls("outside")
    average = shown["kind_share"][0]
    points = shown.select(
        name=pl.col("unit_id").map_elements(asked.unit, return_dtype=pl.String),
        size="children_placed",
        value="share",
        reading="outside",
        is_ringed=pl.col("is_asked") & (asked.scope.units is not None),
        said=pl.format("{} of {} children", "children_missing", "children_placed"),
    )
    curves = _share_curves(shown)
    axes = Axes("Children placed there in the period", ".0%", percent(average), most=1)
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"Share of the children placed who had an episode, {many(shown.height, 'unit')} of one kind: {code_words(kind)}",
        alt=f"Funnel plot of {many(shown.height, 'unit')} ({code_words(kind)}): share of children who went over children placed, from "
        f"{percent(shown['share'].min())} to {percent(shown['share'].max())}, average {percent(average)}. {finding}.",  # type: ignore[arg-type]
        draw=lambda palette: funnel_drawn(points, curves, average, axes, palette),
        caveats=caveats if left_out else (),
    )


def _children_beside_others(asked: Asked, judged: pl.DataFrame) -> str:
    if judged.is_empty():
        return "Too few units of one kind, or too few children in them, to compare"
    outside = judged.filter(pl.col("outside") != "usual").sort("outside", "unit_id")
    if outside.is_empty():
        return f"No unit's share of children who went is unlike its kind's ({many(judged.height, 'unit')} compared)"
    if outside.height > 1:
        return f"{outside.height} units differ from their kind in how many of their children went"
    unit = outside.row(0, named=True)
    word = "more" if unit["outside"] == "high" else "fewer"
    went = f"{unit['children_missing']:,} of {unit['children_placed']:,} children"
    return f"{went} at {asked.unit(unit['unit_id'])} went, {word} than elsewhere"


def _share_curves(shown: pl.DataFrame) -> pl.DataFrame:
    """Limits of the share at numbers of children up to a little beyond the largest unit's, drawn through the corners of their steps.

    A limit is so many children, and as a share it falls from step to step: a line through its corners has every unit that is outside
    beyond it, and no other.
    """
    most = int(1.05 * max(shown["children_placed"])) + 1
    children = np.unique(np.geomspace(1, most, 240).round())
    share = shown["kind_share"][0]
    columns = {}
    for name, level in (("95", 0.95), ("998", 0.998)):
        lower, upper = binomial_limits(children, share, level)
        columns[f"lower_{name}"] = _through_corners(children, lower, is_last=True)
        columns[f"upper_{name}"] = _through_corners(children, upper, is_last=False)
    return pl.DataFrame({"size": children} | columns)


def _through_corners(children: np.ndarray, limit: np.ndarray, *, is_last: bool) -> np.ndarray:
    """The limit at each number of children on straight lines between the first number, or the last, with each count of hits."""
    hits = (limit * children).round()
    changes = np.flatnonzero(np.diff(hits))
    corners = np.unique(np.concatenate([[0], changes if is_last else changes + 1, [len(children) - 1]]))
    return np.interp(children, children[corners], limit[corners])
