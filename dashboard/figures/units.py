"""The other figures of the Units page: how often children go from each unit and kind of setting, who went, who came and left."""

from __future__ import annotations

import polars as pl

from dashboard.charts.bars import Bar, bars
from dashboard.charts.ranked_shares import MOST_ROWS, busiest
from dashboard.charts.rates import RateRow, rates
from dashboard.charts.unit_months import unit_months as unit_months_drawn
from dashboard.figures.figure import Asked, Definition, Shown, figure
from dashboard.figures.units_past import NEEDS_UNITS, provisional_from
from dashboard.figures.words import capital, code_words, day_words, many, month_words, per_thousand, percent
from dashboard.statistics.intervals import rate_interval
from dashboard.statistics.spc import FEWEST_EPISODES

_GUIDANCE = (
    "Department for Education, statutory guidance on children who run away or go missing from home or care, January 2014; local "
    "authority circular of 2002: monitor patterns of absence from individual children's homes and foster carers."
)
_STUDY = "Staffordshire study of missing children, 2006"
_INTERVAL = "Interval: exact Poisson below 10 episodes, Byar's approximation from 10."
_TOO_NARROW = "The interval takes episodes as independent of each other. Those of one child are not, so that it is rather too narrow."
_MONTHS_SHOWN = 12
_CHILDREN_SHOWN = 12


@figure(
    Definition(
        name="units/unit_rates",
        title="Rates of units",
        counts="Episodes that began in the period while the child was placed at the unit, and the same without the child who has most.",
        over="Nights that children were placed there: a night counts for the unit where the child was placed at midnight.",
        matters="Most homes have a handful of children, and one who goes often can make the whole of a home's rate. The rate without "
        "that child shows how the others fare.",
        source=f"{_GUIDANCE} {_INTERVAL}",
        columns={
            "unit_id": "the unit",
            "name": "what it is called",
            "kind": "kind of setting",
            "sector": "who runs it",
            "in_area": "it is in our area",
            "beds": "beds",
            "nights": "nights that children were placed there in the period",
            "children_placed": "different children placed there for a night or more",
            "children_missing": "different children with an episode",
            "episodes": "episodes that began in the period",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights",
            "lower": "lower 95% limit of the rate",
            "upper": "upper 95% limit of the rate",
            "busiest_child_share": "share of the episodes that were of the child with most; empty below the smallest number of children",
            "rate_without_busiest": "the rate without that child's episodes and nights; empty below the smallest number of nights",
            "busiest_episodes": "episodes of the child with most",
        },
        caveat=_TOO_NARROW,
        needs=("placements",),
    )
)
def unit_rates(asked: Asked) -> Shown:
    rows = asked.rows()
    frame = _with_limits(rows)
    if not frame["episodes"].sum():
        return Shown(frame=frame, finding=f"No {asked.episodes} at any unit in {asked.scope.period.words}", alt="No episodes to draw.")
    finding = _of_one_child(frame)
    with_rate = frame.drop_nulls("rate")
    rated = busiest(with_rate, "episodes")
    small = frame["rate"].null_count()
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} per 1,000 nights in placement, by kind of unit{_only_the_most(with_rate.height)}",
        alt=_rates_alt(rated, finding),
        draw=(lambda palette: rates(_rate_rows(rated), palette)) if rated.height else None,
        caveats=(f"{many(small, 'unit')} with fewer than {asked.settings.smallest_nights:,} nights: no rate.",) if small else (),
    )


def _with_limits(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows with `lower` and `upper`, the limits of their rate."""
    limits = [
        rate_interval(episodes, nights) if rate is not None else (None, None)
        for episodes, nights, rate in rows.select("episodes", "nights", "rate").iter_rows()
    ]
    return rows.with_columns(
        lower=pl.Series([lower for lower, _ in limits], dtype=pl.Float64),
        upper=pl.Series([upper for _, upper in limits], dtype=pl.Float64),
    )


def _of_one_child(frame: pl.DataFrame) -> str:
    """How much one child makes of a unit's count: of the units where that is half or more, the one where it is most episodes; of one
    unit alone, its rate with and without that child."""
    # Of fewer episodes it says little that most were one child's.
    halved = frame.filter((pl.col("busiest_child_share") >= 0.5) & (pl.col("episodes") >= FEWEST_EPISODES))
    if halved.height:
        unit = halved.sort("busiest_episodes", "unit_id", descending=[True, False]).row(0, named=True)
        of_all = "all" if unit["busiest_episodes"] == unit["episodes"] else f"{unit['busiest_episodes']:,} of the"
        return f"One child had {of_all} {unit['episodes']:,} episodes at {unit['name']}"
    if frame.height == 1 and frame["rate_without_busiest"][0] is not None and frame["rate"][0] is not None:
        unit = frame.row(0, named=True)
        without = per_thousand(unit["rate_without_busiest"])
        return f"{per_thousand(unit['rate'])} episodes per 1,000 nights at {unit['name']}, {without} without its busiest child"
    if frame["busiest_child_share"].count():
        return "No child had half of the episodes of a unit"
    return f"{many(int(frame['episodes'].sum()), 'episode')} at {many(frame.filter(pl.col('episodes') > 0).height, 'unit')}"


def _rate_rows(rated: pl.DataFrame) -> list[RateRow]:
    """Units under the headings of their kinds, kinds in order of their highest rate."""
    rows = []
    for kind in rated["kind"].unique(maintain_order=True):
        rows.append(RateRow(capital(code_words(kind))))
        rows += [
            RateRow(
                label=unit["name"],
                rate=unit["rate"],
                lower=unit["lower"],
                upper=unit["upper"],
                without_busiest=unit["rate_without_busiest"],
                number=f"{per_thousand(unit['rate'])} · {many(unit['episodes'], 'episode')}",
            )
            for unit in rated.filter(pl.col("kind").eq_missing(kind)).iter_rows(named=True)
        ]
    return rows


def _rates_alt(rated: pl.DataFrame, finding: str) -> str:
    if rated.is_empty():
        return f"No unit has enough nights for a rate. {finding}."
    highest, lowest = rated.row(0, named=True), rated.row(-1, named=True)
    return (
        f"A point with its interval for each of {many(rated.height, 'unit')}, episodes per 1,000 nights: from "
        f"{per_thousand(lowest['rate'])} at {lowest['name']} to {per_thousand(highest['rate'])} at {highest['name']}. {finding}."
    )


def _only_the_most(units: int) -> str:
    return f"; the {MOST_ROWS} units with the most episodes" if units > MOST_ROWS else ""


@figure(
    Definition(
        name="units/unit_months",
        title="Units month by month",
        counts="Episodes that began in the month, and the different children they were of. Every month from the unit's opening to its "
        "closing is given; without an opening date, from its first placement or episode.",
        over="Nights that children were placed there that month, for the rate per 1,000.",
        matters="A month in which a unit's count stands out can be set beside who lived and worked there.",
        source=_GUIDANCE,
        columns={
            "unit_id": "the unit",
            "month": "first day of the month",
            "episodes": "episodes that began in the month",
            "children": "different children with one",
            "nights": "nights that children were placed there",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights, as in most homes' months",
        },
        needs=NEEDS_UNITS,
    )
)
def unit_months(asked: Asked) -> Shown:
    frame = asked.rows()
    totals = (
        frame.group_by("unit_id")
        .agg(total=pl.col("episodes").sum())
        .with_columns(name=pl.col("unit_id").map_elements(asked.unit, return_dtype=pl.String))
        .sort("total", "name", "unit_id", descending=[True, False, False])
    )
    total = int(totals["total"].sum())
    if not total:
        return Shown(frame=frame, finding=f"No {asked.episodes} at any unit in {asked.scope.period.words}", alt="No episodes to draw.")
    most = totals.row(0, named=True)
    finding = f"{most['name']} had the most episodes: {most['total']:,} of {total:,}"
    latest = frame["month"].unique().sort().tail(_MONTHS_SHOWN)
    shown = totals.head(MOST_ROWS).with_row_index("place").join(frame.filter(pl.col("month").is_in(latest.to_list())), on="unit_id")
    top = shown.sort("episodes", "month", descending=True).row(0, named=True)
    is_cut = frame["month"].n_unique() > _MONTHS_SHOWN
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} that began in the month"
        + (f", the latest {_MONTHS_SHOWN} months" if is_cut else "")
        + _only_the_most(totals.height),
        alt=f"Heat map of {many(shown['unit_id'].n_unique(), 'unit')} by month, {month_words(latest[0])} to {month_words(latest[-1])}: "
        f"most in one month {many(top['episodes'], 'episode')}, at {top['name']} in {month_words(top['month'])}. {finding}.",
        draw=lambda palette: unit_months_drawn(shown.sort("place", "month").rename({"episodes": "count"}), palette),
        caveats=tuple(_still_being_recorded(asked)),
    )


def _still_being_recorded(asked: Asked) -> list[str]:
    first = provisional_from(asked)
    return [f"From {day_words(first)} on, episodes are still being recorded."] if first <= asked.scope.period.last_day else []


@figure(
    Definition(
        name="units/who_went",
        title="Who makes the count",
        counts="Episodes that began in the period, child by child, without saying which child.",
        over="All episodes of the unit.",
        matters="A unit's count can be many children's or one child's. What would help differs.",
        source=f"{_STUDY}: 105 absences by five young people from one unit in three months.",
        columns={
            "unit_id": "the unit",
            "rank": "1 is the child with most episodes from the unit",
            "episodes": "episodes of one child",
            "share_of_episodes": "of the unit's episodes, 0 to 1; empty below the smallest number of children placed",
            "nights": "nights that the child was placed there in the period",
        },
        needs=NEEDS_UNITS,
        is_child_level=True,
    )
)
def who_went(asked: Asked) -> Shown:
    frame = asked.rows()
    if frame.is_empty():
        return Shown(frame=frame, finding=f"No {asked.episodes} at any unit in {asked.scope.period.words}", alt="No episodes to draw.")
    total, units = int(frame["episodes"].sum()), frame["unit_id"].n_unique()
    first = frame.sort("episodes", "unit_id", "rank", descending=[True, False, False]).row(0, named=True)
    where = asked.unit(first["unit_id"])
    of_unit = int(frame.filter(pl.col("unit_id") == first["unit_id"])["episodes"].sum())
    if units > 1:
        finding = f"The most of one child: {first['episodes']:,} of the {of_unit:,} episodes at {where}"
    elif frame.height == 1:
        finding = f"One child had {'the one episode' if total == 1 else f'all {total:,} episodes'} at {where}"
    elif (fewest := _children_for_half(frame["episodes"].to_list())) == 1:
        finding = f"One child had {first['episodes']:,} of the {total:,} episodes at {where}"
    else:
        finding = f"{where}: {fewest:,} of {frame.height:,} children who went had half of the {total:,} episodes"
    # Many units have no picture of their own here: each unit's page has it.
    rows = _child_bars(frame) if units == 1 else []
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)}, a bar a child" if rows else "",
        alt=f"Bar chart of episodes, a bar a child: {', '.join(row.number for row in rows)}. {finding}." if rows else f"{finding}.",
        draw=(lambda palette: bars(rows, palette)) if rows else None,
        caveats=(f"No share is given where fewer than {asked.settings.smallest_children} children were placed.",)
        if frame["share_of_episodes"].null_count()
        else (),
    )


def _children_for_half(most_first: list[int]) -> int:
    """The fewest children who together had half of the episodes or more."""
    running, half = 0, sum(most_first) / 2
    for children, episodes in enumerate(most_first, start=1):
        running += episodes
        if running >= half:
            return children
    return 0


def _child_bars(frame: pl.DataFrame) -> list[Bar]:
    """A bar for each child, by rank alone; those for whom there is no room are taken together."""
    shown = frame.head(_CHILDREN_SHOWN)
    rows = [
        Bar("A child", episodes, episodes, many(episodes, "episode") + (f" · {percent(share)}" if share is not None else ""))
        for episodes, share in shown.select("episodes", "share_of_episodes").iter_rows()
    ]
    rest = frame.slice(_CHILDREN_SHOWN)
    if rest.height:
        episodes = int(rest["episodes"].sum())
        said = f"{many(episodes, 'episode')} together, at most {rest['episodes'][0]:,} each"
        rows.append(Bar(f"{rest.height} more", 0, 0, said))
    return rows


@figure(
    Definition(
        name="units/residents",
        title="Who came and who left",
        counts="Children who came to live in a unit in the month, who left it, and who were placed there for a night or more. Stays that "
        "follow on each other are one: a change of legal status is no move.",
        matters="A new arrival can shift the tenor of a unit. Months that stand out can be set beside who came.",
        source=f"{_STUDY}: a new resident shifts a unit.",
        columns={
            "unit_id": "the unit",
            "month": "first day of the month",
            "arrivals": "children who came to live there",
            "departures": "children who left",
            "children": "different children placed there for a night or more",
        },
        needs=("placements",),
    )
)
def residents(asked: Asked) -> Shown:
    frame = asked.rows()
    arrivals, departures = int(frame["arrivals"].sum()), int(frame["departures"].sum())
    if not frame["children"].sum():
        return Shown(frame=frame, finding=f"No child was placed at a unit in {asked.scope.period.words}", alt="No child to draw.")
    units = frame.filter(pl.col("children") > 0)["unit_id"].unique()
    is_one = frame["unit_id"].n_unique() == 1
    where = asked.unit(units[0]) if is_one else f"{len(units)} units"
    finding = f"{many(arrivals, 'arrival')} and {many(departures, 'departure')} at {where}"
    drawn = _came_and_left(frame) if is_one else _arrivals_by_unit(asked, frame)
    return Shown(
        frame=frame,
        finding=finding,
        measure=("Children by month" if is_one else "Children who arrived in the month")
        + (f", the latest {_MONTHS_SHOWN} months" if frame["month"].n_unique() > _MONTHS_SHOWN else "")
        + (f"; the {MOST_ROWS} units with the most arrivals" if len(units) > MOST_ROWS else ""),
        alt=f"Heat map by month, {month_words(drawn['month'].min())} to {month_words(drawn['month'].max())}. {finding}.",  # type: ignore[arg-type]
        draw=lambda palette: unit_months_drawn(drawn, palette),
    )


def _latest_months(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.filter(pl.col("month").is_in(frame["month"].unique().sort().tail(_MONTHS_SHOWN).to_list()))


def _came_and_left(frame: pl.DataFrame) -> pl.DataFrame:
    """One unit's three counts as rows of a heat map."""
    rows = ((0, "Arrived", "arrivals"), (1, "Left", "departures"), (2, "Living there", "children"))
    return pl.concat(
        _latest_months(frame).select(pl.lit(name).alias("name"), pl.lit(place).alias("place"), "month", pl.col(column).alias("count"))
        for place, name, column in rows
    )


def _arrivals_by_unit(asked: Asked, frame: pl.DataFrame) -> pl.DataFrame:
    """Units as rows of a heat map, those with the most arrivals in the period first."""
    names = pl.col("unit_id").map_elements(asked.unit, return_dtype=pl.String)
    lived_in = frame.filter(pl.col("children").sum().over("unit_id") > 0)
    totals = lived_in.group_by("unit_id").agg(total=pl.col("arrivals").sum()).with_columns(name=names)
    first = totals.sort("total", "name", "unit_id", descending=[True, False, False]).head(MOST_ROWS).with_row_index("place")
    shown = first.join(_latest_months(frame), on="unit_id").sort("place", "month")
    return shown.select("name", "place", "month", count="arrivals")


@figure(
    Definition(
        name="units/settings",
        title="Kinds of setting, and foster care's reports",
        counts="Episodes that began in the period, children who had one, and children placed, by kind of setting, who runs it, and whether "
        "it is in our area. A child in two units of one kind of setting counts there once.",
        over="Nights that children were placed there, for the rate per 1,000; all nights and all episodes, for the shares.",
        matters="Reports from foster care appear rather low. Fewer children may go from there, or fewer of those who go may be reported: "
        "the two are not told apart by counting.",
        source=f"{_STUDY}: reporting by setting. {_INTERVAL}",
        columns={
            "kind": "kind of setting",
            "sector": "who runs it",
            "in_area": "it is in our area; empty where not known",
            "children_placed": "different children placed there for a night or more",
            "nights": "nights that children were placed there in the period",
            "episodes": "episodes that began in the period",
            "children_missing": "different children with an episode",
            "rate": "episodes per 1,000 nights; empty below the smallest number of nights",
            "lower": "lower 95% limit of the rate",
            "upper": "upper 95% limit of the rate",
            "share_of_nights": "of all nights in placement, 0 to 1; empty, like the next, where all together are too few",
            "share_of_episodes": "of all episodes from these settings, 0 to 1",
        },
        caveat=_TOO_NARROW,
        needs=("placements",),
    )
)
def settings(asked: Asked) -> Shown:
    frame = _with_limits(asked.rows())
    if not frame["episodes"].sum():
        return Shown(frame=frame, finding=f"No {asked.episodes} from any setting in {asked.scope.period.words}", alt="No episodes to draw.")
    finding = _of_foster_care(frame)
    rated = frame.drop_nulls("rate")
    small = frame["rate"].null_count()
    return Shown(
        frame=frame,
        finding=finding,
        measure=f"{capital(asked.episodes)} per 1,000 nights in placement, by kind of setting",
        alt="A point with its interval for each kind of setting, episodes per 1,000 nights: "
        + ", ".join(f"{label} {per_thousand(rate)}" for label, rate in zip(_setting_words(rated), rated["rate"], strict=True))
        + f". {finding}.",
        draw=(lambda palette: rates(_setting_rows(rated), palette)) if rated.height else None,
        caveats=(
            f"{many(small, 'kind of setting has', 'kinds of setting have')} fewer than {asked.settings.smallest_nights:,} nights: no rate.",
        )
        if small
        else (),
    )


def _of_foster_care(frame: pl.DataFrame) -> str:
    """Foster care's part in the nights beside its part in the episodes, where there is foster care and something beside it."""
    foster = frame.filter(pl.col("kind") == "foster")
    if foster.height and foster.height < frame.height and frame["share_of_nights"].count() and foster["nights"].sum():
        nights, episodes = (percent(float(foster[column].sum())) for column in ("share_of_nights", "share_of_episodes"))
        return f"Foster care has {nights} of the nights in placement and reports {episodes} of the episodes"
    most = frame.group_by("kind").agg(pl.col("episodes").sum()).sort("episodes", "kind", descending=[True, False]).row(0)
    return f"Most episodes are from one kind of setting: {code_words(most[0])}, {most[1]:,} of {int(frame['episodes'].sum()):,}"


def _setting_words(frame: pl.DataFrame) -> list[str]:
    """Rows of settings in words: "Foster care, own, in our area"."""
    places = {True: ", in our area", False: ", elsewhere", None: ""}
    return [
        f"{capital(code_words(kind))}, {code_words(sector)}{places[in_area]}"
        for kind, sector, in_area in frame.select("kind", "sector", "in_area").iter_rows()
    ]


def _setting_rows(rated: pl.DataFrame) -> list[RateRow]:
    ranked = rated.sort("rate", "kind", "sector", descending=[True, False, False])
    return [
        RateRow(
            label=label,
            rate=row["rate"],
            lower=row["lower"],
            upper=row["upper"],
            number=f"{per_thousand(row['rate'])} · {many(row['episodes'], 'episode')}",
        )
        for label, row in zip(_setting_words(ranked), ranked.iter_rows(named=True), strict=True)
    ]
