"""Return interviews: are they offered, held, and held in time; what children say, and what follows?"""

from dashboard.components.page import open_page

view = open_page("Return interviews")

coverage = view.figure("return_interviews/coverage")
unit_coverage = view.figure("return_interviews/unit_coverage")
outstanding = view.figure("return_interviews/outstanding")
follow_up = view.figure("return_interviews/follow_up")
view.findings(coverage, unit_coverage, outstanding, follow_up)

in_time, late, interviews, after, by_child, police = view.sections(
    "Held in time", "Outstanding, late and declined", "What children say", "What follows", "Child by child", "Police checks"
)
in_time.card(coverage)
in_time.card(view.figure("return_interviews/steps"))
in_time.card(view.figure("return_interviews/time_to_interview"))
in_time.card(unit_coverage)

late.card(outstanding)
late.card(view.figure("return_interviews/late_reasons"))
late.card(view.figure("return_interviews/declined"))

interviews.card(view.figure("return_interviews/reasons"))
interviews.card(view.figure("return_interviews/interviewers"))
interviews.card(view.figure("return_interviews/held"))

after.card(follow_up)
after.card(view.figure("return_interviews/gone_again"))

by_child.card(view.figure("return_interviews/annex_a"))

# Apart and last: a police check never stands in for a return interview.
police.card(view.figure("return_interviews/police_checks"))
