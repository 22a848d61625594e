"""Overview: how many, how often, and what has changed."""

from dashboard.components.headline import HEADLINE, headline_row
from dashboard.components.page import open_page

view = open_page("Overview")
headline = view.figure("overview/headline")
months = view.figure("overview/months")
open_episodes = view.figure("overview/open_episodes")
national = view.figure("overview/national")
changes = view.figure("overview/changes")

view.findings(headline, open_episodes, months, changes)
headline_row(headline, HEADLINE)
view.card(months)
view.card(changes)
view.card(open_episodes)
view.card(national)
view.card(headline)
