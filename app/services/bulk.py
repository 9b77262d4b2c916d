"""Bulk operations."""

from app.desk import Desk


def run_some(desk: Desk) -> bool:
    """Run the next items of every running bulk operation; True when there were any."""
    return False
