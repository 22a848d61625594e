"""The field's words, and the rules that hold for every figure, as the Definitions page prints them."""

from __future__ import annotations

PAGE_TITLES = {
    "overview": "Overview",
    "repeat_runners": "Repeat runners",
    "units": "Units",
    "seasons": "Seasons",
    "hotspots": "Hotspots",
    "return_interviews": "Return interviews",
    "police_calls": "Police calls",
    "data_quality": "Data quality",
    "evidence": "Evidence",
}

WORDS = {
    "Missing from care": "A looked-after child who is not where they are expected to be, and whose whereabouts are not known. Any length "
    "counts (Department for Education, statutory guidance, January 2014).",
    "Away from placement without authorisation": "The whereabouts are known, but the carer is concerned or the authority or the police "
    "were told. Shown as “away”. The 2002 guidance called it unauthorised absence.",
    "Episode": "One time that a child went missing or was away. It belongs to the day on which it began, by local time.",
    "Unit": "A home, a foster area or agency, supported accommodation or another setting in which children are placed.",
    "Night in placement": "A night counts for the unit in which the child was placed at midnight.",
    "Return interview": "Offered after every episode and held within 72 hours of the return by someone independent of the placement. The "
    "child may decline. One interview may cover several episodes.",
    "Police prevention interview": "The police's own check on a child who is back (“safe and well check”). It is not the return interview.",
    "Risk": "Very low, low, medium or high, as agreed with the police. Forces differ, so that risk is not compared across forces.",
    "Our children": "Children for whom this authority is responsible, wherever they are placed.",
    "Placed in our area": "Every child placed in a unit in our area, whichever authority is responsible.",
}

RULES = (
    "Where fewer than 500 nights stand behind a rate or a limit, or fewer than five children behind a share, the count is given and "
    "nothing else. Settings can change both numbers.",
    "A finding says rose, fell, higher or lower only when a rule or an interval tells it apart from ordinary variation. Otherwise it says "
    "that there is no clear change.",
    "Fewer episodes are not better: recording changes too. Counts and rates are neutral in colour and word. Only the timeliness of return "
    "interviews has a good direction and a target.",
    "The latest four weeks are marked as still being recorded.",
    "National figures may overstate missing by 10 to 13%, because some authorities record every absence as missing.",
    "A figure that the export cannot give is replaced by a sentence that names the column or table it needs.",
    "A source with dates only gives lengths in whole days, and no hour of day, no share within 72 hours and no time to report.",
    "Figures that stand against their past (control charts, the months of the year) begin up to 36 months before the end of the period.",
)
