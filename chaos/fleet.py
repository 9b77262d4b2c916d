"""The running processes: killed, and started again as a supervisor does."""

import signal
from multiprocessing.process import BaseProcess
from pathlib import Path

import psutil

from chaos.parts import CONTEXT, run

END_SECONDS = 20.0


class Fleet:
    """Some processes of each program, by names such as `worker-2`."""

    def __init__(self, environment: dict[str, str], folder: Path, numbers: dict[str, int]) -> None:
        self._environment, self._folder = environment, folder
        self._names = [f"{program}-{number}" for program, most in numbers.items() for number in range(most)]
        self._processes: dict[str, BaseProcess] = {}

    def names(self, program: str) -> list[str]:
        """Return the names of a program's processes."""
        return [name for name in self._names if name.startswith(program)]

    def keep_up(self) -> None:
        """Start what is not running."""
        for name in self._names:
            process = self._processes.get(name)
            if process is None or not process.is_alive():
                self._start(name)

    def kill(self, name: str) -> None:
        """Kill a process with SIGKILL and start another in its place."""
        self._processes[name].kill()
        self._processes[name].join(END_SECONDS)
        self._start(name)

    def kill_child(self, name: str, choose: int) -> bool:
        """Kill one of the processes that a process has started; it starts another by itself. False: it has none."""
        try:
            children = psutil.Process(self._processes[name].pid).children()
            if children:
                children[choose % len(children)].send_signal(signal.SIGKILL)
            return bool(children)
        except psutil.NoSuchProcess:
            return False

    def close(self) -> None:
        """End them all, at once: by now, nobody expects more of them."""
        for process in self._processes.values():
            process.kill()
        for process in self._processes.values():
            process.join(END_SECONDS)

    def _start(self, name: str) -> None:
        arguments = (name.partition("-")[0], self._environment, self._folder / f"{name}.log")
        self._processes[name] = CONTEXT.Process(target=run, args=arguments)
        self._processes[name].start()
