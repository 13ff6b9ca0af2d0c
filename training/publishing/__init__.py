"""A finished run becomes a release, a model card and a report."""
