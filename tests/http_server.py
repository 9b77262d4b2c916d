"""A loopback HTTP server that answers as a test wants, byte by byte if need be, and remembers what it was asked."""

import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from urllib.parse import unquote

Answer = Callable[["Server", socket.socket], None]


@dataclass
class Server:
    """The server: `requests` holds each request's head and body as bytes."""

    answer: Answer
    listener: socket.socket
    closing: Event = field(default_factory=Event)
    requests: list[tuple[bytes, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    @property
    def head(self) -> str:
        return self.requests[-1][0].decode("latin-1")

    def serve(self) -> None:
        while not self.closing.is_set():
            with suppress(OSError):
                connection, _ = self.listener.accept()
                Thread(target=self._handle, args=(connection,), daemon=True).start()

    def _handle(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(30)
            while request := _read(connection):
                self.requests.append(request)
                self.answer(self, connection)


def _read(connection: socket.socket) -> tuple[bytes, bytes] | None:
    received = b""
    while b"\r\n\r\n" not in received:
        piece = connection.recv(65536)
        if not piece:
            return None
        received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lengths = [line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head, body


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """Serve on a free loopback port while the block runs."""
    server = Server(answer, socket.create_server(("127.0.0.1", 0)))
    thread = Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        with suppress(OSError):
            socket.create_connection(server.listener.getsockname()).close()  # wakes `accept`
        thread.join(5)
        server.listener.close()


def answering(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status, headers and a body."""
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return sending("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


def sending(raw: bytes) -> Answer:
    """Answer with these bytes."""
    return lambda _, connection: connection.sendall(raw)


def dripping(head: bytes, drop: bytes = b"x", every: float = 0.05) -> Answer:
    """Answer with a beginning and then drop by drop, for as long as anybody listens."""

    def answer(server: Server, connection: socket.socket) -> None:
        connection.sendall(head)
        while not server.closing.wait(every):
            connection.sendall(drop)

    return answer


def hanging_up(server: Server, connection: socket.socket) -> None:
    """Do what was asked, and reset the connection before an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
    connection.close()


def silent(server: Server, connection: socket.socket) -> None:
    """Never answer."""
    server.closing.wait(30)


def by_path(answers: Mapping[str, object]) -> Answer:
    """Answer each path of `answers` with its JSON, and any other with 404."""

    def answer(server: Server, connection: socket.socket) -> None:
        path = unquote(server.head.split(" ", 2)[1])
        known = path in answers
        body = json.dumps(answers[path] if known else {}).encode()
        answering(200 if known else 404, body, Content_Type="application/json")(server, connection)

    return answer
