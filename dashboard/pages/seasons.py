"""Seasons: the months of the year, the clock of the week, the calendar."""

from dashboard.components.page import open_page

view = open_page("Seasons")
month_of_year = view.figure("seasons/month_of_year")
week_clock = view.figure("seasons/week_clock")
calendar = view.figure("seasons/calendar")
view.findings(month_of_year, week_clock, calendar)
view.card(month_of_year)
view.card(week_clock)
view.card(calendar)
