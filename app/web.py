"""The web process: `python -m app.web`."""

import ctypes
import multiprocessing
import os
import signal
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

# The routes are imported here, before the workers are forked: once for all, and their memory is shared.
import app.routes.api
import app.routes.pages  # noqa: F401
from app import logs
from app.config import Settings, load, wrong_settings_end_the_process
from app.running.ports import check_web_port
from app.wsgi import application

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

WORKERS = 2
THREADS = 64  # bodies being received at once, per worker; `app.wsgi` lets so many into the application as fit
STOP_SECONDS = 8

_PR_SET_PDEATHSIG = 1  # prctl(2)


def server(settings: Settings) -> MPServer:
    """Build the server: no access log, no version in its headers, a worker that dies is replaced."""
    return MPServer(
        "app.wsgi:application",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,
        websockets=False,
        workers=WORKERS,
        blocking_threads=THREADS,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.error,
        log_dictconfig={"handlers": {}, "loggers": {"_granian": {"propagate": True}}},  # said as all else is
    )


def build_in_worker() -> "WSGIApplication":
    """Build the application in a worker of the server, which is to end when the server is killed."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    parent = multiprocessing.parent_process()
    if parent and os.getppid() != parent.pid:
        os.kill(os.getpid(), signal.SIGKILL)  # it was killed before the line above
    logs.configure(load().log_format, process="web", pid=os.getpid())
    return application()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    with wrong_settings_end_the_process():
        settings = load()
        check_web_port(settings)
    logs.configure(settings.log_format, process="web", pid=os.getpid())
    server(settings).serve(target_loader=build_in_worker, wrap_loader=False)


if __name__ == "__main__":
    main()
