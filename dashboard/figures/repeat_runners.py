"""The figures of the Repeat runners page."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import polars as pl

from dashboard.charts.concentration import concentration as concentration_chart
from dashboard.charts.distribution import distribution as distribution_chart
from dashboard.charts.trajectory import trajectory as trajectory_chart
from dashboard.charts.triggers import triggers as triggers_chart
from dashboard.exports import contract
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.words import KIND_WORDS, day_words, listed, many, percent
from dashboard.statistics.concentration import children_for_half, equal_risk_band

STUDY = "Study of children who go missing from care, Staffordshire 2006"
_SLEUTH = "Lancashire's Sleuth (three in 90 days leads to a referral) and LAMP (overnight, or five in a month)"


def nothing_in(asked: Asked) -> str:
    """The finding where the period has no episode."""
    return f"No {asked.episodes} in {asked.scope.period.words}"


def children_words(count: int) -> str:
    """ "1 child", "23 children"."""
    return many(count, "child", "children")


def _rules(asked: Asked) -> dict[str, Any]:
    """The authority's rules as the SQL takes them: one list for each of their parts."""
    rules = asked.settings.triggers
    return {
        "rule_names": [rule.name for rule in rules],
        "rule_episodes": [rule.episodes for rule in rules],
        "rule_days": [rule.days for rule in rules],
        "rule_kinds": [rule.kind for rule in rules],
    }


def has_times(asked: Asked) -> bool:
    """Whether starts and ends have times; where there are none at all, no time is lacking."""
    given = asked.snapshot.given
    return all(f"times of episodes.{column}" in given for column in ("started_at", "ended_at") if f"episodes.{column}" in given)


def _is_compared(asked: Asked) -> bool:
    return asked.scope.period.previous.first_day >= asked.snapshot.coverage.first_day


def _comparison(asked: Asked) -> tuple[str, tuple[str, ...]]:
    """The comparison in words for a measure, or where there is none the caveat that says why."""
    before = asked.scope.period.previous
    if _is_compared(asked):
        return f"Compared with {before.words}", ()
    return "", (f"The data begin on {day_words(asked.snapshot.coverage.first_day)}, too late for a comparison with {before.words}.",)


def _rule_caveats(asked: Asked) -> tuple[str, ...]:
    first_day, rules = asked.snapshot.coverage.first_day, asked.settings.triggers
    longest = max((rule.days for rule in rules if rule.days is not None), default=0)
    said = []
    if asked.scope.period.first_day - timedelta(longest) < first_day:
        said.append(f"The data begin on {day_words(first_day)}, so windows that reach back before that day hold too few starts.")
    if not has_times(asked) and any(rule.kind == "overnight" for rule in rules):
        said.append("Overnight cannot be told from dates alone.")
    return tuple(said)


def small_base(asked: Asked, children: int) -> tuple[str, ...]:
    """The caveat of a share that is not given."""
    if not 0 < children < asked.settings.smallest_children:
        return ()
    return (f"No share is given of fewer than {asked.settings.smallest_children} children.",)


@figure(
    Definition(
        name="repeat_runners/distribution",
        title="How often children go",
        counts="Children with an episode in the period, and their episodes, by how many each of them had.",
        matters="Most children who go do so once or twice. A few go many times, and need another answer than the rest.",
        source="Bands as in Devon's annual report on missing children, 2020-21.",
        columns={
            "band": "episodes that a child had in the period",
            "children": "children who had that many",
            "episodes": "the episodes of those children",
        },
    )
)
def distribution(asked: Asked) -> Shown:
    frame = asked.rows()
    children, episodes = int(frame["children"].sum()), int(frame["episodes"].sum())
    if not children:
        return Shown(frame=frame, finding=nothing_in(asked), alt=nothing_in(asked))
    again = children - int(frame["children"][0])
    share = f" ({percent(again / children)})" if children >= asked.settings.smallest_children else ""
    most = frame.filter(pl.col("children") > 0).row(-1, named=True)
    return Shown(
        frame=frame,
        finding=f"{again:,} of {children_words(children)}{share} had more than one episode",
        measure=f"Children and their {asked.episodes}, by episodes that a child had",
        alt=f"Bars of children and their episodes by how often they went. {children_words(children)} had {many(episodes, 'episode')}; "
        f"{children_words(children - again)} had one; in the highest band, {most['band']}, {children_words(most['children'])} had "
        f"{many(most['episodes'], 'episode')}.",
        draw=partial(distribution_chart, frame),
        caveats=small_base(asked, children),
    )


@figure(
    Definition(
        name="repeat_runners/concentration",
        title="Concentration on few children",
        counts="Episodes in the period of each child who had one, the child with most first.",
        over="All children with an episode in the period, and all their episodes.",
        matters="It tells whether a rise or fall is about many children or about a few, and how much work with those few can change.",
        source="Lorenz 1905, from the top. The band is simulated: the counts that the same number of children would have at one risk for "
        "all, with those who would not have gone left out (zero-truncated Poisson counts given their sum), 95% of 1,000 simulations from "
        "a fixed seed.",
        columns={
            "rank": "1 is the child with most episodes; ties by child",
            "child_id": "the child's pseudonym",
            "episodes": "the child's episodes in the period",
            "share_of_children": "rank over all children who went, 0 to 1",
            "share_of_episodes": "episodes of this child and all before it over all episodes, 0 to 1",
            "chance_lower": "lower end of what equal risk would give, 95%",
            "chance_upper": "upper end of what equal risk would give, 95%",
            "chance_middle": "middle of what equal risk would give",
        },
        is_child_level=True,
    )
)
def concentration(asked: Asked) -> Shown:
    frame = asked.rows()
    children, episodes = frame.height, int(frame["episodes"].sum())
    if children < max(asked.settings.smallest_children, 1):
        frame = frame.with_columns(pl.lit(None, pl.Float64).alias(name) for name in ("chance_lower", "chance_middle", "chance_upper"))
        said = f"{children_words(children)} had {many(episodes, 'episode')}" if children else nothing_in(asked)
        return Shown(frame=frame, finding=said, alt=said, caveats=small_base(asked, children))
    frame = frame.join(equal_risk_band(children, episodes), on="rank", how="left", maintain_order="left")
    tenth = frame.row(-(-children // 10) - 1, named=True)
    had = f"had {percent(tenth['share_of_episodes'])} of episodes"
    half, fewest, usual = (children_for_half(frame, name) for name in ("share_of_episodes", "chance_upper", "chance_middle"))
    had_half = f"{half:,} of {children_words(children)} had half of all episodes"
    return Shown(
        frame=frame,
        finding=f"{had_half}; equal risk would give {usual:,}" if half < fewest else f"{had_half}, as equal risk would give",
        measure=f"Running share of {asked.episodes}, {children_words(children)} and {many(episodes, 'episode')}",
        alt=f"Curve of the running share of {asked.episodes} over the children who went, most frequent first. {had_half}. The first "
        f"{children_words(tenth['rank'])} of {children:,} {had}; equal risk would give {percent(tenth['chance_lower'])} to "
        f"{percent(tenth['chance_upper'])}.",
        draw=partial(concentration_chart, frame, episodes=asked.episodes),
    )


@figure(
    Definition(
        name="repeat_runners/concentration_summary",
        title="Concentration in figures",
        counts="Children with an episode in the period and their episodes; the shares of the children with most.",
        over="All episodes of the period.",
        matters="One line to set beside another year or another authority: 147 children in Devon, 2020-21, had a Gini coefficient of 0.58, "
        "and a tenth of them 44% of the episodes.",
        source="Gini 1912, without a correction for small numbers.",
        columns={
            "children": "children with an episode in the period",
            "episodes": "their episodes",
            "gini": "Gini coefficient: 0 where all children had as many, near 1 where one child had all",
            "top_1_share": "share of the child with most, 0 to 1",
            "top_5_share": "share of the five children with most, 0 to 1",
            "top_tenth_children": "a tenth of the children, rounded up",
            "top_tenth_share": "share of that tenth, 0 to 1",
            "children_for_half": "fewest children who together had half of the episodes or more",
        },
    )
)
def concentration_summary(asked: Asked) -> Shown:
    frame = asked.rows()
    row = frame.row(0, named=True)
    if not row["children"]:
        finding = nothing_in(asked)
    elif row["top_tenth_share"] is None:
        finding = f"{children_words(row['children'])} had {many(row['episodes'], 'episode')}"
    else:
        finding = f"The top tenth, {children_words(row['top_tenth_children'])}, had {percent(row['top_tenth_share'])} of episodes"
    return Shown(frame=frame, finding=finding, alt=finding, caveats=small_base(asked, row["children"]))


@figure(
    Definition(
        name="repeat_runners/triggers",
        title="Rules crossed",
        counts="Each time that a child came to meet a rule in the period. A rule of a number of episodes in a number of days counts starts "
        "by local date in the days up to and with a date, those before the period too; it is crossed when the count comes from below "
        "the number to it. A rule of a kind of episode (over 24 hours, overnight) is crossed by each such episode, on the day it began.",
        matters="A rule is a promise to look again at a child's plan. This is the list to hold against the reviews that followed.",
        source=f"The authority's settings. By default after {_SLEUTH}.",
        columns={
            "rule": "the rule, from the authority's settings",
            "child_id": "the child's pseudonym",
            "crossed_on": "the day on which the child came to meet it",
            "most_in_window": "most starts in the rule's days, to the next crossing or the period's end; empty for a kind of episode",
            "holds_at_end": "whether the child meets it on the period's last day, or the data's where that is earlier; of a kind of "
            "episode, whether that episode still lasted then",
        },
        is_child_level=True,
    )
)
def triggers(asked: Asked) -> Shown:
    rules = _rules(asked)
    frame = asked.rows(**rules)
    crossed = frame["child_id"].n_unique()
    held = frame.filter("holds_at_end")["child_id"].n_unique()
    if frame.is_empty():
        finding = f"No child crossed a rule in {asked.scope.period.words}"
    else:
        finding = f"{children_words(crossed)} crossed a rule; {f'{held:,}' if held else 'none'} of them met it at the period's end"
    return Shown(frame=frame, finding=finding, alt=finding, caveats=_rule_caveats(asked), parameters=rules)


@figure(
    Definition(
        name="repeat_runners/trigger_counts",
        title="Children who meet a rule",
        counts="Children who met each rule at one of their starts in the period: with it there were that many starts or more in the rule's "
        "days, those before the period too. A rule of a kind of episode is met by a child who had one. Nobody is counted for a period "
        "without an episode in it.",
        over="The children who met the rule in the comparison period, the one of the same length just before.",
        matters="Who is new asks for a first plan, who still meets the rule for another one, and who ceased to may have moved away.",
        source=f"The authority's settings. By default after {_SLEUTH}.",
        columns={
            "rule": "the rule, from the authority's settings",
            "children": "children who met it in the period; empty where it cannot be told from the data",
            "previous": "children who met it in the comparison period; empty where the data begin later",
            "new": "children who met it in the period and not in the comparison period",
            "continuing": "children who met it in both",
            "ceased": "children who met it in the comparison period and not in this one",
        },
    )
)
def trigger_counts(asked: Asked) -> Shown:
    rules = _rules(asked) | {"has_times": has_times(asked)}
    frame = asked.rows(**rules)
    compared, not_compared = _comparison(asked)
    caveats = (*not_compared, *_rule_caveats(asked))
    known = frame.drop_nulls("children")
    if not known["children"].sum() and not known["previous"].sum():
        finding = f"No child met a rule in {asked.scope.period.words}"
        return Shown(frame=frame, finding=finding, alt=finding, caveats=caveats, parameters=rules)
    first = known.row(0, named=True)
    finding = f"{children_words(first['children']) if first['children'] else 'No child'} met “{first['rule']}”"
    if first["previous"] is not None:
        finding += f", {first['new']:,} of them new" if first["children"] else ""
        finding += f"; {first['ceased']:,} no longer {'does' if first['ceased'] == 1 else 'do'}"
    return Shown(
        frame=frame,
        finding=finding,
        measure=". ".join(filter(None, ("Children who met each rule in the period", compared))),
        alt="Bars of the children who met each rule: "
        + "; ".join(
            f"{row['rule']}, {row['children']:,}"
            + ("" if row["previous"] is None else f", of them {row['new']:,} new, against {row['previous']:,} before")
            for row in known.iter_rows(named=True)
        )
        + ".",
        draw=partial(triggers_chart, frame),
        caveats=caveats,
        parameters=rules,
    )


@figure(
    Definition(
        name="repeat_runners/children",
        title="The children who went",
        counts="Each child with an episode in the period: where and how old at the latest one, how often and how long, moves between "
        "placements, and the rules that the child meets at the period's end.",
        over="The comparison period, the one of the same length just before.",
        matters="The list to go through child by child: who is new on it, who is back each period, and who has moved often.",
        source=f"{STUDY}: moves mark the children who go often. Rules: the authority's settings.",
        columns={
            "child_id": "the child's pseudonym",
            "unit_id": "where the child was placed at the latest episode",
            "age": "years, at the latest episode",
            "episodes": "episodes in the period",
            "previous": "episodes in the comparison period; empty where the data begin later",
            "over_24h": "episodes over 24 hours; from dates alone, those that ended two dates later or more",
            "hours_missing": "hours of the period's episodes together, open ones up to the data's end; from dates alone, whole days × 24",
            "last_on": "the day on which the latest one began",
            "moves": "placements that began in the period in another unit than the one before",
            "triggers": "rules that the child meets on the period's last day, or the data's where that is earlier",
        },
        is_child_level=True,
    )
)
def children(asked: Asked) -> Shown:
    parameters = _rules(asked) | {"has_placements": "placements" in asked.snapshot.given}
    frame = asked.rows(**parameters)
    compared, not_compared = _comparison(asked)
    no_moves = () if parameters["has_placements"] else ("Moves need table placements.",)
    if frame.is_empty():
        finding = nothing_in(asked)
    elif _is_compared(asked):
        finding = f"{(frame['previous'] == 0).sum():,} of {children_words(frame.height)} had no episode in the period before"
    else:
        finding = f"{children_words(frame.height)} had {many(int(frame['episodes'].sum()), 'episode')}"
    return Shown(
        frame=frame,
        finding=finding,
        measure=compared,
        alt=finding,
        caveats=(*no_moves, *not_compared, *_rule_caveats(asked)),
        parameters=parameters,
    )


@figure(
    Definition(
        name="repeat_runners/trajectory",
        title="One child's path",
        counts="The placements, episodes, return interviews and police calls of one child in the period, of any category and unit: the "
        "child who is chosen, or else the one with most episodes in the scope. With them the days on which the child came to meet a rule "
        "of so many episodes in so many days, as the list of rules crossed has them.",
        matters="Set against each other in time, they show what came before an episode, and whether an interview followed.",
        source=f"{STUDY}: histories of single children.",
        columns={
            "kind": "placement, episode, interview, police_call or rule",
            "starts_at": "when it began; an interview: when it was held, else when it was offered; a rule: the day on which it was crossed",
            "ends_at": "when it ended; empty while it lasts, and for interviews and calls",
            "unit_id": "the unit",
            "category": "missing or away, of the episode or of the one that an interview or call is about",
            "detail": "kind of unit, risk of the episode, outcome of the interview, reason of the call, the rule",
            "hours": "length of an episode in hours, to the data's end while it is open",
            "child_id": "the child's pseudonym",
        },
        caveat="Interviews without a date and calls that are tied to no episode are left out.",
        is_child_level=True,
    )
)
def trajectory(asked: Asked) -> Shown:
    chosen = {"child_id": asked.extra.get("child_id")}
    frame = _with_rules(asked, asked.rows(**chosen))
    given = asked.snapshot.given
    sources = {
        "placement": {"placements"},
        "interview": {"return_interviews"},
        "police_call": {"police_calls", "episodes.police_called_at"},
    }
    lacking = [kind for kind, tables in sources.items() if not tables & given]
    caveats = (f"The data have no {' or '.join(_KINDS[kind] for kind in lacking)}.",) if lacking else ()
    if frame.is_empty():
        finding = f"Nothing of child {chosen['child_id']} in the period" if chosen["child_id"] else nothing_in(asked)
        return Shown(frame=frame, finding=finding, alt=finding, caveats=caveats, parameters=chosen)
    counts = {kind: frame.filter(pl.col("kind") == kind).height for kind in _KINDS}
    had = listed(many(count, _KINDS[kind].removesuffix("s")) for kind, count in counts.items() if kind not in lacking)
    lengths, lane = _lanes(has_times(asked))
    lanes = [*lengths, _UNKNOWN] if frame.filter(kind="episode")["hours"].null_count() else lengths
    categories = frame.filter(kind="episode")["category"].value_counts(sort=True)
    crossed = frame.filter(kind="rule")["detail"].unique().to_list()
    return Shown(
        frame=frame,
        finding=f"Child {frame['child_id'][0]} had {had}",
        measure="Episodes by length, with moves (upright lines), rules crossed (triangles) and interviews (hollow: not completed)",
        alt=f"One time axis of child {frame['child_id'][0]}: {had}"
        + (f"; episodes {listed(f'{count} {category}' for category, count in categories.iter_rows())}" if counts["episode"] else "")
        + (f"; rules crossed: {listed(sorted(crossed))}." if crossed else "."),
        draw=partial(
            trajectory_chart,
            frame.with_columns(lane.alias("lane")),
            first_day=asked.scope.period.first_day,
            last_day=asked.scope.period.last_day,
            lanes=lanes,
            rules=[rule.name for rule in asked.settings.triggers if rule.name in crossed],
            kinds=[kind for kind in _KINDS if kind not in lacking],
            unit_names=asked.snapshot.unit_names,
        ),
        caveats=caveats,
        parameters=chosen,
        as_read=frame.with_columns(
            detail=pl.when(pl.col("kind") == "placement").then(pl.col("detail").replace(KIND_WORDS)).otherwise("detail")
        ),
    )


def _with_rules(asked: Asked, frame: pl.DataFrame) -> pl.DataFrame:
    """The path with the days on which the child came to meet a rule of so many episodes in so many days. A rule of a kind of episode is
    left out: the episode itself is there to see."""
    if frame.is_empty():
        return frame
    in_days = [rule.name for rule in asked.settings.triggers if rule.days is not None]
    crossed = asked.rows("repeat_runners/triggers", **_rules(asked)).filter(
        pl.col("child_id") == frame["child_id"][0], pl.col("rule").is_in(in_days)
    )
    rows = crossed.select(
        kind=pl.lit("rule"),
        starts_at=pl.col("crossed_on").cast(pl.Datetime("us")).dt.replace_time_zone(contract.LOCAL_TIME),
        detail="rule",
        child_id="child_id",
    )
    in_order = ["starts_at", "kind", "ends_at", "unit_id", "category", "detail"]
    return pl.concat([frame, rows], how="diagonal").sort(in_order, nulls_last=True, maintain_order=True)


_KINDS = {"episode": "episodes", "placement": "placements", "interview": "return interviews", "police_call": "police calls"}
_UNKNOWN = "Length not known"


def _lanes(has_times: bool) -> tuple[list[str], pl.Expr]:
    """The lanes of episodes, the longest first, and the lane of each by its hours."""
    hours = pl.col("hours")
    if has_times:
        lanes = ["Over 3 days", "1 to 3 days", "6 to 24 hours", "Under 6 hours"]
        longer_than = (hours > 72, hours > 24, hours >= 6)
    else:
        # Dates alone: an episode that ended on the next date may have lasted an hour.
        lanes = ["Over 3 dates later", "2 or 3 dates later", "Ended the next date", "Ended the same date"]
        longer_than = (hours > 72, hours > 24, hours > 0)
    shortest = pl.when(hours.is_null()).then(pl.lit(_UNKNOWN)).otherwise(pl.lit(lanes[3]))
    first, second, third = longer_than
    lane = pl.when(first).then(pl.lit(lanes[0])).when(second).then(pl.lit(lanes[1])).when(third).then(pl.lit(lanes[2])).otherwise(shortest)
    return lanes, lane
