"""Make pika read and write the headers of messages by `tables`."""

from typing import Any

from pika import spec

from messaging.rabbitmq import tables

NO_TABLE = b"\x00\x00\x00\x00"
MORE_FLAGS = 1


class Properties(spec.BasicProperties):  # type: ignore[misc]
    """The properties of a message; all but the headers is pika's."""

    def decode(self, encoded: bytes, offset: int = 0) -> "Properties":
        """Read the properties that begin at `offset`."""
        start = _start_of_headers(encoded, offset)
        if start is None:
            super().decode(encoded, offset)
            return self
        headers, end = tables.decode(encoded, start)
        super().decode(encoded[offset:start] + NO_TABLE + encoded[end:])
        self.headers = headers
        return self

    def encode(self) -> list[bytes]:
        """Write the properties. Raises TypeError or ValueError where the headers cannot be written."""
        headers = self.headers
        if headers is None:
            return list(super().encode())
        self.headers = {}
        try:
            pieces: list[bytes] = super().encode()
        finally:
            self.headers = headers
        before = [self.content_type, self.content_encoding]  # each a length and a text, after the flags
        pieces[1 + 2 * sum(text is not None for text in before)] = tables.encode(headers)
        return pieces


def _start_of_headers(encoded: bytes, offset: int) -> int | None:
    flags, start = int.from_bytes(encoded[offset:offset + 2], "big"), offset + 2
    if not flags & spec.BasicProperties.FLAG_HEADERS or flags & MORE_FLAGS:
        return None
    for flag in (spec.BasicProperties.FLAG_CONTENT_TYPE, spec.BasicProperties.FLAG_CONTENT_ENCODING):
        if flags & flag:
            start += 1 + encoded[start]
    return start


# pika makes the properties of what arrives from this registry: there is no other way to say it.
_registry: dict[int, Any] = spec.props
_registry[spec.BasicProperties.INDEX] = Properties
