"""The look: base page, style, macros, error pages, and the home page."""
