"""Repeat runners: who goes again and again, how soon, with whom, and which rules they meet."""

from __future__ import annotations

from dashboard.components.page import open_page
from dashboard.components.rules import rules_form, rules_of_session
from dashboard.figures.words import many

view = open_page("Repeat runners")
authority = view.reading.settings.triggers
view = view.with_rules(rules_of_session(authority))

concentration = view.figure("repeat_runners/concentration")
trigger_counts = view.figure("repeat_runners/trigger_counts")
again = view.figure("repeat_runners/return_to_missing")
together = view.figure("repeat_runners/together")
without_top = view.figure("repeat_runners/without_top")
children = view.figure("repeat_runners/children")

view.findings(concentration, trigger_counts, again, together)
view.card(concentration)

view.card(trigger_counts)
rules_form(authority)
view.card(view.figure("repeat_runners/triggers"), picks="Child")
view.card(children, picks="Child")

# A child is chosen here or in the tables above and kept in the session: no link ever holds a child's id.
# None stands there unasked: the page may be on a wall.
child_id = view.choose(
    "Child",
    {"": "No child: choose one here, or in a table above"}
    | {row["child_id"]: f"{row['child_id']}, {many(row['episodes'], 'episode')}" for row in children.frame.iter_rows(named=True)},
)
if child_id:
    view.card(view.figure("repeat_runners/trajectory", child_id=child_id))

view.card(again)
view.card(together)
view.card(view.figure("repeat_runners/together_summary"))
view.card(without_top)
view.card(view.figure("repeat_runners/after_move"))
view.card(view.figure("repeat_runners/distribution"))
view.card(view.figure("repeat_runners/concentration_summary"))
