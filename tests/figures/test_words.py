"""The words that findings share."""

from __future__ import annotations

import pytest

from dashboard.figures.words import per_thousand, percent, places_to_tell


@pytest.mark.parametrize(
    ("share", "said"),
    [(None, "not known"), (0.0, "0%"), (1 / 900, "under 1%"), (0.005, "under 1%"), (0.436, "44%"), (899 / 900, "over 99%"), (1.0, "100%")],
)
def test_a_share_is_said_as_none_or_all_only_where_it_is(share: float | None, said: str) -> None:
    """One of 900 is not 0%, and 899 of 900 are not 100%."""
    assert percent(share) == said


@pytest.mark.parametrize(
    ("rate", "said"), [(None, "not known"), (0.0, "0"), (0.067, "0.07"), (0.994, "0.99"), (0.996, "1.0"), (1.04, "1.0"), (86.2, "86.2")]
)
def test_a_rate_below_one_has_two_places(rate: float | None, said: str) -> None:
    """One place, and below 1 two; what rounds to 1 is said as its neighbours are."""
    assert per_thousand(rate) == said


@pytest.mark.parametrize(
    ("rates", "places"), [([], 2), ([0.0], 2), ([3.57, 0.89], 2), ([0.28, 0.022], 3), ([0.0045, 0.0023], 4), ([1e-9], 4)]
)
def test_small_rates_have_places_to_tell_them(rates: list[float], places: int) -> None:
    """The smallest that is not 0 has two digits, and none has more than four places."""
    assert places_to_tell(rates) == places
