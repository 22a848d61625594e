"""Figures of the Return interviews page about the interviews themselves: declined, late, by whom, what children say, what follows."""

from __future__ import annotations

from typing import Any

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.ranked_shares import ShareRow, busiest, ranked_shares
from dashboard.charts.share_by_month import share_by_month
from dashboard.figures.figure import Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.shares import AGAINST_OTHERS, alt_by_month, groups_in_words, small_base
from dashboard.figures.words import capital, code_words, listed, many, percent
from dashboard.statistics.shares import with_comparison, with_limits

_GUIDANCE = "Department for Education, statutory guidance on children who run away or go missing from home or care, January 2014."
_HELD = "return_interviews.outcome=completed or return_interviews.held_at"
_NEEDS = ("return_interviews", "episodes.ended_at", _HELD)
_NONE_HELD = "No return interview was held for a return in this period"
_ONCE = "An interview that covers several returns is counted once."


@figure(
    Definition(
        name="return_interviews/held",
        title="Interviews held, and the returns that they cover",
        counts="Return interviews held for returns in the period, each counted once, and the returns that they cover, each counted once.",
        matters="One interview may do for several returns. Counted by returns there seem to be more interviews than there were, counted by "
        "interviews fewer returns seem to have had one.",
        source="Devon 2017/18: 685 episodes outside the area, 639 needing an interview, 238 held.",
        columns={
            "interviews_held": "return interviews held",
            "episodes_covered": "returns that they cover",
            "interviews_of_several": "interviews that cover more than one return",
            "most_episodes": "the most returns that one interview covers",
            "episodes_with_several": "returns with more than one interview",
        },
        needs=_NEEDS,
    )
)
def held(asked: Asked) -> Shown:
    frame = asked.rows()
    row = frame.row(0, named=True)
    finding = _NONE_HELD
    if row["interviews_held"]:
        finding = (
            f"{many(row['interviews_held'], 'interview')} held {'covers' if row['interviews_held'] == 1 else 'cover'} "
            f"{many(row['episodes_covered'], 'return')}; {row['interviews_of_several']:,} of them cover several"
        )
    return Shown(frame=frame, finding=finding, alt=f"{finding}.")


_BY = {
    "category": ("By category", ()),
    "age": ("By age", ("children.birth_month",)),
    "unit": ("By unit", ("episodes.unit_id or placements",)),
}


@figure(
    Definition(
        name="return_interviews/declined",
        title="Interviews declined",
        counts="Returns in the period with an interview offered, and those of them after which the child declined it and had none.",
        over="Returns to which an interview was offered.",
        matters="A child may decline. Where many do, who asks, when and how can be looked at.",
        source=f"{_GUIDANCE} Intervals: Wilson 1927. {AGAINST_OTHERS}",
        caveat="The intervals take each return by itself; one child with many returns can move a share.",
        columns={
            "by": "what returns are told apart by: category, age when the child went, or unit",
            "group": "its value; empty where it is not known",
            "offered": "returns with an interview offered",
            "declined": "of these, declined and none held",
            "share": "declined ÷ offered; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children of these returns",
            "compared": "a unit's share beside that of all other units together: higher, lower or no clear difference",
        },
        needs=("return_interviews", "episodes.ended_at", "return_interviews.outcome"),
    )
)
def declined(asked: Asked) -> Shown:
    lacking = {by: lack for by, (_, needs) in _BY.items() if (lack := what_is_needed(needs, asked.snapshot.given))}
    every = with_limits(asked.rows(), "share", "declined", pl.col("offered")).filter(~pl.col("by").is_in(list(lacking)))
    units = with_comparison(every.filter(pl.col("by") == "unit"), "share", "declined", pl.col("offered"))
    others = every.filter(pl.col("by") != "unit").with_columns(compared=pl.lit(None, pl.String))
    frame = pl.concat([others, units])
    drawn = pl.concat([others, busiest(units.drop_nulls("share"), "offered").sort("share", descending=True)])
    rows: list[ShareRow] = []
    for by, (heading, _) in _BY.items():
        of_by = drawn.filter(pl.col("by") == by)
        if of_by.height:
            rows.append(ShareRow(heading))
            rows += [_declined_row(asked, row) for row in of_by.iter_rows(named=True)]
    whole = frame.filter(pl.col("by") == "category")
    offered, refused = int(whole["offered"].sum()), int(whole["declined"].sum())
    is_base = bool(frame["share"].count())
    finding = "No interview was offered for a return in this period"
    if offered:
        share = f" ({percent(refused / offered)})" if is_base else ""
        finding = f"{refused:,} of {many(offered, 'interview')} offered {'was' if refused == 1 else 'were'} declined{share}"
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of the returns with an interview offered after which it was declined, with 95% intervals",
        alt="A point for each group, the share declined. "
        + "".join(f"{row.label}: {row.number}. " for row in rows if row.number)
        + f"{finding}.",
        draw=(lambda palette: ranked_shares(rows, palette)) if is_base else None,
        caveats=(
            *(f"{_BY[by][0]}: {lack[0].lower()}{lack[1:]}" for by, lack in lacking.items()),
            *small_base(asked, frame["share"].null_count() > 0),
        ),
        as_read=groups_in_words(asked, frame),
    )


def _declined_row(asked: Asked, row: dict[str, Any]) -> ShareRow:
    label = asked.unit(row["group"]) if row["by"] == "unit" else capital(code_words(row["group"]))
    return ShareRow.of(label, row, "declined", "offered")


@figure(
    Definition(
        name="return_interviews/not_required",
        title="Returns recorded as needing no interview",
        counts="Returns in the period that are recorded as needing no interview, with none offered or held, by the unit where the child "
        "was placed.",
        over="All returns in the period.",
        matters="Guidance has an interview offered after every return. These returns are left out of what is said of interviews offered, "
        "held and late, so that it must be seen how many they are and whose.",
        source=f"{_GUIDANCE} Intervals: Wilson 1927.",
        caveat="The intervals take each return by itself; one child with many returns can move a share.",
        columns={
            "unit_id": "the unit where the child was placed; empty where not known",
            "returns": "returns in the period",
            "not_required": "of these, recorded as needing no interview",
            "share": "not_required ÷ returns; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children of the returns",
        },
        needs=("return_interviews", "episodes.ended_at"),
    )
)
def not_required(asked: Asked) -> Shown:
    frame = with_limits(asked.rows(), "share", "not_required", pl.col("returns"))
    returns, needless = int(frame["returns"].sum()), int(frame["not_required"].sum())
    points = frame.drop_nulls("share") if needless else frame.clear()
    finding = f"{needless:,} of {many(returns, 'return')} {'is' if needless == 1 else 'are'} recorded as needing no interview"
    if not needless:
        finding = "No return in this period is recorded as needing no interview"
    elif points.height:
        finding += f" ({percent(needless / returns)})"
    rows = [
        ShareRow.of(asked.unit(row["unit_id"]), row, "not_required", "returns")
        for row in busiest(points, "returns").sort("share", descending=True).iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of all returns that are recorded as needing no interview, by unit, with 95% intervals",
        alt=("A point for each unit, the share so recorded. " if rows else "")
        + "".join(f"{row.label}: {row.number}. " for row in rows)
        + f"{finding}.",
        draw=(lambda palette: ranked_shares(rows, palette)) if rows else None,
        caveats=small_base(asked, frame["share"].null_count() > 0),
    )


@figure(
    Definition(
        name="return_interviews/late_reasons",
        title="Why interviews are late",
        counts="Returns in the period whose interview was held after 72 hours or is due and not held, by the reason recorded for it.",
        over="All of these returns, those with no reason recorded among them.",
        matters="A child who is far away, or gone again, asks for another answer than an interviewer who is not there.",
        source=_GUIDANCE,
        caveat="Interviews declined are not late. Of several reasons for one return, the last recorded counts.",
        columns={
            "reason": "the reason recorded; empty where none is",
            "returns": "returns with a late interview or one that is due and not held",
            "held_late": "of these, an interview was held",
            "not_held": "of these, none was",
            "children": "different children of these returns",
            "share": "returns ÷ all that are late; empty below the smallest number of children",
        },
        needs=(*_NEEDS, "return_interviews.outcome", "return_interviews.late_reason"),
    )
)
def late_reasons(asked: Asked) -> Shown:
    frame = asked.rows()
    late, named = int(frame["returns"].sum()), frame.drop_nulls("reason")
    if not late:
        finding = "No interview in this period is late"
    elif named.is_empty():
        finding = f"No reason is recorded for {many(late, 'late interview')}"
    else:
        most = named.row(0, named=True)
        finding = f"The most frequent reason for late interviews: {code_words(most['reason'])}, {most['returns']:,} of {late:,}"
    rows = [
        Bar(capital(code_words(row["reason"])), row["returns"], row["held_late"], _count_and_share(row["returns"], row["share"]))
        for row in frame.iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Returns whose interview was held after 72 hours or is due and not held, by the reason recorded",
        alt=_alt_of_bars("late interviews by reason", rows, finding),
        draw=lambda palette: bars(rows, palette, dark="Held late", pale="Not held"),
        caveats=small_base(asked, frame["share"].null_count() > 0),
    )


@figure(
    Definition(
        name="return_interviews/interviewers",
        title="Who held the interviews",
        counts=f"Return interviews held for returns in the period, by who held them. {_ONCE}",
        over="All of these interviews.",
        matters="The guidance asks for someone independent of the placement, to whom a child can speak of the placement too.",
        source=_GUIDANCE,
        columns={
            "interviewer": "who held it; empty where it is not recorded",
            "interviews": "interviews held",
            "episodes": "returns that they cover",
            "children": "different children",
            "share": "interviews ÷ all held; empty below the smallest number of children",
        },
        needs=(*_NEEDS, "return_interviews.interviewer"),
    )
)
def interviewers(asked: Asked) -> Shown:
    frame = asked.rows()
    total = int(frame["interviews"].sum())
    independent = frame.filter(pl.col("interviewer") == "independent")
    count = int(independent["interviews"].sum())
    finding = _NONE_HELD
    if total:
        share = frame["share"].count() > 0
        finding = (
            f"{percent(count / total)} of interviews were held by someone independent of the placement"
            if share
            else f"{count:,} of {many(total, 'interview')} were held by someone independent"
        )
    rows = [
        Bar(
            "Someone else" if row["interviewer"] == "other" else capital(code_words(row["interviewer"])),
            row["interviews"],
            row["interviews"] if row["interviewer"] == "independent" else 0,
            _count_and_share(row["interviews"], row["share"]),
        )
        for row in frame.iter_rows(named=True)
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Return interviews held, by who held them",
        alt=_alt_of_bars("return interviews by who held them", rows, finding),
        draw=lambda palette: bars(rows, palette),
        caveats=small_base(asked, frame["share"].null_count() > 0),
    )


@figure(
    Definition(
        name="return_interviews/reasons",
        title="What children say",
        counts="Return interviews held for returns in the period, by the reasons that the child gave. "
        f"{_ONCE} It counts for each of its reasons.",
        over="Interviews with a reason recorded.",
        matters="Push (away from the placement), pull (towards someone or somewhere) and personal reasons ask for different help.",
        source="Statutory guidance, January 2014: push and pull factors. The codes of each group are set by the authority.",
        columns={
            "group": "push, pull, personal, or other (a code that the settings do not know)",
            "reason": "the reason",
            "interviews": "interviews in which it was given",
            "children": "different children who gave it",
            "share": "interviews ÷ those with a reason recorded; empty below the smallest number of children",
            "of_interviews": "interviews with a reason recorded",
        },
        needs=(*_NEEDS, "return_interviews.reasons"),
    )
)
def reasons(asked: Asked) -> Shown:
    frame = asked.rows()
    finding = "No reason is recorded at an interview for a return in this period"
    if frame.height:
        most = frame.sort("interviews", "reason", descending=[True, False]).head(3)["reason"]
        finding = f"Children most often speak of {listed(code_words(reason) for reason in most)}"
    rows: list[Bar] = []
    for (group,), of_group in frame.group_by("group", maintain_order=True):
        rows.append(Bar(capital(str(group)), None, None, ""))
        rows += [
            Bar(capital(code_words(row["reason"])), row["interviews"], row["interviews"], _count_and_share(row["interviews"], row["share"]))
            for row in of_group.iter_rows(named=True)
        ]
    interviews = int(asked.rows("return_interviews/held")["interviews_held"][0])
    silent = interviews - (int(frame["of_interviews"][0]) if frame.height else 0)
    return Shown(
        frame=frame,
        finding=finding,
        measure="Return interviews in which a reason was given, and their share of those with a reason recorded",
        alt=_alt_of_bars("reasons that children gave", [row for row in rows if row.number], finding),
        draw=lambda palette: bars(rows, palette),
        caveats=(
            *((f"Left out: {many(silent, 'interview')} with no reason recorded.",) if silent else ()),
            *small_base(asked, frame["share"].null_count() > 0),
        ),
    )


@figure(
    Definition(
        name="return_interviews/follow_up",
        title="Whether help followed",
        counts=f"Return interviews held, by month of the return, and those followed by help or a change of plan. {_ONCE}",
        over="Interviews for which it is recorded whether it did.",
        matters="Interviews are of little significance unless they trigger some effective form of help.",
        source="Staffordshire study of missing children, 2006. Intervals: Wilson 1927.",
        caveat="An interview that covers several returns is in the month of the last. The intervals take each interview by itself.",
        columns={
            "month": "first day of the month of the return",
            "interviews": "interviews held for which it is recorded whether help followed",
            "followed_up": "of these, help or a change of plan followed",
            "share": "followed_up ÷ interviews; empty below the smallest number of children",
            "lower": "lower end of the 95% interval",
            "upper": "upper end of the 95% interval",
            "children": "different children",
            "not_recorded": "interviews held for which it is not recorded",
            "is_provisional": "part of the month is in the latest four weeks, which are still being recorded",
        },
        needs=(*_NEEDS, "return_interviews.follow_up"),
    )
)
def follow_up(asked: Asked) -> Shown:
    frame = with_limits(asked.rows(), "share", "followed_up", pl.col("interviews"))
    hits, tries, silent = (int(frame[name].sum()) for name in ("followed_up", "interviews", "not_recorded"))
    finding = "No interview in this period says whether help followed"
    if tries and frame["share"].count():
        finding = f"Help or a change of plan followed {percent(hits / tries)} of interviews"
    elif tries:
        finding = f"Help or a change of plan followed {hits:,} of {many(tries, 'interview')}"
    drawn = frame.rename({"followed_up": "hits", "interviews": "tries"})
    return Shown(
        frame=frame,
        finding=finding,
        measure="Share of interviews followed by help or a change of plan, by month of the return, with 95% intervals",
        alt=alt_by_month(frame, "interviews followed by help", finding),
        draw=(lambda palette: share_by_month(drawn, palette)) if frame["share"].count() else None,
        caveats=(
            *((f"Left out: {many(silent, 'interview')} for which it is not recorded whether help followed.",) if silent else ()),
            *small_base(asked, frame.filter(pl.col("interviews") > 0)["share"].null_count() > 0),
        ),
    )


def _count_and_share(count: int, share: float | None) -> str:
    return f"{count:,}" + (f" · {percent(share)}" if share is not None else "")


def _alt_of_bars(what: str, rows: list[Bar], finding: str) -> str:
    return f"Bar chart of {what}. " + "; ".join(f"{row.label}: {row.number}" for row in rows) + f". {finding}."
