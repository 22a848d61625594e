"""How fast the dashboard is, and against what. README.md holds what was measured, and the command beside each table."""
