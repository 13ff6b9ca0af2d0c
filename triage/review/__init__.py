"""A place in the order becomes an opinion."""
