"""How a run becomes a release, a model card and a report."""
