"""Return interviews: are they offered, held, and held in time; what children say, and what follows?"""

from dashboard.components.page import open_page

view = open_page("Return interviews")

coverage = view.figure("return_interviews/coverage")
steps = view.figure("return_interviews/steps")
unit_coverage = view.figure("return_interviews/unit_coverage")
outstanding = view.figure("return_interviews/outstanding")
declined = view.figure("return_interviews/declined")
reasons = view.figure("return_interviews/reasons")
follow_up = view.figure("return_interviews/follow_up")
gone_again = view.figure("return_interviews/gone_again")
# The later ones are said where the export does not tell of the first.
view.findings(coverage, unit_coverage, outstanding, follow_up, gone_again, reasons, steps, declined)

in_time, late, interviews, after, by_child, police = view.sections(
    "Held in time", "Outstanding, late and declined", "The interviews", "What follows", "Child by child", "Police checks"
)
in_time.card(coverage)
in_time.card(steps)
in_time.card(view.figure("return_interviews/time_to_interview"))
in_time.card(unit_coverage)

late.card(outstanding)
late.card(view.figure("return_interviews/late_reasons"))
late.card(declined)
late.card(view.figure("return_interviews/not_required"))

interviews.card(reasons)
interviews.card(view.figure("return_interviews/interviewers"))
interviews.card(view.figure("return_interviews/held"))

after.card(follow_up)
after.card(gone_again)

by_child.card(view.figure("return_interviews/annex_a"))

# Apart and last: a police check never stands in for a return interview.
police.card(view.figure("return_interviews/police_checks"))
