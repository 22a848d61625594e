"""How episodes would gather on few children if all who went ran the same risk."""

from __future__ import annotations

from math import exp, sqrt

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import gammaln, lambertw

_SEED = 20140101
_DRAWS = 5_000
_KEPT = 1_000
_MOST_RANKS = 200


def equal_risk_band(children: int, episodes: int, level: float = 0.95) -> pl.DataFrame:
    """The running share of episodes that each rank of children would have at equal risk, the child with most first.

    Children who did not go are not seen, so the counts of those who did are Poisson counts of one risk, of which the noughts are left
    out: zero-truncated. Given how many children went and how many episodes they had, such counts do not depend on the risk. They are
    simulated with the mean that was seen, and the simulations kept whose total comes nearest to the episodes, 1 in 5 of them. What is
    drawn is how many children have one episode, how many two and so on, which costs as much for a hundred children as for a hundred
    thousand. Beyond 200 children, ranks between those worked out are filled in along a line.

    Returns one row a rank from 1: `rank`, `chance_lower`, `chance_middle` (median), `chance_upper`; shares from 0 to 1. The same
    numbers in give the same rows out.

    Raises:
        ValueError: there are fewer episodes than children, or no child.
    """
    if not 1 <= children <= episodes:
        raise ValueError(f"{episodes} episodes cannot be those of {children} children who went once at least")
    ranks = np.unique(np.geomspace(1, children, _MOST_RANKS).round()) if children > _MOST_RANKS else np.arange(1.0, children + 1)
    tail = (1 - level) / 2
    lower, middle, upper = np.quantile(_simulated_shares(children, episodes, ranks), [tail, 0.5, 1 - tail], axis=0)
    every = np.arange(1, children + 1)
    return pl.DataFrame(
        {
            "rank": every,
            "chance_lower": np.interp(every, ranks, lower),
            "chance_middle": np.interp(every, ranks, middle),
            "chance_upper": np.interp(every, ranks, upper),
        }
    )


def children_for_half(ranks: pl.DataFrame, share: str) -> int:
    """The fewest children who have half of the episodes: the first `rank` at which the running share in column `share` reaches it."""
    return int(ranks.filter(pl.col(share) >= 0.5)["rank"][0])


def _simulated_shares(children: int, episodes: int, ranks: NDArray[np.float64]) -> NDArray[np.float64]:
    """One row a simulation, one column a rank: the share of episodes of the children up to that rank."""
    counts, probabilities = _zero_truncated_poisson(episodes / children)
    drawn = np.random.default_rng(_SEED).multinomial(children, probabilities, size=_DRAWS)
    nearest = np.argsort(np.abs(drawn @ counts - episodes), kind="stable")[:_KEPT]
    most_first, counts = drawn[nearest, ::-1], counts[::-1]
    passed = np.cumsum(most_first, axis=1)
    had = np.cumsum(most_first * counts, axis=1)
    # Children with as many episodes as each other lie on a straight line between these points, so nothing is lost.
    return np.array([np.interp(ranks, [0, *x], [0, *y]) / y[-1] for x, y in zip(passed, had, strict=True)])


def _zero_truncated_poisson(mean: float) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """The counts from 1 up that are to be expected at all, and their probabilities."""
    if mean == 1:
        return np.array([1]), np.array([1.0])
    # The risk that gives this mean solves risk ÷ (1 - exp(-risk)) = mean, by Lambert's W function.
    risk = mean + float(lambertw(-mean * exp(-mean)).real)
    spread = 10 * sqrt(risk)
    counts = np.arange(max(1, int(risk - spread)), int(risk + spread) + 20)
    probabilities = np.exp(counts * np.log(risk) - risk - gammaln(counts + 1))
    return counts, probabilities / probabilities.sum()
