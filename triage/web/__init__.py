"""Pages, a module a page."""
