"""A few rows as real exports have them: things that the check warns of and the Data quality page shows."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import polars as pl

from dashboard.exports.demo.days import Days
from dashboard.exports.demo.draw import ids

_AFTER_A_RETURN = (
    "ended_at",
    "police_checked_at",
    "found_latitude",
    "found_longitude",
    "found_place",
    "found_by",
    "harm_disclosed",
)


def blemish(rng: np.random.Generator, days: Days, tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """The tables with two or three rows each that are wrong in a way of their own, among foster care's episodes."""
    episodes, interviews = tables["episodes"], tables["return_interviews"]
    marked = episodes.with_row_index("row").with_columns(
        gone_again_at=pl.col("started_at").shift(-1).over("child_id"), foster=pl.col("unit_id").str.starts_with("F")
    )
    took: set[int] = set()

    def some(how_many: int, which: pl.Expr) -> list[int]:
        """So many rows for which it holds and that no other blemish has, or as many as there are."""
        rows = [row for row in marked.filter(which & pl.col("foster"))["row"].to_list() if row not in took]
        chosen = rng.permutation(np.array(rows, dtype=np.int64))[:how_many].tolist()
        took.update(chosen)
        return chosen

    back, again = pl.col("ended_at"), pl.col("gone_again_at")
    end = pl.lit(days.end * 60_000_000).cast(pl.Datetime("us", "UTC"))
    overlap = some(2, again - back < timedelta(30))
    left_open = some(2, again.is_null() & back.is_not_null() & pl.col("started_at").is_between(end - timedelta(150), end - timedelta(35)))
    backwards = some(2, back.is_not_null())
    abroad = some(1, pl.col("found_latitude").is_not_null())
    unknown_place = some(3, pl.col("found_place") == "transport")
    older_word = some(3, pl.col("risk") == "very_low")
    held_early = some(2, pl.col("episode_id").is_in(interviews.filter(pl.col("held_at").is_not_null())["episode_id"].implode()))

    row = pl.col("row")
    end_overlapping, end_backwards = again + timedelta(hours=3), pl.col("started_at") - timedelta(hours=11)
    episodes = marked.with_columns(
        ended_at=pl.when(row.is_in(overlap)).then(end_overlapping).when(row.is_in(backwards)).then(end_backwards).otherwise(back),
        found_place=pl.when(row.is_in(unknown_place)).then(pl.lit("bus_station")).otherwise("found_place"),
        risk=pl.when(row.is_in(older_word)).then(pl.lit("no_apparent_risk")).otherwise("risk"),
        found_latitude=pl.when(row.is_in(abroad)).then(0.0).otherwise("found_latitude"),
        found_longitude=pl.when(row.is_in(abroad)).then(0.0).otherwise("found_longitude"),
    ).with_columns(pl.when(~row.is_in(left_open)).then(pl.col(name)).alias(name) for name in _AFTER_A_RETURN)
    wrong = episodes.select("row", "episode_id", "ended_at")
    interviews = interviews.join(wrong.filter(row.is_in(left_open)), on="episode_id", how="anti", maintain_order="left")
    interviews = interviews.join(wrong.filter(row.is_in(held_early)), on="episode_id", how="left", maintain_order="left").with_columns(
        held_at=pl.coalesce(pl.col("ended_at") - timedelta(hours=5), "held_at"),
        # The last interview is about an episode that the export does not have.
        episode_id=pl.when(pl.int_range(pl.len()) == pl.len() - 1).then(pl.lit("E9999999")).otherwise("episode_id"),
    )
    episodes = pl.concat([episodes.drop("row"), _after_care(days, tables)], how="diagonal")
    return tables | {
        "episodes": episodes.select(tables["episodes"].columns),
        "return_interviews": interviews.select(tables["return_interviews"].columns),
    }


def _after_care(days: Days, tables: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Two episodes of children three weeks after they had left care: in no placement, and in no unit."""
    left, went = pl.col("looked_after_to"), tables["episodes"]["child_id"].unique().implode()
    is_ours = pl.col("responsible_authority").is_null() & pl.col("child_id").is_in(went)
    leavers = tables["children"].filter(is_ours & left.is_between(days.first_day, days.last_day - timedelta(60)))[:2]
    started = (left + timedelta(22)).cast(pl.Datetime("us", "UTC")) + timedelta(hours=20, minutes=40)
    return leavers.select(
        ids("E", tables["episodes"].height, leavers.height).alias("episode_id"),
        "child_id",
        category=pl.lit("missing"),
        started_at=started,
        ended_at=started + timedelta(hours=9),
        police_called=pl.lit(False),
    )
