"""Throwaway desks: a folder, its settings, its newest schema."""

from dataclasses import dataclass
from pathlib import Path

from app import first_start
from app.config import Settings, load
from app.desk import Desk, open_desk
from bench import reports

TOKEN = "the-intake-token-of-the-benchmark"


@dataclass(frozen=True)
class Place:
    """Where a desk lives, and the settings that lead its processes there."""

    folder: Path
    environment: dict[str, str]

    @property
    def settings(self) -> Settings:
        """Return the settings, read as the processes read them."""
        return load(self.environment)

    def open(self) -> Desk:
        """Open the desk from here."""
        return open_desk(self.settings)


def prepare(folder: Path, **settings: str) -> Place:
    """Make a folder and the desk in it, as a first start does."""
    folder.mkdir()
    place = Place(
        folder, {"DLO_INSTANCE": str(folder), "DLO_SERVICE_TOKENS": f"{reports.SOURCE}={TOKEN}", **settings}
    )
    first_start.prepare(place.settings)
    return place
