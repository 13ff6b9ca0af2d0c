"""Examines a folder of pictures: twins, leaks, contradictions, unreadable files, drawn marks."""
