"""The registered systems that remedies act on: a name from data, an address from the settings alone."""

from collections.abc import Mapping
from threading import Lock, local

import requests

from app.config import TargetSetting
from app.outgoing import new_session
from messaging import Topology
from storage import Store, open_store

DATABASE_BUSY_SECONDS = 3.0  # a locked target must not hold a worker: the attempt ends as passing


class Targets:
    """Names, kinds and connections of the registered targets."""

    def __init__(self, settings: Mapping[str, TargetSetting], topology: Topology) -> None:
        self._settings = dict(settings)
        self._topology = topology
        self._http_names = frozenset(name for name, target in settings.items() if not target.is_database)
        self._stores: dict[str, Store] = {}
        self._lock = Lock()
        self._sessions = local()

    @property
    def http_names(self) -> frozenset[str]:
        """Return the targets that an `http_request` may name."""
        return self._http_names

    @property
    def names(self) -> list[str]:
        """Return every target: databases, HTTP services, queues."""
        return [*self._settings, *self._topology.queues]

    def __contains__(self, name: object) -> bool:
        return name in self._settings or name in self._topology

    def missing(self, name: str | None) -> str | None:
        """Say that a target is not registered: nothing that waited for it would ever run; None when it is."""
        return None if name in self else f"Its target {name} is not registered here."

    def kind(self, name: str) -> str:
        """Return `database`, `http` or `queue`."""
        if name in self._settings:
            return "database" if self._settings[name].is_database else "http"
        return "queue"

    def rate(self, name: str) -> float | None:
        """Return how many attempts per second the target takes, or None for no limit."""
        setting = self._settings.get(name)
        return setting.ratePerSecond if setting else None

    def url(self, name: str) -> str:
        """Return the base URL of an HTTP target."""
        return self._settings[name].url

    def store(self, name: str) -> Store:
        """Return a database target's store, opened at its first use."""
        with self._lock:
            if name not in self._stores:
                self._stores[name] = open_store(self._settings[name].url, busy_seconds=DATABASE_BUSY_SECONDS)
            return self._stores[name]

    def http(self, name: str) -> requests.Session:
        """Return this thread's HTTP session for a target."""
        sessions: dict[str, requests.Session] = self._sessions.__dict__.setdefault("by_name", {})
        if name not in sessions:
            sessions[name] = new_session()
        return sessions[name]

    def close(self) -> None:
        """Close the databases' connections."""
        with self._lock:
            for store in self._stores.values():
                store.close()
