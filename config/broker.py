"""The Redis transport of Celery, with one try a connection.

redis-py retries a connection three times with growing pauses by itself, for up to ten seconds a time. What
can't be sent must say so at once: an upload waits for it, and the sweep sends it again anyway.
Workers reconnect by Celery's own loop.
"""

from typing import Any

from kombu.transport import redis as kombu_redis
from redis.backoff import NoBackoff
from redis.connection import Connection, SSLConnection
from redis.retry import Retry


class OneTryConnection(Connection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "retry": Retry(NoBackoff(), 0)})


class OneTrySSLConnection(SSLConnection):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{**options, "retry": Retry(NoBackoff(), 0)})


class Channel(kombu_redis.Channel):
    connection_class = OneTryConnection
    connection_class_ssl = OneTrySSLConnection


class Transport(kombu_redis.Transport):
    Channel = Channel
