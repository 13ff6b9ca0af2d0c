"""A line between the browser and the site that a test can break: a proxy that copies bytes."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit


class Line:
    """``url`` leads to the site. While ``loses_answers`` is true, what the site says never arrives.

    ``delay``: seconds by which each piece of it comes later.
    """

    def __init__(self, site: str) -> None:
        self._site = urlsplit(site)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.loses_answers = False
        self.delay = 0.0
        self._open: list[socket.socket] = [self._listener]

    def serve(self) -> None:
        with suppress(OSError):  # the listener is closed: the test is over
            while True:
                browser = self._listener.accept()[0]
                site = socket.create_connection((self._site.hostname, self._site.port))
                self._open += [browser, site]
                for source, target in ((browser, site), (site, browser)):
                    is_answer = source is site
                    arguments = (source, target, is_answer)
                    threading.Thread(target=self._copy, args=arguments, daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                if is_answer and self.loses_answers:
                    break
                if is_answer and self.delay:
                    time.sleep(self.delay)
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()


@contextmanager
def line_to(site: str) -> Iterator[Line]:
    line = Line(site)
    thread = threading.Thread(target=line.serve)
    thread.start()
    try:
        yield line
    finally:
        line.close()
        thread.join(5)
