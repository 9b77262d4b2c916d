"""The processes: the desk's two, the stubs, the demo traffic."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.config import STUBS, Settings

# Orders per second, share of them that meet a fault; what the tour offers comes first.
GENTLE = ("--rate", "0.5", "--faults", "0.2", "--first", "B5b,A7b,C3")


@dataclass(frozen=True)
class Part:
    """A process that is kept running; `ready_url` answers 200 once it can be used, None where nothing listens."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    ready_url: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)  # beside what we were given ourselves

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", self.module, *self.arguments]


def desk_parts(settings: Settings, *, has_tour: bool = False) -> list[Part]:
    """Return the service and its worker; a broker that is away does not keep the service from starting."""
    return [
        Part("web", "app.web", ready_url=f"http://{_reachable(settings.host)}:{settings.port}/healthz",
             environment={"DLO_TOUR": "1"} if has_tour else {}),
        Part("worker", "app.workers"),
    ]


def stub_parts(settings: Settings) -> list[Part]:
    """Return the seven stubs."""
    return [
        Part(name, *_stub_command(name), ready_url=f"http://127.0.0.1:{settings.stub_ports[name]}/healthz")
        for name in STUBS
    ]


def traffic_parts(settings: Settings) -> list[Part]:
    """Return the gentle demo traffic, unless the settings want none."""
    return [Part("traffic", "stubs.traffic", GENTLE)] if settings.demo_traffic else []


def _stub_command(name: str) -> tuple[str, tuple[str, ...]]:
    service, _, number = name.partition("-")
    return f"stubs.{service}", ("--name", name) if number else ()


def _reachable(host: str) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - read, not bound to
    return f"[{host}]" if ":" in host else host
