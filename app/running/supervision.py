"""The supervisor: its configuration, its start and its end."""

import shlex
import subprocess
import sys
from collections.abc import Sequence
from configparser import RawConfigParser
from pathlib import Path

from app.running.parts import Part

ROOT = Path(__file__).parent.parent.parent
STOP_SECONDS = 10  # a part that has not ended by then is killed; its work is safe under a lease
END_SECONDS = STOP_SECONDS + 3
LONGEST_SOCKET_PATH = 90  # bytes: the system takes 107, and the supervisor appends to it

Sections = dict[str, dict[str, object]]


def start(folder: Path, name: str, parts: Sequence[Part]) -> "subprocess.Popen[bytes]":
    """Start a supervisor of `parts`; it ends with us, and they end with it, whatever kills either."""
    (folder / "logs").mkdir(mode=0o700, exist_ok=True)
    configuration = str(configure(folder, name, parts))
    command = [sys.executable, "-m", "supervisor.supervisord", "--nodaemon", "--silent", "-c", configuration]
    # A session of its own: Ctrl-C in the terminal reaches us alone, and we end it in order.
    return subprocess.Popen(  # noqa: S603 - our own command line
        [*ends_with_parent("TERM"), *command], start_new_session=True, stdin=subprocess.DEVNULL
    )


def configure(folder: Path, name: str, parts: Sequence[Part]) -> Path:
    """Write the supervisor's configuration, and return its file."""
    file = folder / f"supervisor-{name}.conf"
    parser = RawConfigParser()
    parser.read_dict(_sections(folder, name, parts))
    with file.open("w", encoding="utf-8") as writable:
        parser.write(writable)
    return file


def end(supervisor: "subprocess.Popen[bytes]") -> None:
    """End the supervisor and all its parts, within END_SECONDS."""
    supervisor.terminate()
    try:
        supervisor.wait(END_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()  # the kernel kills the parts with it
        supervisor.wait()


def ends_with_parent(signal_name: str) -> list[str]:
    """Return the command prefix that has the kernel send a signal when the process that started it dies."""
    return ["setpriv", "--pdeathsig", signal_name, "--"]


def _sections(folder: Path, name: str, parts: Sequence[Part]) -> Sections:
    sections: Sections = {
        "supervisord": {
            "logfile": folder / "logs" / f"supervisor-{name}.log",
            "logfile_maxbytes": "5MB",
            "logfile_backups": 1,
            "pidfile": folder / f"supervisor-{name}.pid",
            "umask": "077",
        },
        # One group, since groups are stopped one after another and its members all at once.
        "group:desk": {"programs": ",".join(part.name for part in parts)},
    }
    sections |= _control_socket(folder / f"supervisor-{name}.sock")
    return sections | {f"program:{part.name}": _program(folder, part) for part in parts}


def _control_socket(path: Path) -> Sections:
    """Return what `supervisorctl` needs; in a very deep folder there is none, and all else works."""
    if len(str(path).encode()) > LONGEST_SOCKET_PATH:
        return {}
    return {
        "unix_http_server": {"file": path, "chmod": "0700"},
        "supervisorctl": {"serverurl": f"unix://{path}"},
        "rpcinterface:supervisor": {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        },
    }


def _program(folder: Path, part: Part) -> dict[str, object]:
    return {
        "command": shlex.join([*ends_with_parent("KILL"), *part.command]),
        "directory": ROOT,
        "environment": ",".join(f'{name}="{value}"' for name, value in
                                {"PYTHONUNBUFFERED": "1", **part.environment}.items()),
        "autorestart": "true",
        "startsecs": 0,  # started counts as up: a longer time would make each quick death delay the next start more
        "startretries": 1_000_000_000,
        "stopwaitsecs": STOP_SECONDS,
        "killasgroup": "true",
        "redirect_stderr": "true",
        "stdout_logfile": folder / "logs" / f"{part.name}.log",
        "stdout_logfile_maxbytes": "10MB",
        "stdout_logfile_backups": 2,
    }
