"""x"""
from dashboard.components.page import open_page

view = open_page("data_quality")
