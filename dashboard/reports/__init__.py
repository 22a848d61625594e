"""Figures on paper and in files."""
