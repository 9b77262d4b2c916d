"""Hide secrets in what is shown. What is stored stays as it came: remedies need it."""

import base64
import binascii
import re
from typing import Any

from app.domain import exact_json
from app.domain.exact_json import BigNumber
from app.domain.text import clean, cut

MASK = "••••"
BODY_KEYS = ("bodyBase64",)
_LONGEST_NUMBER = 100  # digits shown

_NAMES = (
    "password|passwd|passphrase|pwd|token|secret|api[-_ ]?key|private[-_ ]?key|access[-_ ]?key|authorization|cookie"
    "|card[-_ ]?number|cvv|cvc"
)
_SECRET_KEY = re.compile(_NAMES, re.I)
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_CARD = re.compile(rf"(?P<id>{_UUID})|(?<!\d)(?<!\d\.)[2-6]\d(?:[ -]?\d){{11,17}}(?!\d)", re.I)
_BEARER = re.compile(r"\b(bearer\s+)[\w.~+/=-]{6,}", re.I)
_JWT = re.compile(r"\beyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*")
_USER_INFO = re.compile(r"(://[^\s/:@]*:)[^\s/@]+(?=@)")
# a header's line: what follows `Basic` or the first `;` is secret too
_HEADER = re.compile(r"((?:authorization|cookie)\s*[=:]\s*)(?![\"'\\])[^\r\n\"']+", re.I)
# `password=…`, `"apiKey": "…"` and the like, within a longer text
_ASSIGNED = re.compile(
    rf"((?:{_NAMES})[\w-]{{0,20}}(?:\\?[\"'])?\s*[=:]\s*)(\\?\"(?:[^\"\\]|\\[^\"])*\\?\"|'[^']*'|[^\s,;&\"'}}\]]+)",
    re.I,
)
_BIG_NUMBER = "{} [a number that no double holds]"


def masked(value: Any) -> Any:
    """Return a parsed JSON value as it may be shown: secrets masked, text cleaned, endless numbers as marked text."""
    if isinstance(value, dict):
        return {masked_text(clean(key)): _under(key, item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    if isinstance(value, str):
        return masked_text(clean(value))
    if isinstance(value, BigNumber):
        return _BIG_NUMBER.format(cut(value.text, _LONGEST_NUMBER))
    if isinstance(value, int) and _is_card(str(value)):
        return MASK
    return value


def masked_text(text: str) -> str:
    """Mask what looks like a secret in a text: card numbers, bearer tokens, values after a telling name."""
    if len(text) < 6:
        return text
    text = _HEADER.sub(rf"\1{MASK}", text)
    text = _BEARER.sub(rf"\1{MASK}", text)
    text = _JWT.sub(MASK, text)
    text = _USER_INFO.sub(rf"\1{MASK}", text)
    text = _ASSIGNED.sub(_keep_name, text)
    return _CARD.sub(_card, text)


def masked_bytes(body: bytes) -> bytes:
    """Mask secrets in a message's body; without any, the very same bytes."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body
    try:
        value = exact_json.parse(text)
    except (ValueError, RecursionError):
        return masked_text(text).encode()
    return exact_json.dumps(_secrets_only(value)).encode() if _holds_secret(value) else body


def restored(edited: Any, stored: Any) -> Any:
    """Put stored values back wherever a person left what was shown instead of them."""
    if edited == masked(stored):
        return stored
    if isinstance(edited, dict) and isinstance(stored, dict):
        own = {masked_text(clean(key)): key for key in stored}
        named = {str(own.get(key, key)): item for key, item in edited.items()}
        return {key: _restored_under(key, item, stored) for key, item in named.items()}
    if isinstance(edited, list) and isinstance(stored, list):
        return [restored(item, stored[place]) if place < len(stored) else item for place, item in enumerate(edited)]
    return edited


def _restored_under(key: str, item: Any, stored: dict[str, Any]) -> Any:
    if key not in stored:
        return item
    return stored[key] if item == _under(key, stored[key]) else restored(item, stored[key])


def _under(key: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _SECRET_KEY.search(key):
        return MASK
    if key in BODY_KEYS and isinstance(value, str):
        return _masked_base64(value)
    return masked(value)


def _masked_base64(text: str) -> str:
    try:
        body = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return masked_text(text)
    shown = masked_bytes(body)
    return text if shown == body else base64.b64encode(shown).decode()


def _holds_secret(value: Any) -> bool:
    return bool(_secrets_only(value) != value)


def _secrets_only(value: Any) -> Any:
    """Mask as `masked` does, and leave everything else (NUL, surrogates, endless numbers) as it is."""
    if isinstance(value, dict):
        return {
            key: MASK if _SECRET_KEY.search(key) and item is not None and not isinstance(item, bool)
            else _secrets_only(item)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [_secrets_only(item) for item in value]
    if isinstance(value, str):
        return masked_text(value)
    return MASK if isinstance(value, int) and _is_card(str(value)) else value


def _keep_name(match: re.Match[str]) -> str:
    value = match[2]
    quote = re.match(r"\\?[\"']", value)
    return f"{match[1]}{quote[0]}{MASK}{quote[0]}" if quote else f"{match[1]}{MASK}"


def _card(match: re.Match[str]) -> str:
    return match[0] if match["id"] or not _is_card(match[0]) else MASK


def _is_card(text: str) -> bool:
    """Check the length and the Luhn digit; source: ISO/IEC 7812-1, annex B."""
    digits = [int(character) for character in text if character.isdigit()]
    if not 13 <= len(digits) <= 19 or digits[0] not in range(2, 7):
        return False
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
