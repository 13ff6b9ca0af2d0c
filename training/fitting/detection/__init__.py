"""The detector: it learns the places of fractures from boxes, and pools its cells for the picture."""
