"""One lane per target: a slow or broken target never stands in another's way."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Event, Lock

from sqlalchemy.exc import SQLAlchemyError

from app.desk import Desk
from app.services import retrying

log = logging.getLogger(__name__)


class Lanes:
    """Runs due work, each target in its own thread, and knows when the next falls due."""

    def __init__(self, desk: Desk, worker: str, stop: Event) -> None:
        self._desk = desk
        self._worker = worker
        self._stop = stop
        self._pool = ThreadPoolExecutor(max_workers=32, thread_name_prefix="lane")
        self._busy: set[str] = set()
        self._wanted: set[str] = set()  # asked for while busy: its last claim may have come just before the work
        self._lock = Lock()
        self.next_due: datetime | None = None

    def dispatch(self) -> bool:
        """Start a lane for every target with due work; True when there was any (the tick `retry_due`)."""
        if self._stop.is_set():
            return False
        due, self.next_due = retrying.due_targets(self._desk)
        with self._lock:
            for target in due:
                if target in self._busy:
                    self._wanted.add(target)
                else:
                    self._busy.add(target)
                    self._pool.submit(self._serve, target)
        return bool(due)

    def close(self) -> None:
        """Wait until the running attempts have ended; what was not begun has been given back."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _serve(self, target: str) -> None:
        self._drain(target)
        while self._is_wanted(target):
            self._drain(target)

    def _is_wanted(self, target: str) -> bool:
        with self._lock:
            if target in self._wanted and not self._stop.is_set():
                self._wanted.remove(target)
                return True
            self._busy.remove(target)
            return False

    def _drain(self, target: str) -> None:
        stopping: Callable[[], bool] = self._stop.is_set
        try:
            while not stopping() and retrying.work(self._desk, target, self._worker, stopping):
                pass
        except SQLAlchemyError as error:
            # What was claimed comes back when its lease runs out; the markers keep it one effect.
            log.warning("the store did not answer in lane %s: %s", target, error)
        except Exception:
            log.exception("lane %s broke", target)
