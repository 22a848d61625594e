"""The Return interviews figures again, in plain Python."""

from __future__ import annotations

from datetime import timedelta
from math import hypot, sqrt
from typing import Any

from dashboard.scope import Scope, month_after
from tests.oracle.made import Rows
from tests.oracle.plain import Plain, Return, hours_between


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


def compared(hits: int, tries: int, other_hits: int, other_tries: int) -> str | None:
    """Whether a share can be told from that of the others together, by the 99.8% limits of both."""
    if not other_tries:
        return None
    (lower, upper), (other_lower, other_upper) = (
        score_limits(h, t, 3.090232306167813) for h, t in ((hits, tries), (other_hits, other_tries))
    )
    share, other = hits / tries, other_hits / other_tries
    if share - other > hypot(share - lower, other_upper - other):
        return "higher"
    if other - share > hypot(upper - share, other - other_lower):
        return "lower"
    return "no clear difference"


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
        others = _answers([r for r in returns if r.episode.unit_id != unit])
        row["compared"] = None
        if row["share_72h"] is not None:
            row["compared"] = compared(
                row["held_72h"], row["due"] - row["not_yet_due"], others["held_72h"], others["due"] - others["not_yet_due"]
            )
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
