"""Police calls: for which episodes, from which units, how soon, although staff knew where the child was, and when they were not made."""

from dashboard.components.page import open_page

view = open_page("Police calls")

months = view.figure("police_calls/months")
funnel = view.figure("police_calls/funnel_called")
known_whereabouts = view.figure("police_calls/known_whereabouts")
missing_not_called = view.figure("police_calls/missing_not_called")
time_to_call = view.figure("police_calls/time_to_call")
call_rate = view.figure("police_calls/call_rate")
# The later ones are said where the export does not tell of the first.
view.findings(months, funnel, known_whereabouts, missing_not_called, time_to_call, call_rate)

often, apart, soon, work = view.sections(
    "How often they are called", "Whereabouts known, and missing without a call", "How soon they are called", "What calls amount to"
)
often.card(months)
often.card(funnel)
often.card(view.figure("police_calls/called"))

apart.card(known_whereabouts)
apart.card(missing_not_called)
apart.card(view.figure("police_calls/young_not_called"))

soon.card(time_to_call)
soon.card(view.figure("police_calls/reclassified"))

work.card(call_rate)
work.card(view.figure("police_calls/police_hours"))
work.card(view.figure("police_calls/reconciliation"))
