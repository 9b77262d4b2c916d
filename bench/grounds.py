"""Where a subject is measured: a folder of its own, and empty databases on the chosen engine."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.desks import Place, prepare
from tests.postgresql import cluster

ENGINES = ("sqlite", "postgresql")


@dataclass(frozen=True)
class Ground:
    """A folder, and what makes an empty database; its name is unique on this ground."""

    folder: Path
    database: Callable[[str], str]

    def desk(self, name: str, **settings: str) -> Place:
        """Make a desk with a database of its own."""
        return prepare(self.folder / name, DLO_DATABASE_URL=self.database(f"{name}-desk"), **settings)


@contextmanager
def grounds(engine: str) -> Iterator[Callable[[Path], Ground]]:
    """Lend what makes a ground of a folder; a PostgreSQL is started for it, as durable as it comes, and ended."""
    if engine == "sqlite":
        yield lambda folder: Ground(folder, lambda name: f"sqlite:///{folder}/{name}.db")
        return
    with cluster() as started:
        yield lambda folder: Ground(folder, lambda _name: started.server.create())


@contextmanager
def ground(make: Callable[[Path], Ground]) -> Iterator[Ground]:
    """Lend a ground in a folder that is gone afterwards."""
    with TemporaryDirectory() as folder:
        yield make(Path(folder))
