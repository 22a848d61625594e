"""Seasons: the months of the year, the clock of the week, light evenings, school holidays, the hours of night staffing, the calendar."""

from dashboard.components.page import open_page

view = open_page("Seasons")
month_of_year = view.figure("seasons/month_of_year")
week_clock = view.figure("seasons/week_clock")
light_evenings = view.figure("seasons/light_evenings")
holidays = view.figure("seasons/holidays")
view.findings(month_of_year, week_clock, light_evenings, holidays)
view.card(month_of_year)
view.card(week_clock)
view.card(light_evenings)
view.card(holidays)
view.card(view.figure("seasons/night_starts"))
view.card(view.figure("seasons/calendar"))
view.card(view.figure("seasons/season_strength"))
