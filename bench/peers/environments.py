"""A virtual environment for each peer, made once and anew when its pinned packages change."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parent.parent / ".venv" / "peers"


def programs(name: str) -> Path:
    """Install the packages of `<name>.txt` where that was not done, and return the folder of their programs."""
    wanted, folder = HERE / f"{name}.txt", ENVIRONMENTS / name
    stamp, pip = folder / "installed.txt", [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    if not stamp.exists() or stamp.read_bytes() != wanted.read_bytes():
        print(f"Installing {name} into {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([*pip, "install", "-qq", "--no-input", "--no-deps", "-r", str(wanted)], check=True)
        subprocess.run([*pip, "check"], check=True, stdout=subprocess.DEVNULL)
        stamp.write_bytes(wanted.read_bytes())
    return folder / "bin"


def version(name: str) -> str:
    """Return the version that is pinned."""
    lines = (HERE / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return next(line.partition("==")[2] for line in lines if line.startswith(f"{name}=="))
