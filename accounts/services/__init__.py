"""Everything that changes people, sites or tokens."""
