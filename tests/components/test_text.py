"""Text from an export stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dashboard.components.text import css_text, plain


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


@given(st.text(st.characters(exclude_categories=["Cs"])))
@example('"; } </style><script>x</script> \\')
@example("St Mary’s \n Home 2")
def test_a_text_in_a_style_sheet_stays_a_text(text: str) -> None:
    """Whatever a unit is called, nothing but letters, digits and escapes stands between the quotes, and they say what it is called."""
    made = css_text(text)
    assert re.fullmatch(r'"([A-Za-z0-9 ,.]|\\[0-9a-f]+ )*"', made)
    read = re.sub(r"\\([0-9a-f]+) ", lambda escape: chr(int(escape[1], 16)), made[1:-1])
    assert read == " ".join(text.split())
