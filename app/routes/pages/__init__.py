"""The pages: HTML for people. Each is a plain link, each action a plain form; htmx only makes them smoother."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from app import instance
from app.desk import Desk
from app.routes import compression, headers, languages, people
from app.routes.context import desk_of
from app.routes.pages import (
    account,
    acts,
    audit,
    bulk,
    case,
    export,
    failures,
    groups,
    orders,
    overview,
    preferences,
    queues,
    review,
    search,
    settings,
    shell,
    signin,
    targets,
    tokens,
    tour,
    trend,
    views,
)
from app.routes.pages.blueprint import csrf, pages

# imported for the routes that they add to the blueprint
_MODULES = (
    account, acts, audit, bulk, case, export, failures, groups, orders, overview, preferences, queues, review, search,
    settings, signin, targets, tokens, tour, trend, views,
)


def register(app: Flask) -> None:
    """Set up sessions, sign-in, languages and headers, and register every page."""
    desk = desk_of(app)
    _configure(app, desk)
    people.register(app, desk)
    languages.register(app)
    headers.register(app, https=desk.settings.is_https)
    compression.register(app)
    shell.register(app)
    app.register_blueprint(pages)


def _configure(app: Flask, desk: Desk) -> None:
    settings = desk.settings
    app.config.update(
        SECRET_KEY=instance.secret_key(settings),
        SESSION_COOKIE_NAME="__Host-dlo" if settings.is_https else "dlo",
        SESSION_COOKIE_SECURE=settings.is_https,
        WTF_CSRF_TIME_LIMIT=None,  # a page that was open all day still works: the token lives as long as its session
        WTF_CSRF_CHECK_DEFAULT=False,  # the pages blueprint checks; the API has tokens of its own
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
    )
    csrf.init_app(app)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
