"""How long a lease is, and how often it is renewed."""

from datetime import timedelta

# A worker renews its leases while it works, so a lease only has to be longer than a worker may be silent:
# three renewals that are late or lost, or a process that is stopped for some seconds. The shorter it is, the
# sooner another machine takes up what a lost one held.
LEASE = timedelta(seconds=8)
RENEWED_EVERY = timedelta(seconds=2)
