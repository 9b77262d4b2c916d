"""The blueprint that every page registers on; each unsafe request needs the session's CSRF token."""

from flask import Blueprint
from flask_wtf.csrf import CSRFProtect

pages = Blueprint("pages", __name__)
csrf = CSRFProtect()
pages.before_request(csrf.protect)
