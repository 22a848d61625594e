"""Oversight: a dashboard with which an English council watches over the children in its care who go missing."""

__version__ = "0.1.0"
