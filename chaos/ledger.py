"""What was accepted, and what was seen that should not be."""

from threading import Lock


class Ledger:
    """Written by every sender, read at the end. A case is accepted once its sender was told that it is stored."""

    def __init__(self) -> None:
        self.accepted: dict[int, str | None] = {}
        self.unexpected: list[str] = []
        self._lock = Lock()

    def accept(self, number: int, failure_id: str | None) -> None:
        """Note that a case is stored, under which id where that was told."""
        with self._lock:
            known = self.accepted.setdefault(number, failure_id)
            if known != failure_id:
                self.unexpected.append(f"case {number} was answered with {known}, and then with {failure_id}")

    def wonder(self, words: str) -> None:
        """Note what should not have been."""
        with self._lock:
            self.unexpected.append(words)
