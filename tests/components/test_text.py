"""Text from an export stays text."""

from __future__ import annotations

import pytest

from dashboard.components.text import plain


@pytest.mark.parametrize(
    "text",
    [
        "**bold**",
        "[a](https://example.org)",
        ":red[x]",
        "![](x.png)",
        "<b>x</b>",
        "a@b.org",
        "# x",
        "1. x",
        "$x$",
        ":material/home:",
        "`x`",
        "~~x~~",
        "a | b",
    ],
)
def test_markdown_in_a_name_is_shown_letter_by_letter(text: str) -> None:
    """A unit called like a directive, a link or HTML shows as it is written: every mark is escaped or kept from its neighbour."""
    made = plain(text)
    assert made.replace("\\", "").replace("\u2060", "") == text
    assert made != text
    for mark in "*[]<>`~$|#!":
        assert made.count(mark) == made.count("\\" + mark)
    assert "://" not in made
    assert ":red" not in made
    assert "@b" not in made


def test_line_breaks_are_folded() -> None:
    """A name cannot begin a new block."""
    assert plain("a\n\n    b") == "a b"
