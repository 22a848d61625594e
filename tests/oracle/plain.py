"""An export as plain Python objects, with every derived value worked out again by the definitions, and the rows in a scope."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dashboard.scope import Scope
from tests.oracle.made import COVERS, Tables

LONDON = ZoneInfo("Europe/London")


def local(moment: datetime | date | None) -> datetime | None:
    """The local time of an instant; midnight of a date."""
    if moment is None:
        return None
    if isinstance(moment, datetime):
        return moment.astimezone(LONDON)
    return datetime(moment.year, moment.month, moment.day, tzinfo=LONDON)


def hours_between(start: datetime, end: datetime) -> float:
    """Elapsed hours. Through UTC: subtracting two local times of one zone forgets a clock change between them."""
    return (end.astimezone(UTC) - start.astimezone(UTC)).total_seconds() / 3600


@dataclass
class Episode:
    """An episode with what the tables work out for it."""

    row: dict[str, Any]
    started_at: datetime
    ended_at: datetime | None
    lasted_to: datetime
    unit_id: str | None
    is_open: bool
    hours: float | None
    is_over_24h: bool
    is_overnight: bool | None
    age: int | None
    is_ours: bool
    is_here: bool

    @property
    def episode_id(self) -> str:
        return self.row["episode_id"]

    @property
    def child_id(self) -> str:
        return self.row["child_id"]

    @property
    def category(self) -> str:
        return self.row["category"]

    @property
    def started_on(self) -> date:
        return self.started_at.date()


@dataclass
class Return:
    """The return from an episode that ended before the export's end, and what became of its interview."""

    episode: Episode
    ended_on: date
    is_not_required: bool
    is_offered: bool
    is_accepted: bool
    is_declined: bool
    is_held: bool
    is_independent: bool
    hours_to_held: float | None
    is_not_yet_due: bool


class Plain:
    """The tables of an export with instants (not dates alone), worked out again."""

    def __init__(self, tables: Tables, covers: tuple[date, date] = COVERS) -> None:
        self.tables = tables
        self.covers = covers
        self.ends_at = local(covers[1] + timedelta(1))
        self.children = {row["child_id"]: row for row in tables.get("children", [])}
        self.units = {row["unit_id"]: row for row in tables.get("units", [])}
        self.placements = tables.get("placements", [])
        self.episodes = [self._episode(row) for row in tables["episodes"]]
        self.returns = [self._return(episode) for episode in self.episodes if not episode.is_open]

    def is_ours(self, child_id: str) -> bool:
        return self.children.get(child_id, {}).get("responsible_authority") is None

    def is_here(self, unit_id: str | None) -> bool:
        return bool(self.units.get(unit_id, {}).get("in_area"))

    def _episode(self, row: dict[str, Any]) -> Episode:
        started, ended = local(row["started_at"]), local(row.get("ended_at"))
        lasted_to = ended if ended is not None else max(self.ends_at, started, key=lambda t: t.astimezone(UTC))
        elapsed = hours_between(started, lasted_to)
        hours = None if elapsed < 0 else elapsed
        unit = row.get("unit_id")
        if unit is None:
            stays = [
                (stay["started_on"], stay["unit_id"])
                for stay in self.placements
                if stay["child_id"] == row["child_id"]
                and stay["started_on"] <= started.date()
                and (stay["ended_on"] is None or started.date() < stay["ended_on"])
            ]
            unit = max(stays)[1] if stays else None
        overnight = None
        if hours is not None:
            overnight = any(
                hours_between(max(started, night), min(lasted_to, night.replace(hour=6))) > 0
                for night in (local(started.date() + timedelta(n)) for n in range((lasted_to.date() - started.date()).days + 1))
            )
        born = self.children.get(row["child_id"], {}).get("birth_month")
        age = None
        if born is not None and born <= started.date():
            age = started.year - born.year - (1 if started.month < born.month else 0)
        return Episode(
            row=row,
            started_at=started,
            ended_at=ended,
            lasted_to=lasted_to,
            unit_id=unit,
            is_open=ended is None or hours_between(self.ends_at, ended) >= 0,
            hours=hours,
            is_over_24h=hours is not None and hours > 24,
            is_overnight=overnight,
            age=age,
            is_ours=self.is_ours(row["child_id"]),
            is_here=self.is_here(unit),
        )

    def _return(self, episode: Episode) -> Return:
        interviews = [row for row in self.tables.get("return_interviews", []) if row["episode_id"] == episode.episode_id]

        def is_held(row: dict[str, Any]) -> bool:
            return row.get("outcome") == "completed" or (row.get("outcome") is None and row.get("held_at") is not None)

        held = [row for row in interviews if is_held(row)]
        offered = bool(held) or any(row["offered"] == "yes" for row in interviews)
        declined = not held and any(row.get("outcome") == "declined" for row in interviews)
        after = [
            hours_between(episode.ended_at, row["held_at"])
            for row in held
            if row.get("held_at") is not None and hours_between(episode.ended_at, row["held_at"]) >= 0
        ]
        return Return(
            episode=episode,
            ended_on=episode.ended_at.date(),
            is_not_required=not offered and any(row["offered"] == "not_required" for row in interviews),
            is_offered=offered,
            is_accepted=offered and not declined,
            is_declined=declined,
            is_held=bool(held),
            is_independent=any(row.get("interviewer") == "independent" for row in held),
            hours_to_held=min(after) if after else None,
            is_not_yet_due=not held and hours_between(episode.ended_at, self.ends_at) < 72,
        )

    def _lets_in(self, scope: Scope, unit_id: str | None, is_ours: bool, is_here: bool) -> bool:
        return (scope.units is None or unit_id in scope.units) and (is_ours if scope.whose == "ours" else is_here)

    def episodes_in(self, scope: Scope) -> list[Episode]:
        """Episodes that began in the scope's period."""
        return [
            e
            for e in self.episodes
            if scope.period.first_day <= e.started_on <= scope.period.last_day
            and scope.category in ("both", e.category)
            and self._lets_in(scope, e.unit_id, e.is_ours, e.is_here)
        ]

    def returns_in(self, scope: Scope) -> list[Return]:
        """Returns in the scope's period that need an interview."""
        return [r for r in self.all_returns_in(scope) if not r.is_not_required]

    def all_returns_in(self, scope: Scope) -> list[Return]:
        """Returns in the scope's period."""
        return [
            r
            for r in self.returns
            if scope.period.first_day <= r.ended_on <= scope.period.last_day
            and scope.category in ("both", r.episode.category)
            and self._lets_in(scope, r.episode.unit_id, r.episode.is_ours, r.episode.is_here)
        ]

    def nights_in(self, scope: Scope) -> list[tuple[str, str, date]]:
        """Every night in placement in the scope's period that the export covers: (child, unit, day), one by one."""
        nights = []
        for stay in self.placements:
            ours, here = self.is_ours(stay["child_id"]), self.is_here(stay["unit_id"])
            if not self._lets_in(scope, stay["unit_id"], ours, here):
                continue
            day = max(stay["started_on"], scope.period.first_day, self.covers[0])
            while day <= min(scope.period.last_day, self.covers[1]) and (stay["ended_on"] is None or day < stay["ended_on"]):
                nights.append((stay["child_id"], stay["unit_id"], day))
                day += timedelta(1)
        return nights
