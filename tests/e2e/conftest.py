"""One whole system for all rows; each test uses ids of its own and lifts the faults that it causes."""

from collections.abc import Iterator

import pytest

from messaging import shop_topology
from tests.databases import Databases
from tests.e2e.desk import Desk
from tests.e2e.shop import Shop
from tests.e2e.system import SCALE, System, whole_system
from tests.e2e.waiting import eventually
from tests.messaging.rabbitmq_node import RabbitNode


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> RabbitNode | None:
    """The RabbitMQ that the system runs on, None where its queues are embedded."""
    if request.config.getoption("--broker") == "embedded":
        return None
    node: RabbitNode = request.getfixturevalue("rabbit_node")
    node.settle(shop_topology(SCALE))
    return node


@pytest.fixture(scope="session")
def running_system(
    tmp_path_factory: pytest.TempPathFactory, node: RabbitNode | None, databases: Databases
) -> Iterator[System]:
    with whole_system(tmp_path_factory.mktemp("system"), node, **databases.whole()) as running:
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
