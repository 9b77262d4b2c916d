"""The web application that every stub begins with: health, fault switch, reports, errors as JSON."""

import json
import logging
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Annotated, Any, Literal, TypeVar

from flask import Flask, Response, jsonify, request
from pydantic import BaseModel, Field
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import BadRequest, HTTPException, default_exceptions

from stubs.common.context import Context
from stubs.common.wire import Body, parse

log = logging.getLogger(__name__)

THREADS = 16
NEVER_STRUCK = ("/healthz", "/_faults", "/_reports", "/_applied", "/_outbox", "/_breaker")
STATUSES = {"unavailable": 503, "timeout": 504, "error": 500, "reject": 400}
HOLD_SECONDS = 15.0  # longer than any caller waits
HOLD_TICK = 0.1

Failed = Callable[[int, str], Response]
Shape = TypeVar("Shape", bound=BaseModel)


class FaultSwitch(Body):
    """The body of `PUT /_faults`."""

    mode: Literal["none", "unavailable", "timeout", "error", "reject", "db_write_fails"]
    rate: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 1.0
    for_seconds: Annotated[float, Field(gt=0, le=1e9, allow_inf_nan=False)] | None = None


def problem(status: int, detail: str) -> Response:
    """Answer an error as RFC 9457 has it, with the seeds' `error` besides."""
    title = default_exceptions[status].__name__ if status in default_exceptions else "Error"
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail, "error": detail}
    return Response(json.dumps(body), status, mimetype="application/problem+json")


def read(shape: type[Shape]) -> Shape:
    """Read the request's body; what is wrong with it becomes a 400."""
    try:
        return parse(shape, request.get_data())
    except ValueError as error:
        raise BadRequest(str(error)) from error


def make_app(context: Context, failed: Failed = problem) -> Flask:
    """Build the application; `failed` writes every error answer."""
    app = Flask(context.name)
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.get("/healthz", endpoint="health")(lambda: jsonify(status="ok", service=context.name))
    app.get("/_reports", endpoint="reports")(_reports(context))
    _serve_faults(app, context)
    _serve_errors(app, context, failed)
    app.before_request(_striker(context, failed))
    return app


def _serve_faults(app: Flask, context: Context) -> None:
    def show() -> Response:
        fault = context.faults.current()
        return jsonify(mode=fault.mode, rate=fault.rate, until=fault.until, hits=fault.hits)

    @app.get("/_faults")
    def get_fault() -> Response:
        return show()

    @app.put("/_faults")
    def put_fault() -> Response:
        switch = read(FaultSwitch)
        context.faults.put(switch.mode, switch.rate, switch.for_seconds)
        return show()

    @app.delete("/_faults")
    def delete_fault() -> Response:
        context.faults.clear()
        return show()


def _serve_errors(app: Flask, context: Context, failed: Failed) -> None:
    @app.errorhandler(HTTPException)
    def http_error(error: HTTPException) -> Response:
        return failed(error.code or 500, error.description or "")

    @app.errorhandler(SQLAlchemyError)
    def database_error(error: SQLAlchemyError) -> Response:
        if not context.faults.met(error):
            log.exception("the database failed")
        return failed(500, "The database could not be written")

    @app.errorhandler(Exception)
    def last_resort(error: Exception) -> Response:
        log.exception("%s failed", request.path)
        return failed(500, "Internal Server Error")


def _striker(context: Context, failed: Failed) -> Callable[[], Response | None]:
    # Some threads stay free, or held calls would keep the switch itself from being reached.
    held = BoundedSemaphore(THREADS - 4)

    def strike() -> Response | None:
        if request.path in NEVER_STRUCK:
            return None
        if "\0" in request.path:
            raise BadRequest("the path holds a control character")
        mode = context.faults.strike()
        if mode == "timeout" and held.acquire(blocking=False):
            try:
                _hold(context)
            finally:
                held.release()
        return failed(STATUSES[mode], FAULT_WORDS[mode]) if mode else None

    return strike


FAULT_WORDS = {
    "unavailable": "Service temporarily unavailable", "timeout": "Gateway Timeout",
    "error": "Internal Server Error", "reject": "Invalid request data",
}


def _hold(context: Context) -> None:
    for _ in range(int(HOLD_SECONDS / HOLD_TICK)):
        if context.stop.wait(HOLD_TICK) or context.faults.current().mode != "timeout":
            return


def _reports(context: Context) -> Callable[[], Response]:
    outbox = context.reporter.outbox

    def shown(row: Any) -> dict[str, Any]:
        return {
            "sequence": row.sequence, "key": row.key, "path": row.path, "state": row.state,
            "failureId": row.failure_id, "answerStatus": row.answer_status, "body": row.body.decode("ascii"),
        }

    def reports() -> Response:
        after = request.args.get("after", 0, type=int)
        return jsonify(items=[shown(row) for row in outbox.rows(after)], last=outbox.last())

    return reports
