"""The short form of `make chaos`: everything dies for some seconds, and in the end all is as if nothing had."""

from pathlib import Path
from random import SystemRandom

import pytest

from chaos.run import Plan, run

pytestmark = [pytest.mark.crash, pytest.mark.timeout(240)]

SECONDS = {"S": 8.0, "P": 5.0, "R": 10.0}
RATE = 60.0


@pytest.fixture(params=["embedded", pytest.param("rabbitmq", marks=pytest.mark.rabbitmq)])
def configuration(request: pytest.FixtureRequest) -> str:
    if request.param == "rabbitmq":
        return "R"
    return "S" if request.config.getoption("--engine") == "sqlite" else "P"


def test_nothing_is_lost_or_doubled_while_everything_dies(configuration: str, tmp_path: Path) -> None:
    plan = Plan(configuration, SECONDS[configuration], RATE, SystemRandom().randrange(10**6))
    outcome = run(plan, tmp_path)
    findings = outcome.findings
    assert findings.are_clean, (str(outcome), findings.lost, findings.doubled, findings.unexpected)
    assert outcome.kills
    assert outcome.accepted > 100
