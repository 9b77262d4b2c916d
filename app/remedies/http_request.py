"""Call a registered target once more: never another address, never a redirect, never without end."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import HTTPError

from app.domain import exact_json
from app.domain.http_rules import header_fault, path_fault
from app.domain.text import clean, cut
from app.outgoing import Deadline, send
from app.remedies.base import Change, Means, Outcome, Preview, Result, Run
from app.remedies.tracing import continue_trace

CONNECT_SECONDS = 3.0
# Far below the lease: an attempt ends before anybody else may take it over. A worker that ends waits for its calls.
DEADLINE_SECONDS = 8.0
LONGEST_ANSWER = 64 * 1024
PASSING = frozenset({408, 425, 429})


class HttpRequest:
    """The remedy `http_request`."""

    def apply(self, means: Means, run: Run) -> Result:
        """Send the request with the failure's own Idempotency-Key, the same at every attempt."""
        target = run.remedy["target"]
        session = means.targets.http(target)
        try:
            request = session.prepare_request(_request(means.targets.url(target), run))
        except ValueError as error:
            return Result(Outcome.PERMANENT, f"It cannot be sent: {cut(clean(str(error)), 300)}")
        try:
            answer, text = _call(session, request)
        except (requests.RequestException, HTTPError) as error:
            # Whether it happened is unknown; the same key makes the repeat harmless.
            return Result(Outcome.PASSING, f"{target} did not answer: {_words(error)}", unavailable=True)
        result = judge(answer.status_code, answer.headers.get("Retry-After"), text, run.now)
        done_with = run.remedy.get("doneWith")
        if result.outcome == Outcome.APPLIED and done_with and answer.status_code not in done_with:
            return Result(Outcome.PERMANENT, result.detail)  # taken, as its answer says, but not done
        return result

    def preview(self, means: Means, run: Run) -> Preview:
        """Show the request; what it changes, only the receiver knows."""
        remedy = run.remedy
        what = f"{remedy.get('method', 'POST').upper()} {remedy['path']} → {remedy['target']}"
        return Preview("would_apply", [Change(what, None, remedy.get("body"))])


def judge(status: int, retry_after: str | None, text: str, now: datetime) -> Result:
    """Classify an answer: done, worth another try, or never as it is."""
    words = cut(f"{status}: {clean(text).strip()}" if text.strip() else str(status), 1000)
    if 200 <= status < 300:
        return Result(Outcome.APPLIED, words)
    if status in PASSING or status >= 500:
        return Result(Outcome.PASSING, words, _seconds(retry_after, now), unavailable=status >= 500)
    if 300 <= status < 400:
        return Result(Outcome.PERMANENT, f"{words} (redirects are never followed)")
    return Result(Outcome.PERMANENT, words)


def _request(base: str, run: Run) -> requests.Request:
    remedy, headers = run.remedy, _headers(run)
    body = _body(remedy, headers)
    return requests.Request(remedy.get("method", "POST").upper(), _join(base, remedy["path"]), headers, data=body)


def _join(base: str, path: str) -> str:
    url = base.rstrip("/") + path
    wanted, got = urlsplit(base), urlsplit(url)
    if path_fault(path) or (wanted.scheme, wanted.netloc) != (got.scheme, got.netloc):
        raise ValueError(f"the path {path!r} leaves its target")
    return url


def _headers(run: Run) -> dict[str, str]:
    headers = dict(run.remedy.get("headers") or {})
    for name, value in headers.items():
        if fault := header_fault(name, value):
            raise ValueError(f"the header {name!r} {fault}")
    headers["Idempotency-Key"] = f"dlo-{run.failure_id}"
    continue_trace(headers, run)
    return headers


def _body(remedy: dict[str, Any], headers: dict[str, str]) -> bytes | None:
    """Encode the body; JSON unless it is a text with a content type of its own."""
    body = remedy.get("body")
    if body is None:
        return None
    kind = next((value for name, value in headers.items() if name.lower() == "content-type"), None)
    if isinstance(body, str) and kind is not None and "json" not in kind.lower():
        return body.encode("utf-8", "surrogatepass")
    if kind is None:
        headers["Content-Type"] = "application/json"
    return exact_json.dumps(body).encode()


def _call(session: requests.Session, request: requests.PreparedRequest) -> tuple[requests.Response, str]:
    with Deadline(DEADLINE_SECONDS) as deadline:
        with send(session, request, timeout=(CONNECT_SECONDS, DEADLINE_SECONDS)) as answer:
            text = _read(answer)
        if deadline.passed:  # what was read may be half of it
            raise requests.Timeout
    return answer, text


def _read(answer: requests.Response) -> str:
    kept = b""
    for chunk in answer.raw.stream(8192, decode_content=False):
        kept += chunk
        if len(kept) >= LONGEST_ANSWER:
            break
    return kept[:LONGEST_ANSWER].decode("utf-8", "replace")


def _seconds(retry_after: str | None, now: datetime) -> float | None:
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    try:
        moment = parsedate_to_datetime(retry_after)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - now).total_seconds())
    except (ValueError, OverflowError):
        return None


def _words(error: Exception) -> str:
    if isinstance(error, requests.Timeout):
        return "it took too long"
    return cut(clean(str(error)), 300)
