"""One HTML page about a run: figures, plots, and examples with their activation maps."""
