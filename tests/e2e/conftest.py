"""One whole system for all rows; each test uses ids of its own and lifts the faults that it causes."""

from collections.abc import Iterator

import pytest

from tests.e2e.desk import Desk
from tests.e2e.shop import Shop
from tests.e2e.system import System, whole_system
from tests.e2e.waiting import eventually


@pytest.fixture(scope="session")
def running_system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    with whole_system(tmp_path_factory.mktemp("system")) as running:
        yield running


@pytest.fixture
def system(running_system: System) -> System:
    """The system with every part up: the test before may have killed one."""
    eventually(running_system.is_up)
    return running_system


@pytest.fixture
def shop(system: System) -> Shop:
    return Shop(system)


@pytest.fixture
def desk(system: System) -> Desk:
    return Desk(system)
