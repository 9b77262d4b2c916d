"""Wake the retries the moment there is something to do, instead of at the next tick."""

import logging
from collections.abc import Callable
from datetime import datetime
from threading import Event, Thread

from sqlalchemy.exc import SQLAlchemyError

from app.desk import Desk
from storage import watching

log = logging.getLogger(__name__)

CHANNEL = "desk_work"  # where the triggers of migration 0004 tell of it


class Waker(Thread):
    """Calls `wake` when anybody changed the database, and when the next attempt falls due."""

    def __init__(
        self, desk: Desk, stop: Event, wake: Callable[[], object], next_due: Callable[[], datetime | None]
    ) -> None:
        super().__init__(name="waker", daemon=True)
        self._desk = desk
        self._stopping = stop
        self._wake = wake
        self._next_due = next_due

    def run(self) -> None:
        """Look, and wake, until told to stop; a store that is away is looked for again."""
        while not self._stopping.is_set():
            try:
                with watching(self._desk.store, CHANNEL) as waiting:
                    while not self._stopping.is_set():
                        self._wake()  # before the first wait: nobody tells again what was told meanwhile
                        waiting.until(self._next_due(), self._stopping)
            except SQLAlchemyError as error:
                log.warning("the store cannot be watched: %s", error)
                self._stopping.wait(1.0)
