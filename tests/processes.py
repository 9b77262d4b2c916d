"""Real processes for tests: they start in milliseconds, since one server has imported everything before."""

from multiprocessing import get_context

CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.children", "tests.crash.child"])
