"""The table of returns: what became of the interview after each, case by case."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tests.oracle.made import opened, utc

BACK = utc(2025, 3, 10, 18)


def _returned(*interviews: dict[str, Any], ended_at: datetime | date = BACK, started_at: datetime | date | None = None) -> dict[str, Any]:
    """The row of one child's return, after these interviews. `covers` is to 30 June 2025."""
    episode = {"episode_id": "E", "started_at": started_at or ended_at - timedelta(days=1), "ended_at": ended_at}
    # One that is always given, so that every column is filled.
    other = {"episode_id": "other", "outcome": "completed", "held_at": ended_at, "interviewer": "independent"}
    rows = [{"interview_id": f"I{index}", "episode_id": "E", **interview} for index, interview in enumerate(interviews)]
    snapshot, _ = opened(episodes=[episode], return_interviews=[*rows, {"interview_id": "other", **other}])
    return snapshot._run("SELECT * FROM returns", {}).row(0, named=True)


def _held(after: timedelta, **more: Any) -> dict[str, Any]:
    return {"outcome": "completed", "held_at": BACK + after, **more}


def test_no_interview() -> None:
    """Given a return long ago and no word on an interview, then it is due, and neither offered, declined nor held."""
    row = _returned()
    assert not any(row[step] for step in ("is_not_required", "is_offered", "is_accepted", "is_declined", "is_held", "is_not_yet_due"))
    assert row["hours_to_held"] is None


def test_exactly_72_hours() -> None:
    """Given an interview 72 hours after the return to the second, then 72 hours are what is counted, and no more."""
    assert _returned(_held(timedelta(hours=72)))["hours_to_held"] == 72
    assert _returned(_held(timedelta(hours=72, seconds=1)))["hours_to_held"] > 72


@pytest.mark.parametrize(
    ("back", "held", "hours"),
    [
        (utc(2025, 3, 28, 12), utc(2025, 3, 31, 11), 71),
        (utc(2024, 10, 25, 11), utc(2024, 10, 28, 12), 73),
    ],
)
def test_across_a_clock_change(back: datetime, held: datetime, hours: int) -> None:
    """Given clocks that change between, when both read 12:00 local three days apart, then the hours are those that passed: 71 or 73."""
    assert _returned({"outcome": "completed", "held_at": held}, ended_at=back)["hours_to_held"] == hours


def test_an_interview_before_the_return() -> None:
    """Given one held before the child was back, then it is held as recorded, and no hours are given for it."""
    row = _returned(_held(timedelta(hours=-5)))
    assert row["is_held"]
    assert row["hours_to_held"] is None


def test_two_interviews() -> None:
    """Given several interviews, then the first after the return counts, whatever their order in the file."""
    row = _returned(_held(timedelta(hours=90), interviewer="independent"), _held(timedelta(hours=-5)), _held(timedelta(hours=30)))
    assert row["hours_to_held"] == 30
    assert row["is_independent"]


def test_declined_then_held() -> None:
    """Given an interview declined and another held, then it is held and not declined."""
    row = _returned({"outcome": "declined"}, _held(timedelta(hours=40)))
    assert (row["is_held"], row["is_declined"], row["is_accepted"]) == (True, False, True)


def test_declined() -> None:
    """Given one declined, then it was offered and not accepted."""
    row = _returned({"outcome": "declined"})
    assert (row["is_offered"], row["is_declined"], row["is_accepted"], row["is_held"]) == (True, True, False, False)


@pytest.mark.parametrize("outcome", ["pending", "not_held", None])
def test_offered_only(outcome: str | None) -> None:
    """Given one offered and not held, then it counts as accepted until it is declined."""
    row = _returned({"outcome": outcome})
    assert (row["is_offered"], row["is_accepted"], row["is_held"]) == (True, True, False)


def test_a_time_held_without_an_outcome() -> None:
    """Given a time held and no outcome, then it was held; given an outcome that says otherwise, then not."""
    assert _returned(_held(timedelta(hours=3)) | {"outcome": None})["is_held"]
    assert not _returned(_held(timedelta(hours=3)) | {"outcome": "pending"})["is_held"]


def test_held_although_not_offered() -> None:
    """Given one held and recorded as not offered, then it was offered: nobody holds an interview that is not."""
    assert _returned(_held(timedelta(hours=3), offered="no"))["is_offered"]


def test_not_required() -> None:
    """Given a return that needs none, then it is not required, unless one was offered or held all the same."""
    assert _returned({"offered": "not_required"})["is_not_required"]
    assert not _returned({"offered": "not_required"}, {"offered": "yes"})["is_not_required"]
    assert not _returned(_held(timedelta(hours=3), offered="not_required"))["is_not_required"]


def test_not_yet_due() -> None:
    """Given fewer than 72 hours from the return to the export's end, then it is not yet due, unless one was held."""
    end = utc(2025, 6, 30, 23)  # midnight, local
    assert _returned(ended_at=end - timedelta(hours=72) + timedelta(seconds=1))["is_not_yet_due"]
    assert not _returned(ended_at=end - timedelta(hours=72))["is_not_yet_due"]
    late = end - timedelta(hours=20)
    assert not _returned({"outcome": "completed", "held_at": late + timedelta(hours=2)}, ended_at=late)["is_not_yet_due"]


def test_dates_alone() -> None:
    """Given dates without times, then no hours are given, and a return on one of the last three days is not yet due."""
    day = date(2025, 3, 10)
    row = _returned({"outcome": "completed", "held_at": day + timedelta(1)}, ended_at=day)
    assert row["is_held"]
    assert row["hours_to_held"] is None
    assert [_returned(ended_at=date(2025, 6, day))["is_not_yet_due"] for day in (27, 28, 30)] == [False, True, True]


def test_an_open_episode_is_no_return() -> None:
    """Given an episode still open at the export's end, or that ends after it, then there is no return."""
    snapshot, _ = opened(
        episodes=[
            {"started_at": utc(2025, 6, 1), "ended_at": None},
            {"started_at": utc(2025, 6, 1), "ended_at": utc(2025, 7, 2)},
            {"started_at": utc(2025, 6, 1), "ended_at": utc(2025, 6, 2)},
        ]
    )
    assert snapshot._run("SELECT * FROM returns", {}).height == 1


def test_why_it_is_late() -> None:
    """Given several reasons for the delay, then the one of the last interview by id that has one is kept."""
    row = _returned(
        {"outcome": "not_held", "late_reason": "missing_again"}, {"outcome": "not_held", "late_reason": "no_answer"}, {"outcome": "pending"}
    )
    assert (row["is_not_held"], row["late_reason"]) == (True, "no_answer")
    assert not _returned({"outcome": "not_held"}, _held(timedelta(hours=90)))["is_not_held"]


def test_held_on_the_day_of_the_return() -> None:
    """Given a return with its time and an interview of the same date without one, then it was held after the return, in unknown hours."""
    snapshot, _ = opened(
        episodes=[{"episode_id": "E", "started_at": BACK - timedelta(1), "ended_at": BACK}],
        return_interviews=[{"interview_id": "I", "episode_id": "E", "outcome": "completed", "held_at": BACK.date()}],
    )
    row = snapshot._run("SELECT * FROM returns", {}).row(0, named=True)
    assert row["held_at"].date() == BACK.date()
    assert row["hours_to_held"] is None
    assert not snapshot._run("SELECT is_before_return FROM return_interviews", {}).item()


def test_one_interview_of_several_returns() -> None:
    """Given an interview on three rows, then they have one number, and another interview has another."""
    snapshot, _ = opened(
        episodes=[{"episode_id": id_, "started_at": BACK - timedelta(1), "ended_at": BACK} for id_ in ("E1", "E2", "E3")],
        return_interviews=[
            {"interview_id": interview, "episode_id": episode}
            for interview, episode in (("I1", "E1"), ("I2", "E2"), ("I1", "E3"), ("I1", "unknown"))
        ],
    )
    numbers = snapshot._run("SELECT interview_id, array_agg(DISTINCT interview_number) FROM return_interviews GROUP BY ALL", {})
    assert dict(numbers.iter_rows()) == {"I1": [0], "I2": [1]}
