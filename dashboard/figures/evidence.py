"""The figure of the Evidence page: each episode from the absence to the help that followed, and what its chain lacks."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.chain import MOST_EPISODES
from dashboard.charts.chain import chain as chain_chart
from dashboard.exports.contract import LOCAL_TIME
from dashboard.figures.figure import Asked, Definition, Shown, figure, what_is_needed
from dashboard.figures.words import listed, many

_HELD = "return_interviews.outcome=completed or return_interviews.held_at"

# In the order in which they follow each other: what each is called, and what the export must give for it.
_LINKS: dict[str, tuple[str, tuple[str, ...]]] = {
    "risk": ("Risk", ("episodes.risk",)),
    "police": ("Police", ("episodes.police_called or episodes.police_called_at or police_calls.episode_id",)),
    "return": ("Return", ("episodes.ended_at",)),
    "check": ("Police check", ("episodes.police_checked_at",)),
    # Without outcomes an interview that was declined would be taken for one that is lacking.
    "interview": ("Return interview", ("return_interviews", "return_interviews.outcome", _HELD)),
    "follow_up": ("Follow-up", (_HELD, "return_interviews.follow_up")),
}


@figure(
    Definition(
        name="evidence/chain",
        title="From absence to follow-up",
        counts="Episodes that began in the period, of one child where one is chosen, and which links of the chain each has: risk, police, "
        "return, police check, return interview, follow-up.",
        over="The links that the episode should have: a police check where the police were called; an interview once its 72 hours are "
        "over, unless none is required; a follow-up of an interview that was held. After a return that is lacking nothing is expected.",
        matters="An inspector follows single episodes. Here each can be followed, and what the data lack of it is named.",
        source="Department for Education, statutory guidance on children who run away or go missing from home or care, January 2014.",
        columns={
            "episode_id": "the episode",
            "child_id": "the child's pseudonym",
            "unit_id": "the unit where the child was placed; empty where not known",
            "category": "missing or away",
            "started_at": "when it began",
            "risk": "the risk as agreed with the police; empty where not recorded",
            "police_called": "whether the police were called; empty where not recorded",
            "police_called_at": "when they were called; empty where not recorded",
            "ended_at": "when the child came back; empty where the episode is open at the data's end",
            "police_checked_at": "when the police spoke with the child after the return; empty where not recorded",
            "interview": "the return interview: held; declined; not_held, no_answer_yet (both offered); not_offered; not_required; "
            "not_yet_due; empty where the child is not back",
            "held_at": "when it was held after the return; empty where not recorded",
            "hours_to_held": "hours from the return to it; empty from dates alone",
            "follow_up": "whether help or a change of plan followed the interview; empty where not recorded or none was held",
            "expected": "the links that the episode should have",
            "lacking": "of these, the links that are not there",
        },
        caveat="A link that is lacking may have been made and not recorded.",
        needs=("episodes.ended_at",),
        is_child_level=True,
    )
)
def chain(asked: Asked) -> Shown:
    given = asked.snapshot.given
    untold = {link: words for link, (words, needs) in _LINKS.items() if what_is_needed(needs, given)}
    told = {link: words for link, (words, _) in _LINKS.items() if link not in untold}
    child_id = asked.extra.get("child_id")
    parameters: dict[str, Any] = {"child_id": child_id, "told": list(told)}
    frame = asked.rows(**parameters)
    caveats = (f"The data do not tell of {listed(words.lower() for words in untold.values())}.",) if untold else ()
    whose = f" of child {child_id}" if child_id else ""
    if frame.is_empty():
        nothing = f"No {asked.episodes}{whose} in {asked.scope.period.words}"
        return Shown(frame=frame, finding=nothing, alt=f"{nothing}.", caveats=caveats, parameters=parameters)
    expected, lacking = (dict(frame[column].explode().drop_nulls().value_counts().iter_rows()) for column in ("expected", "lacking"))
    whole = frame.filter(pl.col("lacking").list.len() == 0).height
    finding = f"{whole:,} of {many(frame.height, 'episode')}{whose} {'has' if whole == 1 else 'have'} every link"
    if untold:
        # Else an export that tells of nothing but returns would seem to have it all.
        finding += f" that is told, {len(told)} of {len(_LINKS)}"
    elif lacking:
        most = max(told, key=lambda link: lacking.get(link, 0))
        finding += f"; most often unrecorded: {told[most].lower()} ({lacking[most]:,})"
    rows = [
        Bar(words, expected.get(link, 0), expected.get(link, 0) - lacking.get(link, 0), _of(expected.get(link, 0), lacking.get(link, 0)))
        for link, words in told.items()
    ]
    return Shown(
        frame=frame,
        finding=finding,
        measure="Each episode and its links; where there is no mark, none is expected"
        if frame.height <= MOST_EPISODES
        else "Episodes that should have each link, and those that do",
        alt=f"The links of {many(frame.height, 'episode')}{whose}. " + "; ".join(f"{row.label}: {row.number}" for row in rows) + ".",
        draw=partial(chain_chart, frame, labels=_labels(asked, frame), links=told)
        if frame.height <= MOST_EPISODES
        else partial(bars, rows, dark="Recorded", pale="Not recorded"),
        caveats=caveats,
        parameters=parameters,
    )


def _labels(asked: Asked, frame: pl.DataFrame) -> list[str]:
    has_times = "times of episodes.started_at" in asked.snapshot.given
    began = frame["started_at"].dt.convert_time_zone(LOCAL_TIME)
    return [
        f"{at:%-d %b %Y, %H:%M}, {category}" if has_times else f"{at:%-d %b %Y}, {category}"
        for at, category in zip(began, frame["category"], strict=True)
    ]


def _of(expected: int, lacking: int) -> str:
    return f"{expected - lacking:,} of {expected:,}" if expected else "not expected"
