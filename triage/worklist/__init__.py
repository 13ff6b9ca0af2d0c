"""A prediction becomes a place in the order."""
