"""A body is read past gunicorn's buffers, and gunicorn finds the next request behind it."""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from gunicorn.config import Config
from gunicorn.http.parser import RequestParser

from triage.http.receiving import PIECE, receiver

NEXT = b"POST /next HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
LARGE = os.urandom(3 * PIECE + 17)
Open = Callable[[bytes], tuple[RequestParser, socket.socket]]


def by_length(body: bytes) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def in_chunks(body: bytes, size: int = 100_000) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts)
    return b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks


@pytest.fixture
def connection() -> Iterator[Open]:
    """gunicorn's parser on a connection, and the sender's end of it. The bytes are being sent."""
    with contextlib.ExitStack() as stack:

        def begin(sent: bytes) -> tuple[RequestParser, socket.socket]:
            line, sender = (stack.enter_context(end) for end in socket.socketpair())
            line.settimeout(5)
            thread = threading.Thread(target=sender.sendall, args=(sent,), daemon=True)
            thread.start()
            stack.callback(thread.join, 5)
            return RequestParser(Config(), line, ("127.0.0.1", 1)), sender

        yield begin


def rest_of(source: object) -> bytes:
    receive = receiver(source)
    assert receive is not None
    return b"".join(iter(lambda: receive(10**9), b""))


@pytest.mark.parametrize("sent", [by_length, in_chunks])
@pytest.mark.parametrize("body", [b"{}", LARGE], ids=["small", "large"])
def test_the_next_request_is_found_behind_the_body(connection, sent, body):
    parser, _ = connection(sent(body) + NEXT)
    assert rest_of(next(parser).body) == body
    assert parser.finish_body()  # as gunicorn does before it keeps the connection
    second = next(parser)
    assert (second.path, second.body.read()) == ("/next", b"{}")


@pytest.mark.parametrize("sent", [by_length, in_chunks])
def test_nothing_is_gathered_and_copied_again(connection, sent):
    """Each piece leaves gunicorn's buffer as it is, whatever is still to come."""
    parser, _ = connection(sent(LARGE))
    source, came = next(parser).body, 0
    receive = receiver(source)
    assert receive is not None
    while piece := receive(10**9):
        came += len(piece)
        holders = [
            holder for holder in (parser.unreader, source.reader, source) if hasattr(holder, "buf")
        ]
        assert sum(len(holder.buf.getvalue()) for holder in holders) < 1000
    assert came == len(LARGE)


def test_what_has_come_is_returned_at_once(connection):
    parser, sender = connection(by_length(LARGE)[:500])
    receive = receiver(next(parser).body)
    assert receive is not None
    assert 0 < len(receive(10**9)) < 500  # and not after the time-out for the rest
    sender.sendall(b"more")
    assert receive(3) == b"mor"
    assert receive(3) == b"e"


def test_a_body_that_was_tried_too_early_is_read_from_its_beginning(connection):
    """gunicorn keeps its first megabyte in one buffer and the rest in another."""
    body = os.urandom(1_200_000)
    request = by_length(body)
    parser, sender = connection(request[:-50_000])
    tried = next(parser).body
    parser.unreader.sock.settimeout(0.5)
    with pytest.raises(TimeoutError):
        tried.read(len(body))
    threading.Thread(target=sender.sendall, args=(request[-50_000:] + NEXT,)).start()
    assert rest_of(tried) == body
    tried.failed = False  # as for every body that came late
    assert next(parser).path == "/next"


def test_a_broken_chunk_ends_the_connection(connection):
    parser, _ = connection(in_chunks(b"{}").replace(b"{}", b"{}}") + NEXT)
    source = next(parser).body
    with pytest.raises(Exception, match="chunk"):
        rest_of(source)
    assert not parser.finish_body()


def test_without_gunicorn_there_is_no_receiver():
    assert receiver(object()) is None
