"""Run a stub as a process, until SIGTERM or Ctrl-C."""

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from threading import Event, Thread
from types import FrameType

import waitress
from sqlalchemy.exc import SQLAlchemyError

from messaging import open_broker, shop_topology
from reporter import Reporter
from storage import open_store
from stubs.common.context import Context, Stub
from stubs.common.faults import Faults
from stubs.common.settings import HOST, SettingError, Settings, read_settings
from stubs.common.web import THREADS

log = logging.getLogger(__name__)

BUSY_SECONDS = 3.0  # a locked database is an error soon: callers wait no longer than this
END_SECONDS = 5.0  # for every background thread to finish what it is doing

ENDING = (signal.SIGTERM, signal.SIGINT)

Build = Callable[[Context], Stub]


def main(name: str, build: Build) -> int:
    """Run the stub `name`; the exit status is 2 after a wrong setting, told in one line."""
    logging.basicConfig(level=logging.INFO, format=f"%(asctime)s {name} %(levelname)s %(name)s: %(message)s")
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    stop = Event()
    _end_on_signals(stop)
    try:
        settings = read_settings(name, os.environ)
        listener = _listen(settings)
        context = open_context(settings, stop)
        stub = _build(build, context)
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    _serve(context, stub, listener)
    return 0


def open_context(settings: Settings, stop: Event, busy_seconds: float = BUSY_SECONDS) -> Context:
    """Open what a stub stands on: its database, the queue, the reporter.

    Raises:
        SettingError: one of them cannot be used.
    """
    store = open_store(settings.database_url, busy_seconds=busy_seconds)
    try:
        with store.connect():
            pass  # it can be reached and written to
    except SQLAlchemyError as error:
        raise _unusable(settings, error) from error
    topology = shop_topology(settings.retry_scale)
    try:
        broker = open_broker(settings.broker_url, settings.queue_database_url, topology)
    except ValueError as error:
        raise SettingError("DLO_BROKER_URL", str(error).removeprefix("DLO_BROKER_URL: ")) from error
    reporter = Reporter(settings.desk_url, settings.token, settings.service, store, pace=settings.retry_scale)
    return Context(settings, store, broker, reporter, Faults(store, settings.name), stop)


def _build(build: Build, context: Context) -> Stub:
    try:
        return build(context)
    except SQLAlchemyError as error:
        raise _unusable(context.settings, error) from error


def _unusable(settings: Settings, error: SQLAlchemyError) -> SettingError:
    return SettingError(settings.database_variable, f"cannot be used ({getattr(error, 'orig', None) or error})")


def _listen(settings: Settings) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, settings.port))
    except (OSError, OverflowError) as error:
        listener.close()
        raise SettingError("STUBS_BASE_PORT", f"port {settings.port} of {settings.name}: {error}") from error
    listener.listen(128)
    return listener


def _serve(context: Context, stub: Stub, listener: socket.socket) -> None:
    threads = [Thread(target=loop, args=(context.stop,), daemon=True) for loop in stub.loops]
    for thread in threads:
        thread.start()
    context.reporter.start()
    server = waitress.create_server(stub.app, sockets=[listener], threads=THREADS, ident=None)
    log.info("listens on %s:%d", HOST, context.settings.port)
    try:
        server.run()  # returns after SystemExit, when the calls under way are answered
    finally:
        context.stop.set()
        server.close()
        for thread in threads:
            thread.join(END_SECONDS)
        context.reporter.stop()
        context.broker.close()
        context.store.close()


def _end_on_signals(stop: Event) -> None:
    def end(_number: int, _frame: FrameType | None) -> None:
        # Once: a second signal, such as a supervisor's after Ctrl-C, must not cut the ending short.
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)
        stop.set()
        raise SystemExit(0)

    for number in ENDING:
        signal.signal(number, end)
