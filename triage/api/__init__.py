"""REST, version 1: a module a resource. Views translate; services decide."""
