"""What every answer tells the browser to forbid."""

from flask import Flask, Response, request

CONTENT_SECURITY_POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:", "font-src 'self'",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'", "object-src 'none'",
))
A_YEAR = 31_536_000


def register(app: Flask, *, https: bool) -> None:
    """Add the headers to every answer; a route may set a stricter or another policy itself."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if https:
            headers.setdefault("Strict-Transport-Security", f"max-age={A_YEAR}")
        if response.mimetype == "text/html":
            response.vary.update(("Cookie", "Accept-Language", "HX-Request"))
            headers.setdefault("Cache-Control", "no-store")
        elif request.endpoint == "static" and "v" in request.args:
            headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        return response
