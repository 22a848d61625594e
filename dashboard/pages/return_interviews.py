"""Return interviews: are they offered, held, and held in time; what children say, and what follows?"""

import streamlit as st

from dashboard.components.page import open_page

view = open_page("Return interviews")

coverage = view.figure("return_interviews/coverage")
steps = view.figure("return_interviews/steps")
time = view.figure("return_interviews/time_to_interview")
unit_coverage = view.figure("return_interviews/unit_coverage")
outstanding = view.figure("return_interviews/outstanding")
reasons = view.figure("return_interviews/reasons")
follow_up = view.figure("return_interviews/follow_up")
gone_again = view.figure("return_interviews/gone_again")

view.findings(coverage, unit_coverage, outstanding, reasons, follow_up, gone_again)
view.card(coverage)
view.card(steps)
view.card(time)
view.card(unit_coverage)
view.card(outstanding)
view.card(view.figure("return_interviews/late_reasons"))
view.card(view.figure("return_interviews/declined"))
view.card(view.figure("return_interviews/held"))
view.card(view.figure("return_interviews/interviewers"))
view.card(reasons)
view.card(follow_up)
view.card(gone_again)
view.card(view.figure("return_interviews/annex_a"))

# A strip of its own: a police check never stands in for a return interview.
with st.container(key="strip-police-checks", border=True):
    st.caption("Not a return interview: the check by the police")
    view.card(view.figure("return_interviews/police_checks"))
