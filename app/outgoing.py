"""Outgoing HTTP: no redirects, no cookies, no surroundings, and no call longer than its deadline."""

import socket
from contextlib import suppress
from threading import Lock, Timer, local
from types import TracebackType
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

_calls = local()


class Deadline:
    """Ends this thread's call when its time is up, wherever it is stuck.

    The timeouts of `requests` are per read: a server that sends a byte now and then would hold a call for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._lock = Lock()
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> "Deadline":
        _calls.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        _calls.deadline = None

    def watch(self, connection: socket.socket) -> None:
        """Take note of the connection that an answer is awaited on."""
        with self._lock:
            self._socket = connection
            if self.passed:
                self._shut()

    def _pass(self) -> None:
        with self._lock:
            self.passed = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with suppress(OSError):  # closed meanwhile: so much the better
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def new_session() -> requests.Session:
    """Open a session without proxies, .netrc, retries or compression, whose calls a `Deadline` can end."""
    session = requests.Session()
    session.trust_env = False
    session.headers["Accept-Encoding"] = "identity"  # nothing is unpacked here
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter())
    return session


def send(
    session: requests.Session, request: requests.PreparedRequest, *, timeout: tuple[float, float]
) -> requests.Response:
    """Send one request and return its answer with the body unread.

    Past `Session.send`, which reads a redirect's whole body even when it may not follow it, and keeps cookies.
    """
    return session.get_adapter(str(request.url)).send(request, stream=True, timeout=timeout, verify=True)


class _Watched:
    def getresponse(self) -> Any:
        deadline: Deadline | None = getattr(_calls, "deadline", None)
        if deadline is not None:
            deadline.watch(self.sock)  # type: ignore[attr-defined]
        return super().getresponse()  # type: ignore[misc]


class _Connection(_Watched, HTTPConnection):
    pass


class _SecureConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _SecurePool(HTTPSConnectionPool):
    ConnectionCls = _SecureConnection


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _SecurePool}
