"""The local stack: a private PostgreSQL and Redis, and the site's processes, for a laptop and for tests."""
