"""Liveness, readiness, metrics, and the documentation: open to everybody."""

from flask import Blueprint, Response, jsonify, render_template

from app.errors import Unavailable
from app.queries import readiness
from app.routes.api.metrics import exposition
from app.routes.api.openapi import document
from app.routes.context import current_desk

ops = Blueprint("ops", __name__)


@ops.get("/healthz")
def healthz() -> Response:
    """Answer that the process lives."""
    return jsonify(status="ok")


@ops.get("/readyz")
def readyz() -> Response:
    """Answer whether the service can work, with what else is amiss; otherwise 503 with every reason."""
    desk = current_desk()
    reasons = readiness.reasons(desk)
    if reasons:
        raise Unavailable(f"Not ready: {'; '.join(reasons)}.")
    return jsonify(status="ready", warnings=readiness.warnings(desk))


@ops.get("/metrics")
def metrics() -> Response:
    """Answer the figures in Prometheus' text format."""
    return Response(exposition(current_desk()), content_type="text/plain; version=0.0.4; charset=utf-8")


@ops.get("/api/openapi.json")
def openapi() -> Response:
    """Answer the API's description."""
    return jsonify(document())


@ops.get("/api/docs")
def docs() -> str:
    """Show the API's description as a page."""
    return render_template("api/docs.html")
