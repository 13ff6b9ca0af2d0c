"""One page that shows what a run is worth: figures, plots, and pictures with what the network looked at."""
