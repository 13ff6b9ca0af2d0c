"""A real SMTP server on the loopback that keeps what it is given, or refuses it."""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message


class _Session(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as Django's backend speaks."""

    server: "MailServer"

    def handle(self) -> None:
        self.say("220 callus.test")
        for line in self.rfile:
            verb = line.split(maxsplit=1)[0].upper() if line.strip() else b""
            if verb == b"QUIT":
                self.say("221 bye")
                return
            refused = any(address in line.decode() for address in self.server.refused)
            if verb == b"RCPT" and (self.server.refuses or refused):
                self.say("550 no such mailbox")
            elif verb == b"DATA":
                self.say("354 go on")
                self.server.mails.append(email.message_from_bytes(self.data()))
                self.say("250 kept")
            else:
                self.say("250 ok")

    def data(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Session)
        self.mails: list[Message] = []
        self.refuses = False
        self.refused: set[str] = set()  # addresses

    @property
    def port(self) -> int:
        return self.server_address[1]


@contextmanager
def mail_server(port: int = 0) -> Iterator[MailServer]:
    with MailServer(port) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()


def body_of(mail: Message) -> str:
    return mail.get_payload(decode=True).decode()
