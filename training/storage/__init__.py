"""What lies in a run's folder: files that are written whole, and locks between processes."""
