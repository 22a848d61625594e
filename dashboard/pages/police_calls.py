"""Police calls: for which episodes, from which units, how soon, although staff knew where the child was, and when they were not made."""

from dashboard.components.page import open_page

view = open_page("Police calls")

months = view.figure("police_calls/months")
called = view.figure("police_calls/called")
funnel = view.figure("police_calls/funnel_called")
known_whereabouts = view.figure("police_calls/known_whereabouts")
missing_not_called = view.figure("police_calls/missing_not_called")
time_to_call = view.figure("police_calls/time_to_call")
call_rate = view.figure("police_calls/call_rate")

view.findings(months, funnel, known_whereabouts, missing_not_called, time_to_call, call_rate)
view.card(months)
view.card(funnel)
view.card(called)
view.card(known_whereabouts)
view.card(missing_not_called)
view.card(view.figure("police_calls/young_not_called"))
view.card(time_to_call)
view.card(view.figure("police_calls/reclassified"))
view.card(call_rate)
view.card(view.figure("police_calls/police_hours"))
view.card(view.figure("police_calls/reconciliation"))
