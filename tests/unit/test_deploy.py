"""What the files for servers name is there: modules, settings, metrics, paths."""

import importlib.util
import re
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.config import load
from app.routes.api.metrics import exposition
from tests.unit.test_documents import variables

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
PYTHON = "/opt/dead-letter-office/.venv/bin/python"
NOT_OURS = {"PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}


def read(unit: Path) -> RawConfigParser:
    parser = RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit.read_text(encoding="utf-8"))
    return parser


def compose() -> dict[str, Any]:
    return yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def example() -> dict[str, str]:
    lines = (DEPLOY / "environment.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def assert_runs(module: str) -> None:
    found = importlib.util.find_spec(module)
    assert found, module
    is_package = found.submodule_search_locations is not None
    assert not is_package or importlib.util.find_spec(f"{module}.__main__"), module


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_what_there_is_and_dies_in_time(unit: Path) -> None:
    service = read(unit)["Service"]
    command = service["ExecStart"].split()
    assert command[:2] == [PYTHON, "-m"]
    assert_runs(command[2])
    assert {entry.partition("=")[0] for entry in service["Environment"].split()} <= variables() | NOT_OURS
    if "Restart" in service:
        assert int(service["TimeoutStopSec"]) >= 15


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_may_do_no_more_than_it_needs(unit: Path) -> None:
    service = read(unit)["Service"]
    assert (service["NoNewPrivileges"], service["ProtectSystem"], service["User"]) == ("yes", "strict", "dlo")


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace(PYTHON, sys.executable)
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    units = [str(tmp_path / unit.name.replace("@", "@1")) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True, timeout=60)
    ours = [line for line in done.stderr.splitlines() if "dlo-" in line]
    assert (done.returncode, ours) == (0, [])


def test_the_example_holds_settings_that_can_be_loaded(tmp_path: Path) -> None:
    assert example().keys() <= variables()
    loaded = load(example() | {"DLO_INSTANCE": str(tmp_path)})
    assert loaded.is_https and loaded.database_url.startswith("postgresql+psycopg://")


def test_the_containers_run_what_there_is() -> None:
    services = compose()["services"]
    for name in ("init", "web", "worker"):
        assert_runs(services[name]["command"][0])
        assert (DEPLOY / services[name]["build"]["dockerfile"].removeprefix("deploy/")).exists()
        assert set(services[name]["depends_on"]) <= services.keys()
    hosts = {host for url in (example()["DLO_DATABASE_URL"], example()["DLO_BROKER_URL"])
             for host in re.findall(r"@([^:/]+)", url)}
    assert hosts <= services.keys()
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert PYTHON in dockerfile
    assert set(re.findall(r"\b(DLO_\w+)=", dockerfile)) <= variables()


def test_alerts_ask_for_figures_that_there_are(desk) -> None:
    shown = exposition(desk).decode()
    known = set(re.findall(r"^# TYPE (\w+)", shown, re.M))
    rules = [rule for group in yaml.safe_load((DEPLOY / "alerts.yaml").read_text("utf-8"))["groups"]
             for rule in group["rules"]]
    for rule in rules:
        assert {"alert", "expr", "labels", "annotations"} <= rule.keys()
        names = set(re.findall(r"\bdlo_\w+", rule["expr"]))
        assert names <= known, rule["alert"]
        assert names or "up{" in rule["expr"]
    for outcome in re.findall(r'outcome=~"([^"]+)"', str(rules)):
        assert all(f'outcome="{word}"' in shown for word in outcome.split("|"))
