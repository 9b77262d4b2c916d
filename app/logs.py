"""What the desk's processes say: one JSON object a line, or text; without payloads, secrets or forged lines.

Modules log through `logging`; what they say of is given as `extra`, or held by `about` for all that is said within.
"""

import logging
import re
import sys
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import structlog
from structlog.stdlib import ExtraAdder, ProcessorFormatter, add_log_level, add_logger_name
from structlog.typing import EventDict, Processor, WrappedLogger

from app.domain.masking import masked_text

FORMATS = ("json", "text")
NAMED_BY_OTHERS = ("order_id", "source")  # what may hold words that are not ours
TOLD_BY_OTHERS = (*NAMED_BY_OTHERS, "event", "exception")

log = logging.getLogger(__name__)

# Statements' values: SQLAlchemy and PostgreSQL append them to an error's words.
_VALUES = re.compile(r"(\[parameters: |DETAIL:\s+)[^\n]*")


def configure(form: str, **process: str | int) -> None:
    """Say everything on stdout in this form; `process` stands in every line."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter(form, process))
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _say_last_words
    threading.excepthook = lambda ended: log.critical(
        "a thread broke", exc_info=(ended.exc_type, ended.exc_value or ended.exc_type(), ended.exc_traceback)
    )


def about(**names: str | int | None) -> AbstractContextManager[None]:
    """Add these to whatever this thread says within the block; None is left out."""
    return structlog.contextvars.bound_contextvars(
        **{name: value for name, value in names.items() if value is not None}
    )


def _say_last_words(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    log.critical("the process ends by an error", exc_info=(kind, error, traceback))


def _formatter(form: str, process: dict[str, str | int]) -> logging.Formatter:
    def add_process(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
        event.update(process)
        return event

    first: Sequence[Processor] = (
        structlog.contextvars.merge_contextvars, add_log_level, add_logger_name, ExtraAdder(), add_process,
        structlog.processors.TimeStamper(fmt="iso", utc=True), structlog.processors.format_exc_info, _hide,
    )
    last: Processor = structlog.processors.JSONRenderer(default=str) if form == "json" else _as_text
    return ProcessorFormatter(processors=[ProcessorFormatter.remove_processors_meta, last], foreign_pre_chain=first)


def _hide(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    record: logging.LogRecord = event["_record"]
    for name in TOLD_BY_OTHERS if record.args or record.exc_info else NAMED_BY_OTHERS:
        if isinstance(event.get(name), str):
            event[name] = masked_text(_VALUES.sub(r"\1…", event[name]))
    return event


def _as_text(_logger: WrappedLogger, _name: str, event: EventDict) -> str:
    head = f"{event.pop('timestamp')} {event.pop('level'):<8} {_visible(event.pop('event'))}"
    trouble = event.pop("exception", "").splitlines()
    names = "".join(f" {name}={value!r}" for name, value in event.items())
    return head + names + "".join(f"\n  | {_visible(line)}" for line in trouble)


def _visible(text: str) -> str:
    return "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode("ascii") for letter in text
    )
