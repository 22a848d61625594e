"""Text from an export, made safe for the places where Streamlit reads Markdown."""

from __future__ import annotations

import re

# Word joiner: shows nothing, and keeps ":red[", "https://", "name@host" and "1." from being read as directives or links.
_JOINER = "\u2060"
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~$^=&])")
_STARTS = re.compile(r"([:/.@])")


def plain(text: str) -> str:
    """The text so that Markdown shows it letter by letter: no bold, link, image, directive or HTML comes of it."""
    return _STARTS.sub(rf"\1{_JOINER}", _MARKS.sub(r"\\\1", " ".join(text.split())))
