"""The files of a run's folder: written whole, read with clear errors, locked between processes."""
