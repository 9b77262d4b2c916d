"""What runs in the processes that are killed: the entrances of the desk's own programs, and the shop's consumer.

They are forked from one server that has imported everything before: a new one is there in a tenth of a second, not in
two, so that many can be killed.
"""

import os
import signal
import sys
from multiprocessing import get_context, parent_process, set_start_method
from pathlib import Path
from threading import Thread

import app.web
import app.workers.__main__
import chaos.consumer

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["chaos.parts"])
PROGRAMS = {"web": app.web.main, "worker": app.workers.__main__.main, "consumer": chaos.consumer.main}


def run(program: str, environment: dict[str, str], log: Path) -> None:
    """Become a program of the desk."""
    Thread(target=_end_with_chaos, daemon=True).start()
    set_start_method("fork", force=True)  # as in a process that was started by its command: the web server forks
    os.environ.update(environment)
    with log.open("ab") as output:
        for stream in (sys.stdout, sys.stderr):
            os.dup2(output.fileno(), stream.fileno())
    sys.exit(PROGRAMS[program]())


def _end_with_chaos() -> None:
    parent = parent_process()
    assert parent
    parent.join()
    os.kill(os.getpid(), signal.SIGKILL)
