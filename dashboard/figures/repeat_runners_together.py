"""The figures of the Repeat runners page about children who go together."""

from __future__ import annotations

from functools import partial

from dashboard.charts.together import Pair, first_pairs
from dashboard.charts.together import together as together_chart
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.repeat_runners import STUDY, nothing_in, small_base
from dashboard.figures.words import many, number, percent
from dashboard.statistics.chance import more_than_expected

_TOGETHER = (
    "Together means that both began within two hours from the same unit, or on the same date with an hour or more in which both lasted. "
    "Where there are more than 20 starts a day, as of several authorities together, only episodes from the same unit count."
)
_NEEDS = ("times of episodes.started_at", "times of episodes.ended_at")


@figure(
    Definition(
        name="repeat_runners/together",
        title="Children who go together",
        counts=f"Episodes that two children had together in the period, of those who had two or more. {_TOGETHER}",
        over="What chance would give: nights when both were placed, times the episodes a night of the one, times those of the other. That "
        "is how often both would start on one date, and so rather more than would then also meet.",
        matters="Young people pair up. A plan for one of two who go together is half a plan.",
        source=f"{STUDY}. More than chance would give: a Poisson count with that mean would be so high with a probability under 5%, shared "
        "among all pairs of children who went (Bonferroni).",
        columns={
            "child_a": "one child's pseudonym, the first of the two in order",
            "child_b": "the other child's pseudonym",
            "shared": "episodes that they had together",
            "expected": "how many chance would give; empty without placements",
            "unit_id": "the unit that both went from, the last time that it was one; empty where it never was",
            "last_on": "the day on which the latest one began",
            "is_beyond_chance": "whether that is more than chance would give; empty where that is not known",
        },
        caveat="That two went at one time does not say that they met.",
        needs=_NEEDS,
        is_child_level=True,
    )
)
def together(asked: Asked) -> Shown:
    rows = asked.rows()
    children = int(asked.rows("repeat_runners/concentration_summary")["children"][0])
    frame = more_than_expected(rows, children * (children - 1) // 2)
    if not children:
        return Shown(frame=frame, finding=nothing_in(asked), alt=nothing_in(asked))
    pairs = [
        Pair(row["child_a"], row["child_b"], row["shared"], row["expected"], row["is_beyond_chance"]) for row in frame.iter_rows(named=True)
    ]
    beyond = [pair for pair in pairs if pair.is_beyond_chance]
    caveats: tuple[str, ...] = ("What chance would give needs table placements.",) if "placements" not in asked.snapshot.given else ()
    if not pairs:
        finding = "No two children had two episodes together"
    elif all(pair.expected is None for pair in pairs):
        finding = f"{many(len(pairs), 'pair')} of children had two or more episodes together"
    elif len(beyond) == 1:
        finding = f"Two children had {beyond[0].shared} episodes together; chance would give {number(beyond[0].expected, 1)}"
    elif beyond:
        finding = f"{len(beyond):,} pairs of children went together more often than chance would give"
    else:
        finding = "No two children went together more often than chance would give"
    shown = first_pairs(pairs)
    if len(shown) < len(pairs):
        caveats += (
            f"The picture shows {many(len(shown), 'pair')}, those most above what chance would give; {len(pairs) - len(shown):,} more are "
            "in the table.",
        )
    known = [pair.expected for pair in shown if pair.expected is not None]
    chance = " to ".join(dict.fromkeys(number(limit, 1) for limit in (min(known), max(known)))) if known else ""
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"Episodes together of two children with two or more, {many(len(pairs), 'pair')}"
        + (f". Chance would give a pair {chance}" if chance else ""),
        alt=f"Cells of {many(len(pairs), 'pair')} of children with two or more episodes together"
        + (f", at most {max(pair.shared for pair in pairs)}" if pairs else "")
        + f". {finding}.",
        draw=partial(together_chart, shown),
        caveats=caveats,
    )


@figure(
    Definition(
        name="repeat_runners/together_summary",
        title="Episodes together, by unit",
        counts=f"Episodes by unit and quarter, and those that a child had together with another. {_TOGETHER}",
        over="All episodes from the unit in the quarter.",
        matters="Where many go together from one unit, the answer lies with the group and the unit. Together with a child from elsewhere "
        "is often chance: on most dates somebody else is missing too.",
        source=STUDY,
        columns={
            "unit_id": "the unit",
            "quarter": "first day of the quarter",
            "episodes": "episodes that began in it, of the period",
            "episodes_shared": "those together with another child of any unit",
            "episodes_shared_share": "these over the episodes, 0 to 1; empty where they are of too few children",
            "episodes_same_unit": "those together with another child of the same unit",
            "episodes_same_unit_share": "these over the episodes, 0 to 1; empty where they are of too few children",
            "children": "different children with an episode",
        },
        needs=_NEEDS,
    )
)
def together_summary(asked: Asked) -> Shown:
    frame = asked.rows()
    if frame.is_empty():
        return Shown(frame=frame, finding=nothing_in(asked), alt=nothing_in(asked))
    episodes, same_unit = int(frame["episodes"].sum()), int(frame["episodes_same_unit"].sum())
    children = int(asked.rows("repeat_runners/concentration_summary")["children"][0])
    share = f" ({percent(same_unit / episodes)})" if children >= asked.settings.smallest_children else ""
    finding = f"{same_unit:,} of {many(episodes, 'episode')}{share} were together with a child of the same unit"
    small = frame["episodes_shared_share"].null_count()
    caveats = (
        (f"No share is given of {many(small, 'quarter')} of units with fewer than {asked.settings.smallest_children} children.",)
        if small
        else ()
    )
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{asked.episodes[:1].upper()}{asked.episodes[1:]} by unit and quarter",
        alt=finding,
        caveats=caveats or small_base(asked, children),
    )
