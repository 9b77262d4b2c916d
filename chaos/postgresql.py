"""A PostgreSQL server that can be stopped as a crash would, and started again on its data."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.messaging.rabbitmq_node import free_port
from tests.postgresql import PROGRAMS, USER, Server

# The machine stays up, so nothing need reach the disk; but a commit must not wait in the server's own memory.
OPTIONS = ("fsync=off", "synchronous_commit=on", "max_connections=200")


class PostgresqlNode:
    """A server on a free port of the loopback; its folder is its own, since it may run as another user."""

    def __init__(self) -> None:
        self.folder, self.port = Path(tempfile.mkdtemp(prefix="chaos-postgresql-")), free_port()
        self.data = self.folder / "data"
        if os.getuid() == 0:
            shutil.chown(self.folder, USER)
        self._run("initdb", "-D", self.data, "-U", USER, "--no-sync", "--encoding=UTF8", "--locale=C")

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = [f"-p {self.port} -h 127.0.0.1 -k {self.folder}", *(f"-c {option}" for option in OPTIONS)]
        self._run("pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-o", " ".join(options), "start")

    def kill(self) -> None:
        """End it without a checkpoint: its next start recovers."""
        self._run("pg_ctl", "-D", self.data, "-m", "immediate", "-w", "stop")

    def close(self) -> None:
        """End it for good, and remove its folder."""
        if (self.data / "postmaster.pid").exists():
            self.kill()
        shutil.rmtree(self.folder)

    def create(self) -> str:
        """Create a database and return its URL."""
        server = Server(f"postgresql://{USER}@127.0.0.1:{self.port}/postgres")
        try:
            return server.create()
        finally:
            server.close()

    def _run(self, program: str, *arguments: object) -> None:
        command = [*_unprivileged(), str(PROGRAMS / program), *(str(argument) for argument in arguments)]
        # pg_ctl's server would keep a pipe open: nothing of it is read.
        with (self.folder / "pg_ctl").open("ab") as output:
            subprocess.run(
                command, check=True, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
            )


def _unprivileged() -> list[str]:
    """Return what runs a program as another than root, which PostgreSQL refuses."""
    if os.getuid() != 0:
        return []
    user = pwd.getpwnam(USER)
    return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--"]
