"""Repeat runners: who goes again and again, how far episodes gather on few children, and which rules they meet."""

from __future__ import annotations

from dashboard.components.page import open_page
from dashboard.figures.words import many

view = open_page("Repeat runners")

concentration = view.figure("repeat_runners/concentration")
summary = view.figure("repeat_runners/concentration_summary")
trigger_counts = view.figure("repeat_runners/trigger_counts")
children = view.figure("repeat_runners/children")

view.findings(concentration, summary, trigger_counts, children)
view.card(concentration)
view.card(trigger_counts)
view.card(children)

# A child is chosen here and kept in the session: no link ever holds a child's id.
child_id = view.choose(
    "Child",
    {row["child_id"]: f"{row['child_id']}, {many(row['episodes'], 'episode')}" for row in children.frame.iter_rows(named=True)},
)
view.card(view.figure("repeat_runners/trajectory", child_id=child_id))

view.card(view.figure("repeat_runners/triggers"))
view.card(view.figure("repeat_runners/distribution"))
view.card(summary)
