"""The Return interviews figures again, in plain Python."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import hypot, sqrt
from statistics import median
from typing import Any

from dashboard.scope import Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Episode, Plain, Return, hours_between


def score_limits(hits: int, tries: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The two chances that lie z standard errors, each by its own, from the share seen: found by halving."""

    def far(chance: float) -> bool:
        return abs(hits / tries - chance) > z * sqrt(chance * (1 - chance) / tries)

    def edge(inside: float, outside: float) -> float:
        for _ in range(100):
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if far(middle) else (middle, outside)
        return inside

    return (edge(hits / tries, 0.0) if hits else 0.0), (edge(hits / tries, 1.0) if hits < tries else 1.0)


def compared(ours: list[tuple[str | None, str, bool]], others: list[tuple[str | None, str, bool]]) -> str | None:
    """Whether a share can be told from that of the others together, by the 99.8% limits of both, a child being one try in each unit.

    Each is unit, child and whether it counts, one a try.
    """
    if not others:
        return None
    share, other = (sum(counts for _, _, counts in those) / len(those) for those in (ours, others))
    (lower, upper), (other_lower, other_upper) = (
        score_limits(share_of * once, once, 3.090232306167813) for share_of, once in ((share, _once(ours)), (other, _once(others)))
    )
    if share - other > hypot(share - lower, other_upper - other):
        return "higher"
    if other - share > hypot(upper - share, other - other_lower):
        return "lower"
    return "no clear difference"


def _once(tries: list[tuple[str | None, str, bool]]) -> int:
    return len({(unit, child) for unit, child, _ in tries})


def _within(returns: list[Return], hours: float) -> int:
    return sum(r.hours_to_held is not None and r.hours_to_held <= hours for r in returns)


def steps(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/steps."""
    returns = plain.returns_in(scope)
    reached = {
        "due": returns,
        "not_yet_due": [r for r in returns if r.is_not_yet_due],
        "offered": [r for r in returns if r.is_offered],
        "accepted": [r for r in returns if r.is_accepted],
        "held": [r for r in returns if r.is_held],
        "held_72h": [r for r in returns if r.hours_to_held is not None and r.hours_to_held <= 72],
        "independent": [r for r in returns if r.is_independent],
    }
    is_base = len({r.episode.child_id for r in returns}) >= 5
    return [
        {
            "step": step,
            "episodes": len(of_step),
            "children": len({r.episode.child_id for r in of_step}),
            "share_of_due": len(of_step) / len(returns) if is_base else None,
        }
        for step, of_step in reached.items()
    ]


def _answers(returns: list[Return]) -> dict[str, Any]:
    base = [r for r in returns if not r.is_not_yet_due]
    children = len({r.episode.child_id for r in base})
    held, held_72h = sum(r.is_held for r in returns), _within(returns, 72)
    lower, upper = score_limits(held_72h, len(base)) if children >= 5 else (None, None)
    return {
        "due": len(returns),
        "not_yet_due": len(returns) - len(base),
        "offered": sum(r.is_offered for r in returns),
        "held": held,
        "held_24h": _within(returns, 24),
        "held_48h": _within(returns, 48),
        "held_72h": held_72h,
        "held_untimed": sum(r.is_held and r.hours_to_held is None for r in returns),
        "children": children,
        "share_72h": held_72h / len(base) if children >= 5 else None,
        "share_held": held / len(base) if children >= 5 else None,
        "lower": lower,
        "upper": upper,
        "target": 1.0,
    }


def coverage(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/coverage."""
    rows = []
    month = scope.period.first_month
    while month <= scope.period.last_month:
        after = month_after(month, 1)
        if month <= plain.covers[1] and after > plain.covers[0]:
            of_month = [r for r in plain.returns_in(scope) if month <= r.ended_on < after]
            rows.append({"month": month, **_answers(of_month), "is_provisional": after - timedelta(1) > plain.covers[1] - timedelta(28)})
        month = after
    return rows


def unit_coverage(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/unit_coverage."""
    returns = plain.returns_in(scope)
    rows = []
    for unit in {r.episode.unit_id for r in returns}:
        row = {"unit_id": unit, **_answers([r for r in returns if r.episode.unit_id == unit])}
        row["compared"] = None
        if row["share_72h"] is not None:
            due = [
                (r.episode.unit_id, r.episode.child_id, r.hours_to_held is not None and r.hours_to_held <= 72)
                for r in returns
                if not r.is_not_yet_due
            ]
            row["compared"] = compared([of for of in due if of[0] == unit], [of for of in due if of[0] != unit])
        rows.append(row)
    # What is not known stands last.
    return sorted(
        rows,
        key=lambda row: (
            *((row[share] is None, row[share] or 0) for share in ("share_72h", "share_held")),
            row["unit_id"] is None,
            row["unit_id"] or "",
        ),
    )


def outstanding(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/outstanding."""
    rows = []
    for r in plain.returns_in(scope):
        if r.is_held or r.is_declined or r.is_not_yet_due:
            continue
        interviews = [row for row in plain.tables.get("return_interviews", []) if row["episode_id"] == r.episode.episode_id]
        reason = "not offered"
        if r.is_offered:
            reason = "offered, no answer yet"
            if any(row.get("outcome") == "not_held" for row in interviews):
                reason = "offered, not held"
        late = [row["late_reason"] for row in sorted(interviews, key=lambda row: row["interview_id"]) if row.get("late_reason")]
        rows.append(
            {
                "episode_id": r.episode.episode_id,
                "child_id": r.episode.child_id,
                "unit_id": r.episode.unit_id,
                "ended_at": r.episode.ended_at,
                "hours_past_due": hours_between(r.episode.ended_at, plain.ends_at) - 72,
                "reason": reason + (f": {late[-1].replace('_', ' ')}" if late else ""),
            }
        )
    return sorted(rows, key=lambda row: (row["ended_at"].timestamp(), row["episode_id"]))


def _hours_to_again(plain: Plain, r: Return) -> float | None:
    """Hours from a return to the start of the child's next episode, of whichever category, that starts after it."""
    after = [e for e in plain.episodes if e.child_id == r.episode.child_id and _order(e) > _order(r.episode)]
    later = [hours_between(r.episode.ended_at, e.started_at) for e in after]
    return min((hours for hours in later if hours > 0), default=None)


def _order(episode: Episode) -> tuple[datetime, str]:
    return episode.started_at, episode.episode_id


def _rows_of(plain: Plain, r: Return) -> Rows:
    return [row for row in plain.tables.get("return_interviews", []) if row["episode_id"] == r.episode.episode_id]


def time_to_interview(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/time_to_interview: every return by itself, hour after hour, by the definition of Aalen and Johansen."""
    returns = [r for r in plain.returns_in(scope) if not r.is_held or r.hours_to_held is not None]
    if not returns:
        return []
    came = []
    for r in returns:
        offers = [
            hours_between(r.episode.ended_at, row["offered_at"])
            for row in _rows_of(plain, r)
            if row.get("outcome") == "declined" and row.get("offered_at") is not None
        ]
        # Of two at the same moment the first named counts.
        could = [
            (r.hours_to_held, "held"),
            (min((hours for hours in offers if hours >= 0), default=0) if r.is_declined else None, "declined"),
            (_hours_to_again(plain, r), "missing_again"),
        ]
        known = [(hours, what) for hours, what in could if hours is not None]
        came.append(min(known, key=lambda one: one[0]) if known else (hours_between(r.episode.ended_at, plain.ends_at), "open"))
    is_base = len({r.episode.child_id for r in plain.returns_in(scope)}) >= 5
    shares = dict.fromkeys(("held", "declined", "missing_again"), 0.0)
    staying, rows, halfway = 1.0, [], None
    for hour in range(337):
        in_hour = [what for hours, what in came if hour - 1 < hours <= hour or (hour == 0 and hours == 0)]
        at_risk = sum(hours > hour for hours, _ in came) + len(in_hour)
        for cause in shares:
            shares[cause] += staying * in_hour.count(cause) / at_risk if at_risk else 0
        staying *= 1 - (len(in_hour) - in_hour.count("open")) / at_risk if at_risk else 1
        if halfway is None and shares["held"] >= 0.5 - 1e-12:
            halfway = hour
        if hour % 6 == 0:
            waiting = sum(hours > hour for hours, _ in came)
            is_known = is_base and (waiting > 0 or sum(shares.values()) > 1 - 1e-9)
            rows.append({"hours": hour, **{cause: share if is_known else None for cause, share in shares.items()}, "waiting": waiting})
    return [row | {"median_hours": halfway if is_base else None} for row in rows]


def gone_again(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/gone_again: counts, and the share where there are children enough."""
    rows = []
    for group in ("interview within 72 hours", "no interview within 72 hours"):
        of_group = []
        for r in plain.returns_in(scope):
            left = plain.children.get(r.episode.child_id, {}).get("looked_after_to")
            again = _hours_to_again(plain, r)
            is_followed = hours_between(r.episode.ended_at, plain.ends_at) >= 672 and (left is None or left >= r.ended_on + timedelta(28))
            is_untimed = r.is_held and r.hours_to_held is None
            is_in_time = r.hours_to_held is not None and r.hours_to_held <= 72
            if is_followed and not is_untimed and (again is None or again > 72) and is_in_time == (group == "interview within 72 hours"):
                of_group.append((r.episode.child_id, again is not None and again <= 672))
        children, again_in_time = len({child for child, _ in of_group}), sum(again for _, again in of_group)
        rows.append(
            {
                "group": group,
                "returns": len(of_group),
                "children": children,
                "again": again_in_time,
                "share": again_in_time / len(of_group) if children >= 5 else None,
            }
        )
    return rows


def _interviews(plain: Plain, scope: Scope) -> dict[str, list[tuple[Return, dict[str, Any]]]]:
    """Each interview held → the returns of the scope that it covers, with their rows."""
    found: dict[str, list[tuple[Return, dict[str, Any]]]] = {}
    for r in plain.returns_in(scope):
        for row in _rows_of(plain, r):
            if row.get("outcome") == "completed" or (row.get("outcome") is None and row.get("held_at") is not None):
                found.setdefault(row["interview_id"], []).append((r, row))
    return found


def held(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/held."""
    episodes = [{r.episode.episode_id for r, _ in covered} for covered in _interviews(plain, scope).values()]
    every = [episode for of_interview in episodes for episode in of_interview]
    return [
        {
            "interviews_held": len(episodes),
            "episodes_covered": len(set(every)),
            "interviews_of_several": sum(len(of_interview) > 1 for of_interview in episodes),
            "most_episodes": max(map(len, episodes), default=0),
            "episodes_with_several": sum(every.count(episode) > 1 for episode in set(every)),
        }
    ]


def declined(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/declined."""
    returns = [r for r in plain.returns_in(scope) if r.is_offered]
    kinds = {
        "category": lambda r: r.episode.category,
        "age": lambda r: None if r.episode.age is None else "13 and under" if r.episode.age <= 13 else "14 and over",
        "unit": lambda r: r.episode.unit_id,
    }
    order = ["missing", "away"]
    rows = []
    for by, value_of in kinds.items():
        for group in sorted({value_of(r) for r in returns}, key=lambda g: (order.index(g) if g in order else 99, g is None, g or "")):
            of_group = [r for r in returns if value_of(r) == group]
            hits, children = sum(r.is_declined for r in of_group), len({r.episode.child_id for r in of_group})
            lower, upper = score_limits(hits, len(of_group)) if children >= 5 else (None, None)
            row = {"by": by, "group": group, "offered": len(of_group), "declined": hits, "children": children, "compared": None}
            row |= {"share": hits / len(of_group) if children >= 5 else None, "lower": lower, "upper": upper}
            if by == "unit" and children >= 5:
                tries = [(r.episode.unit_id, r.episode.child_id, r.is_declined) for r in returns]
                row["compared"] = compared([of for of in tries if of[0] == group], [of for of in tries if of[0] != group])
            rows.append(row)
    return rows


def not_required(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/not_required."""
    rows = []
    for unit in {r.episode.unit_id for r in plain.all_returns_in(scope)}:
        of_unit = [r for r in plain.all_returns_in(scope) if r.episode.unit_id == unit]
        hits, children = sum(r.is_not_required for r in of_unit), len({r.episode.child_id for r in of_unit})
        lower, upper = score_limits(hits, len(of_unit)) if children >= 5 else (None, None)
        row = {"unit_id": unit, "returns": len(of_unit), "not_required": hits, "children": children, "lower": lower, "upper": upper}
        rows.append(row | {"share": hits / len(of_unit) if children >= 5 else None})
    return sorted(rows, key=lambda r: (r["share"] is None, -(r["share"] or 0), r["unit_id"] is None, r["unit_id"] or ""))


def late_reasons(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/late_reasons."""
    late = []
    for r in plain.returns_in(scope):
        given = [row["late_reason"] for row in sorted(_rows_of(plain, r), key=lambda row: row["interview_id"]) if row.get("late_reason")]
        reason = given[-1] if given else None
        is_late = not r.is_held or reason is not None if r.hours_to_held is None else r.hours_to_held > 72
        if is_late and not r.is_declined and not r.is_not_yet_due:
            late.append((reason, r))
    is_base = len({r.episode.child_id for _, r in late}) >= 5
    rows = []
    for reason in {reason for reason, _ in late}:
        of_reason = [r for named, r in late if named == reason]
        rows.append(
            {
                "reason": reason,
                "returns": len(of_reason),
                "held_late": sum(r.is_held for r in of_reason),
                "not_held": sum(not r.is_held for r in of_reason),
                "children": len({r.episode.child_id for r in of_reason}),
                "share": len(of_reason) / len(late) if is_base else None,
            }
        )
    return sorted(rows, key=lambda row: (-row["returns"], row["reason"] is None, row["reason"] or ""))


def interviewers(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/interviewers."""
    interviews = _interviews(plain, scope)
    child_of = {id_: min(r.episode.child_id for r, _ in covered) for id_, covered in interviews.items()}
    by = {
        id_: min((row["interviewer"] for _, row in covered if row.get("interviewer")), default=None) for id_, covered in interviews.items()
    }
    is_base = len(set(child_of.values())) >= 5
    rows = []
    for interviewer in set(by.values()):
        of_them = [id_ for id_ in interviews if by[id_] == interviewer]
        rows.append(
            {
                "interviewer": interviewer,
                "interviews": len(of_them),
                "episodes": sum(len({r.episode.episode_id for r, _ in interviews[id_]}) for id_ in of_them),
                "children": len({child_of[id_] for id_ in of_them}),
                "share": len(of_them) / len(interviews) if is_base else None,
            }
        )
    return sorted(rows, key=lambda row: (-row["interviews"], row["interviewer"] is None, row["interviewer"] or ""))


_GROUPS = {"family": "pull", "friends": "pull", "rules": "push", "needed_space": "personal"}


def reasons(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/reasons."""
    said = [
        (id_, r.episode.child_id, reason)
        for id_, covered in _interviews(plain, scope).items()
        for r, row in covered
        for reason in row.get("reasons") or []
    ]
    whole = len({id_ for id_, _, _ in said})
    is_base = len({child for _, child, _ in said}) >= 5
    rows = []
    for reason in {reason for _, _, reason in said}:
        interviews = {id_ for id_, _, given in said if given == reason}
        rows.append(
            {
                "group": _GROUPS.get(reason, "other"),
                "reason": reason,
                "interviews": len(interviews),
                "children": len({child for _, child, given in said if given == reason}),
                "share": len(interviews) / whole if is_base else None,
                "of_interviews": whole,
            }
        )
    return sorted(rows, key=lambda row: (["push", "pull", "personal", "other"].index(row["group"]), -row["interviews"], row["reason"]))


def _by_month(plain: Plain, scope: Scope, row_of: Any) -> Rows:
    rows = []
    month = scope.period.first_month
    while month <= scope.period.last_month:
        after = month_after(month, 1)
        if month <= plain.covers[1] and after > plain.covers[0]:
            rows.append({"month": month, **row_of(month, after), "is_provisional": after - timedelta(1) > plain.covers[1] - timedelta(28)})
        month = after
    return rows


def follow_up(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/follow_up."""
    interviews = []
    for covered in _interviews(plain, scope).values():
        answers = [row["follow_up"] for _, row in covered if row.get("follow_up") is not None]
        last = max(r.ended_on for r, _ in covered)
        interviews.append((last, any(answers) if answers else None, min(r.episode.child_id for r, _ in covered)))

    def row_of(month: Any, after: Any) -> dict[str, Any]:
        of_month = [one for one in interviews if month <= one[0] < after]
        told = [one for one in of_month if one[1] is not None]
        hits, children = sum(bool(one[1]) for one in told), len({child for _, _, child in told})
        lower, upper = score_limits(hits, len(told)) if children >= 5 else (None, None)
        return {
            "interviews": len(told),
            "followed_up": hits,
            "share": hits / len(told) if children >= 5 else None,
            "lower": lower,
            "upper": upper,
            "children": children,
            "not_recorded": len(of_month) - len(told),
        }

    return _by_month(plain, scope, row_of)


def police_checks(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/police_checks: every return, those that need no interview too."""
    back = [r.episode for r in plain.returns]
    back = [
        e
        for e in back
        if scope.period.first_day <= e.ended_at.date() <= scope.period.last_day
        and scope.category in ("both", e.category)
        and (scope.units is None or e.unit_id in scope.units)
        and (e.is_ours if scope.whose == "ours" else e.is_here)
    ]

    def row_of(month: Any, after: Any) -> dict[str, Any]:
        of_month = [e for e in back if month <= e.ended_at.date() < after]
        checked = [e for e in of_month if e.row.get("police_checked_at") is not None]
        timed = [e for e in checked if hours_between(e.ended_at, e.row["police_checked_at"]) >= 0]
        children = len({e.child_id for e in of_month})
        lower, upper = score_limits(len(checked), len(of_month)) if children >= 5 else (None, None)
        hours = [hours_between(e.ended_at, e.row["police_checked_at"]) for e in timed]
        return {
            "returns": len(of_month),
            "checked": len(checked),
            "share": len(checked) / len(of_month) if children >= 5 else None,
            "median_hours": median(hours) if len({e.child_id for e in timed}) >= 5 else None,
            "lower": lower,
            "upper": upper,
            "children": children,
            "not_reported": sum(e.row.get("police_called") is False for e in of_month),
        }

    return _by_month(plain, scope, row_of)


def annex_a(plain: Plain, scope: Scope) -> Rows:
    """return_interviews/annex_a."""
    last_day = min(scope.period.last_day, plain.covers[1])
    first_day = month_after(last_day.replace(day=1), -11)
    of_child: dict[str, list[Any]] = {}
    for e in plain.episodes:
        is_whose = e.is_ours if scope.whose == "ours" else e.is_here
        if first_day <= e.started_on <= scope.period.last_day and is_whose and (scope.units is None or e.unit_id in scope.units):
            of_child.setdefault(e.child_id, []).append(e)
    rows = []
    for child, episodes in of_child.items():
        last = max(episodes, key=lambda e: (e.started_at.timestamp(), e.episode_id))
        back = next((r for r in plain.returns if r.episode is last), None)
        offered, accepted = "not back yet", None
        if back is not None and back.is_offered:
            offered, accepted = "yes", "yes" if back.is_accepted else "no"
        elif back is not None:
            offered = "not required" if back.is_not_required else "not yet due" if back.is_not_yet_due else "no"
        rows.append(
            {
                "child_id": child,
                "missing_12m": sum(e.category == "missing" for e in episodes),
                "away_12m": sum(e.category == "away" for e in episodes),
                "offered_last": offered,
                "accepted_last": accepted,
                "held_last": None if back is None else back.is_held,
                "last_episode": last.episode_id,
            }
        )
    return sorted(rows, key=lambda row: (-row["missing_12m"] - row["away_12m"], row["child_id"]))
