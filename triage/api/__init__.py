"""REST v1: a module a resource. It translates between HTTP and the services, and decides nothing."""
