"""A file becomes a case."""
