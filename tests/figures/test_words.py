"""The words that findings share."""

from __future__ import annotations

import pytest

from dashboard.figures.words import percent


@pytest.mark.parametrize(
    ("share", "said"),
    [(None, "not known"), (0.0, "0%"), (1 / 900, "under 1%"), (0.005, "under 1%"), (0.436, "44%"), (899 / 900, "over 99%"), (1.0, "100%")],
)
def test_a_share_is_said_as_none_or_all_only_where_it_is(share: float | None, said: str) -> None:
    """One of 900 is not 0%, and 899 of 900 are not 100%."""
    assert percent(share) == said
