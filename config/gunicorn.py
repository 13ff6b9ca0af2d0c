"""gunicorn's settings. Threads, since requests wait for the database, for bodies and for decisions."""

import multiprocessing
import os

bind = f"{os.environ.get('BIND', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_WORKERS") or min(4, max(2, multiprocessing.cpu_count() // 2)))
worker_class = "gthread"
# A request mostly waits. A process with 24 threads serves sixteen gateways that send at once; of four
# processes none gets all sixteen. Each thread that was ever busy holds a connection: those of four processes
# with 16 are 64, and PostgreSQL's default is 100.
threads = int(os.environ.get("WEB_THREADS") or (24 if workers <= 2 else 16))
os.environ["WEB_THREADS"] = str(
    threads
)  # Django's settings share them out (config/settings/callus.py)
timeout = (
    120  # of a worker that gives no sign of life; a slow request doesn't silence one with threads
)
graceful_timeout = (
    30  # the longest statement of the database; an upload that is cut off can be repeated
)
keepalive = 5  # above the 3 s after which an open list asks again, so that it keeps its connection
# By default gunicorn believes SCRIPT_NAME from a proxy on the same machine, which may pass it on from a
# stranger: the stranger would then choose the path of every link, also in a mail with a reset link.
forwarder_headers = ""
max_requests = 2000  # a leak in a native library never grows old
max_requests_jitter = 200
accesslog = "-"
# No query string and no referrer: a filter may hold an accession number.
access_log_format = '%(t)s "%(m)s %(U)s" %(s)s %(B)s %(L)ss'
errorlog = "-"
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112,S108
control_socket_disable = True


def on_starting(server: object) -> None:
    """Before the processes that serve are forked. Not at the top: gunicorn sets its path after this file."""
    from config.memory import share_arenas
    from config.secrecy import hide_from_other_processes

    hide_from_other_processes()
    share_arenas()
