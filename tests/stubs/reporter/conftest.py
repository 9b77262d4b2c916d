"""A reporter with an outbox of its own, and a desk that it reports to."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from reporter import Reporter
from storage import Store, open_store
from tests.stubs.helpers import TinyDesk, free_port


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = open_store(f"sqlite:///{tmp_path}/service.db", busy_seconds=0.2)
    yield store
    store.close()


@pytest.fixture
def desk() -> TinyDesk:
    return TinyDesk(free_port())


@pytest.fixture
def reporter(store: Store, desk: TinyDesk) -> Iterator[Reporter]:
    reporter = Reporter(desk.url, "a token", "warehouse", store, pace=0.02)
    yield reporter
    reporter.stop()
