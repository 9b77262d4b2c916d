"""What a person may do with a bulk operation, by where it stands."""

# In the order in which they are offered.
FROM: dict[str, frozenset[str]] = {
    "resume": frozenset({"paused", "stopped"}),
    "pause": frozenset({"running"}),
    "cancel": frozenset({"running", "paused", "stopped"}),
}


def acts(status: str) -> tuple[str, ...]:
    """List what may be done in this status."""
    return tuple(act for act, allowed in FROM.items() if status in allowed)
