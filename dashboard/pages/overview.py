"""Overview: how many, how often, and what has changed."""

from dashboard.components.headline import headline_row
from dashboard.components.page import open_page

_SHOWN = ("episodes", "children", "percent_missing", "episodes_per_child", "rate", "interviews_72h")

view = open_page("Overview")
headline = view.figure("overview/headline")
months = view.figure("overview/months")
open_episodes = view.figure("overview/open_episodes")
national = view.figure("overview/national")
changes = view.figure("overview/changes")

view.findings(headline, months, changes, open_episodes)
headline_row(headline, _SHOWN)
view.card(months)
view.card(changes)
view.card(open_episodes)
view.card(national)
view.card(headline)
