"""A RabbitMQ node of the tests' own: free ports on loopback, its data in a folder that goes away, ended by its pid."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import SystemRandom

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from messaging import MessagingError, Topology
from messaging.rabbitmq import RabbitBroker
from messaging.rabbitmq.laps import COMPANION

# Where packages put the scripts that any user may run; those on the PATH want to be root.
SCRIPTS = [Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin")]
START_SECONDS = 60.0
SETTLE_SECONDS = 3.0


def scripts() -> Path | None:
    """Return the folder of RabbitMQ's scripts; None where it is not installed."""
    found = shutil.which("rabbitmq-server")
    folders = [*SCRIPTS, *([Path(found).resolve().parent] if found else [])]
    return next((folder for folder in folders if (folder / "rabbitmq-server").exists()), None)


class RabbitNode:
    """A node that can be started, killed, frozen and started again on the same data."""

    def __init__(self, folder: Path, port: int | None = None) -> None:
        where = scripts()
        assert where, "rabbitmq-server is not installed"
        self.scripts, self.folder = where, folder
        self.port, self.mapper_port, distribution_port = port or free_port(), free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.mapper: subprocess.Popen[bytes] | None = None
        self.environment = {**os.environ, **self._settings(distribution_port)}

    @property
    def url(self) -> str:
        return f"amqp://guest:guest@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start the node, and return when it answers."""
        if self.mapper is None:
            # A port mapper of its own, which ends with it: one that the node starts would stay behind.
            self.mapper = self._run("epmd", "-address", "127.0.0.1", "-port", str(self.mapper_port))
        self.process = self._run(str(self.scripts / "rabbitmq-server"))
        wait_until(lambda: self._answers() or self.process.poll() is not None)
        assert self.process.poll() is None, self._log()

    def kill(self) -> None:
        """End the node as a power failure would."""
        self.signal(signal.SIGKILL)
        self._ended(self.process)

    def stop(self) -> None:
        """End the node and its port mapper."""
        for process in (self.process, self.mapper):
            if process and process.poll() is None:
                process.kill()
                self._ended(process)
        self.mapper = None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the node, SIGSTOP and SIGCONT say."""
        assert self.process
        self.process.send_signal(number)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let the node hang until the end of the block: it is there, and answers nothing."""
        self.signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(signal.SIGCONT)

    def empty_queues(self, topology: Topology) -> None:
        """Take everything out of the queues of a topology.

        They are not deleted: on 3.10 it is enough to delete a few whose dead-lettering has just begun, and the
        supervisor of all dead-lettering gives up; from then on no such queue can be declared (INTERNAL_ERROR).
        """
        broker = RabbitBroker(self.url, topology)
        wait_until(lambda: _succeeds(broker.ping))  # just started, it elects the leaders of its queues first
        broker.close()
        # Twice: what is on its way from one queue to another is in neither.
        for _time in range(2):
            wait_until(lambda: _succeeds(lambda: self._purge(topology)))

    def settle(self, topology: Topology) -> None:
        """Declare a topology and let the node write it down.

        A queue whose node is killed in the first moments after its declaration may never have a leader again.
        """
        self.empty_queues(topology)
        time.sleep(SETTLE_SECONDS)

    @contextmanager
    def channel(self) -> Iterator[BlockingChannel]:
        """Open a channel as a foreign client does."""
        with pika.BlockingConnection(pika.URLParameters(self.url)) as connection:
            yield connection.channel()

    def control(self, *command: str) -> str:
        """Run `rabbitmqctl` on the node and return what it says."""
        run = [str(self.scripts / "rabbitmqctl"), "--quiet", *command]
        done = subprocess.run(run, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _purge(self, topology: Topology) -> None:
        with self.channel() as channel:
            for name in topology.queues:
                channel.queue_purge(name)
                channel.queue_purge(name + COMPANION)

    def _settings(self, distribution_port: int) -> dict[str, str]:
        folder = self.folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "node.conf").write_text(
            f"listeners.tcp.local = 127.0.0.1:{self.port}\n"
            "disk_free_limit.absolute = 1MB\n"
            "log.file.level = warning\n"
        )
        (folder / "plugins").write_text("[].\n")
        return {
            "HOME": str(folder),  # the Erlang cookie is kept there
            "RABBITMQ_NODENAME": f"node{self.port}@localhost",
            "RABBITMQ_CONFIG_FILE": str(folder / "node"),
            "RABBITMQ_CONF_ENV_FILE": os.devnull,
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_DIST_PORT": str(distribution_port),
            # Two schedulers that do not spin while they wait: the node shares its machine with the tests.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none -kernel inet_dist_use_interface {127,0,0,1}",
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(self.mapper_port),
            "RUNNING_UNDER_SYSTEMD": "true",  # no shell in between: the pid is the node's
        }

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        with (self.folder / "output").open("ab") as output:
            return subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=self.folder
            )

    def _answers(self) -> bool:
        try:
            pika.BlockingConnection(pika.URLParameters(self.url + "?socket_timeout=1&stack_timeout=2")).close()
        except (AMQPError, OSError):
            return False
        return True

    def _ended(self, process: subprocess.Popen[bytes] | None) -> None:
        if process:
            process.wait(20)

    def _log(self) -> str:
        return (self.folder / "output").read_text(errors="replace")[-2000:]


@contextmanager
def running_node(folder: Path) -> Iterator[RabbitNode]:
    """Run a node while the block runs."""
    node = RabbitNode(folder)
    try:
        node.start()
        yield node
    finally:
        node.stop()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until something holds, as long as a node may take to start."""
    deadline = time.monotonic() + START_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "RabbitMQ is not there in time"
        time.sleep(0.05)


def _succeeds(call: Callable[[], None]) -> bool:
    try:
        call()
    except (MessagingError, AMQPError):
        return False
    return True


def free_port() -> int:
    """Return a port of the loopback that nobody listens on, below those that the system gives to connections."""
    while True:
        port = SystemRandom().randrange(15_000, 32_000)  # the tests seed `random`: all would try the same
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
