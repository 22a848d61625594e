"""Single episodes and the links of their chains: which are recorded, and which are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import altair as alt
import polars as pl

from dashboard.charts.bars import LABEL_AFTER_PLACE
from dashboard.charts.theme import Palette, finish

MOST_EPISODES = 20
_ROW = 26
_STATES = ("Recorded", "Not recorded")


def chain(frame: pl.DataFrame, palette: Palette, *, labels: Sequence[str], links: Mapping[str, str]) -> alt.Chart:
    """A row an episode, a column a link: a disc where it is recorded, a cross where it is not, nothing where none is expected.

    Takes the columns of `evidence/chain`, and the words for each of its rows. `links` are those that the export tells of, with theirs.
    """
    # Two rows may have the same words.
    episodes = [f"{place}|{label}" for place, label in enumerate(labels)]
    marks = [
        {"episode": episode, "link": links[link], "state": _STATES[link in lacking]}
        for episode, expected, lacking in zip(episodes, frame["expected"], frame["lacking"], strict=True)
        for link in expected
    ]
    colours = alt.Scale(domain=list(_STATES), range=[palette.categories[0], palette.high])
    shapes = alt.Scale(domain=list(_STATES), range=["circle", "cross"])
    drawn = (
        alt.Chart(alt.InlineData(values=marks))
        .mark_point(filled=True, size=110, opacity=1)
        .encode(
            x=alt.X(
                "link:N",
                title=None,
                scale=alt.Scale(domain=list(links.values())),
                axis=alt.Axis(orient="top", labelAngle=0, domain=False, ticks=False),
            ),
            y=alt.Y(
                "episode:N",
                title=None,
                scale=alt.Scale(domain=episodes),
                axis=alt.Axis(labelExpr=LABEL_AFTER_PLACE, grid=True),
            ),
            color=alt.Color("state:N", title=None, scale=colours),
            shape=alt.Shape("state:N", title=None, scale=shapes),
        )
        .properties(height=max(_ROW * len(episodes), 60), width="container")
    )
    return finish(drawn, palette)
