"""Police calls: for which episodes, from which units, and although staff knew where the child was."""

from dashboard.components.page import open_page

view = open_page("Police calls")

months = view.figure("police_calls/months")
called = view.figure("police_calls/called")
known_whereabouts = view.figure("police_calls/known_whereabouts")
call_rate = view.figure("police_calls/call_rate")

view.findings(months, called, known_whereabouts, call_rate)
view.card(months)
view.card(called)
view.card(known_whereabouts)
view.card(call_rate)
