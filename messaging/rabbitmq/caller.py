"""One connection with a thread of its own, for calls from any thread."""

from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

from messaging.broker import BrokerUnavailable
from messaging.rabbitmq.connection import Link
from messaging.rabbitmq.errors import named_errors

CALL_SECONDS = 5.0
HEARTBEAT_CHECK = 1.0
CLOSE_SECONDS = 2.0

Result = TypeVar("Result")
Call = tuple[Future[Any], Callable[[Link], Any]]


class Caller:
    """Carries calls out one after the other; whoever waits, waits only so long.

    pika cannot give a call up: a frozen broker holds it until the heartbeat fails. So the caller gives up instead.
    """

    def __init__(self, connect: Callable[[], Link], seconds: float) -> None:
        self.connect, self.seconds = connect, seconds
        self.calls: SimpleQueue[Call | None] = SimpleQueue()
        self.link: Link | None = None
        self.thread: Thread | None = None
        self.starting, self.closed = Lock(), False

    def call(self, action: Callable[[Link], Result]) -> Result:
        """Carry an action out on the connection; a connection that has died is replaced once.

        Raises:
            BrokerUnavailable: it failed, or is not done in time, and may yet be done.
            Unroutable, Refused: as the action does.
        """
        self._start()
        future: Future[Result] = Future()
        self.calls.put((future, action))
        try:
            return future.result(self.seconds)
        except TimeoutError as error:
            future.cancel()  # what was not begun is not done any more
            raise BrokerUnavailable(f"RabbitMQ did not answer within {self.seconds:g} s") from error

    def close(self) -> None:
        """End the thread and its connection."""
        self.closed = True
        self.calls.put(None)
        if self.thread:
            self.thread.join(CLOSE_SECONDS)

    def _start(self) -> None:
        with self.starting:  # at the first call: a process may be forked before
            if self.closed:
                raise BrokerUnavailable("this broker was closed")
            if self.thread is None:
                self.thread = Thread(target=self._run, name="rabbitmq-calls", daemon=True)
                self.thread.start()

    def _run(self) -> None:
        while True:
            try:
                call = self.calls.get(timeout=HEARTBEAT_CHECK)
            except Empty:
                self._keep_alive()
                continue
            if call is None:
                break
            self._answer(*call)
        self._drop()

    def _answer(self, future: Future[Any], action: Callable[[Link], Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(self._perform(action))
        except Exception as error:
            future.set_exception(error)

    def _perform(self, action: Callable[[Link], Any]) -> Any:
        is_new = self.link is None
        try:
            with named_errors():
                return action(self._linked())
        except BrokerUnavailable:
            self._drop()
            if is_new:
                raise
        return self._perform(action)

    def _keep_alive(self) -> None:
        try:
            with named_errors():
                if self.link:
                    self.link.process(0)
        except BrokerUnavailable:
            self._drop()

    def _linked(self) -> Link:
        self.link = self.link or self.connect()
        return self.link

    def _drop(self) -> None:
        if self.link:
            self.link.close()
        self.link = None
