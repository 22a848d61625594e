"""Return interviews: are they offered, held, and held in time?"""

from dashboard.components.page import open_page

view = open_page("Return interviews")

coverage = view.figure("return_interviews/coverage")
unit_coverage = view.figure("return_interviews/unit_coverage")
outstanding = view.figure("return_interviews/outstanding")

view.findings(coverage, unit_coverage, outstanding)
view.card(coverage)
view.card(view.figure("return_interviews/steps"))
view.card(unit_coverage)
view.card(outstanding)
