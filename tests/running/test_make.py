"""The Makefile: what it offers, and that it tells it."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PROMISED = {"run", "serve", "worker", "stubs", "test", "lint", "bench", "clean"}
SYSTEM_PACKAGES = ROOT / ".ci" / "system-packages"


def make(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["make", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=30)


def test_make_alone_prints_its_targets_with_a_line_each() -> None:
    told = dict(line.split(maxsplit=1) for line in make().stdout.splitlines())
    assert told.keys() >= PROMISED
    assert all(told.values())


def test_what_was_set_up_is_not_set_up_again(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    prerequisites = ["requirements.txt", "requirements-node.txt", "package.json", "package-lock.json", ".npmrc",
                     "app/assets.py"]
    stamps = [f".venv/{name}" for name in ("created", "npm", "installed", "front-end", "assets")]
    for number, name in enumerate([*prerequisites, *stamps]):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.touch()
        os.utime(file, (number, number))
    assert subprocess.run(["make", "-q", "setup"], cwd=tmp_path, timeout=30).returncode == 0
    (tmp_path / "requirements.txt").touch()
    assert subprocess.run(["make", "-q", "setup"], cwd=tmp_path, timeout=30).returncode == 1


def test_every_requirement_is_pinned() -> None:
    for file in ROOT.glob("requirements*.txt"):
        lines = [line for line in file.read_text().splitlines() if not line.startswith(("#", "-r "))]
        assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9_.\-]+(\[[a-z]+\])?==[\w.]+", line)] == []


def test_the_python_may_be_chosen_and_must_be_new_enough(tmp_path: Path) -> None:
    old = tmp_path / "python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    refused = make(f"VENV={tmp_path}/venv", f"PYTHON={old}", f"{tmp_path}/venv/created")
    assert refused.returncode != 0
    assert refused.stderr.startswith("Python 3.11 or newer is needed")


@pytest.mark.parametrize("program", ["bash", Path(sys.executable).name])
def test_a_system_package_that_is_there_is_not_installed(program: str) -> None:
    environment = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin"}
    told = subprocess.run([SYSTEM_PACKAGES, f"anything={program}"], env=environment, capture_output=True, text=True)
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_without_apt_a_missing_system_package_is_named(tmp_path: Path) -> None:
    for tool in ("bash", "id"):
        (tmp_path / tool).symlink_to(str(shutil.which(tool)))
    command = [str(tmp_path / "bash"), str(SYSTEM_PACKAGES), "some-browser=no-such-program-here"]
    told = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert told.returncode == 1
    assert told.stderr == "Missing: some-browser. Install with: sudo apt-get install some-browser\n"
