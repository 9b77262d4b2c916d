"""One whole system for all rows; each test uses ids of its own and lifts the faults that it causes."""

from collections.abc import Iterator

import pytest

from tests.e2e.desk import Desk
from tests.e2e.shop import Shop
from tests.e2e.system import System


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with System(tmp_path_factory.mktemp("system")).running() as running:
        yield running


@pytest.fixture
def shop(system: System) -> Shop:
    return Shop(system)


@pytest.fixture
def desk(system: System) -> Desk:
    return Desk(system)
