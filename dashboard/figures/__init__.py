"""Every figure: frame, finding, chart, definition, caveats, alt text. One module a page."""
