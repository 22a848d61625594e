"""Text from an export, made safe for the places where it would be read as Markdown or as a style sheet."""

from __future__ import annotations

import re

# Word joiner: shows nothing, and keeps ":red[", "https://", "name@host" and "1." from being read as directives or links.
_JOINER = "\u2060"
_MARKS = re.compile(r"([\\`*_{}\[\]()<>#+\-!|~$^=&])")
_STARTS = re.compile(r"([:/.@])")


def plain(text: str) -> str:
    """The text so that Markdown shows it letter by letter: no bold, link, image, directive or HTML comes of it."""
    return _STARTS.sub(rf"\1{_JOINER}", _MARKS.sub(r"\\\1", " ".join(text.split())))


def css_text(text: str) -> str:
    """The text as a string of a style sheet, in which it ends neither the string nor the sheet."""
    return '"' + re.sub(r"[^A-Za-z0-9 ,.]", lambda letter: f"\\{ord(letter[0]):x} ", " ".join(text.split())) + '"'
