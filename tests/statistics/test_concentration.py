"""What equal risk would give, against every way in which episodes can fall."""

from __future__ import annotations

from itertools import product
from math import exp, factorial, prod

import polars as pl
import pytest

from dashboard.statistics.concentration import children_for_half, equal_risk_band


def _top_child(children: int, episodes: int) -> dict[float, float]:
    """Share of the child with most → its probability: each episode falls on any child alike, given that every child has one."""
    ways: dict[int, int] = {}
    for counts in product(range(1, episodes + 1), repeat=children):
        if sum(counts) == episodes:
            ways[max(counts)] = ways.get(max(counts), 0) + factorial(episodes) // prod(factorial(count) for count in counts)
    return {most / episodes: number / sum(ways.values()) for most, number in sorted(ways.items())}


@pytest.mark.parametrize(("children", "episodes"), [(2, 4), (3, 6), (3, 9), (4, 10)])
def test_the_band_is_that_of_episodes_falling_on_children_alike(children: int, episodes: int) -> None:
    """Counted out in full, the shares beyond either end have a fortieth of the probability at most, and with the end itself at
    least that; a hundredth is left to the simulation."""
    row = equal_risk_band(children, episodes).row(0, named=True)
    chances = _top_child(children, episodes)
    lower, upper, rounding = row["chance_lower"], row["chance_upper"], 1e-9
    assert sum(chance for share, chance in chances.items() if share < lower - rounding) <= 0.035
    assert sum(chance for share, chance in chances.items() if share <= lower + rounding) >= 0.015
    assert sum(chance for share, chance in chances.items() if share > upper + rounding) <= 0.035
    assert sum(chance for share, chance in chances.items() if share >= upper - rounding) >= 0.015


def test_once_each_leaves_nothing_to_chance() -> None:
    """Where there are as many episodes as children, each had one, and the band is the diagonal."""
    frame = equal_risk_band(8, 8)
    for column in ("chance_lower", "chance_middle", "chance_upper"):
        assert frame[column].to_list() == pytest.approx([rank / 8 for rank in range(1, 9)])


def test_the_band_ends_at_every_episode_and_never_falls() -> None:
    """A running share rises from rank to rank to 1, also where ranks are filled in between those worked out."""
    frame = equal_risk_band(10_000, 66_000)
    assert frame["rank"].to_list() == list(range(1, 10_001))
    for column in ("chance_lower", "chance_middle", "chance_upper"):
        assert frame[column].is_sorted()
        assert frame[column][-1] == pytest.approx(1)
    assert (frame["chance_lower"] <= frame["chance_middle"]).all()
    assert (frame["chance_middle"] <= frame["chance_upper"]).all()


def test_many_children_come_close_to_what_is_expected() -> None:
    """Of 10,000 children with 6.6 episodes on average, the tenth with most have the part of all episodes that the probabilities
    of zero-truncated Poisson counts give."""
    mean, risk = 6.6, 6.6
    for _ in range(50):  # risk ÷ (1 - exp(-risk)) = mean, by repeated substitution
        risk = mean * (1 - exp(-risk))
    chance = [risk**count / factorial(count) / (exp(risk) - 1) for count in range(1, 60)]
    left, episodes = 0.1, 0.0
    for count in range(59, 0, -1):
        taken = min(left, chance[count - 1])
        left, episodes = left - taken, episodes + taken * count
    row = equal_risk_band(10_000, 66_000).row(999, named=True)
    assert row["chance_middle"] == pytest.approx(episodes / mean, abs=0.001)


def test_the_same_numbers_give_the_same_band() -> None:
    """The simulation has a fixed seed: a figure printed twice is the same figure."""
    assert equal_risk_band(128, 587).equals(equal_risk_band(128, 587))


@pytest.mark.parametrize(("children", "episodes"), [(0, 0), (5, 4)])
def test_children_who_went_have_an_episode_each(children: int, episodes: int) -> None:
    """Fewer episodes than children who went cannot be, and is refused."""
    with pytest.raises(ValueError, match="once at least"):
        equal_risk_band(children, episodes)


def test_children_for_half() -> None:
    """Half is reached with the first child with whom the running share is a half or more."""
    ranks = pl.DataFrame({"rank": [1, 2, 3], "share": [0.4, 0.5, 1.0], "other": [0.2, 0.4, 1.0]})
    assert (children_for_half(ranks, "share"), children_for_half(ranks, "other")) == (2, 3)
