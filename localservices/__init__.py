"""Servers and processes of one machine: a private PostgreSQL and Redis, and the site's own processes.

``make run``, ``make test`` and ``make smoke`` use it. A production image holds none of it.
"""
