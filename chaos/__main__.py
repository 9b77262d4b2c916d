"""`python -m chaos`: break the desk in each configuration, and tell what was lost, doubled or unexpected."""

import argparse
import signal
import sys
import tempfile
from pathlib import Path
from shutil import rmtree

from chaos.places import CONFIGURATIONS
from chaos.run import Outcome, Plan, run

SHOWN = 20  # of what is wrong; the rest is like it


def main() -> int:
    """Run every configuration that was asked for; 0 when nothing was lost, doubled or unexpected."""
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--config", default="".join(CONFIGURATIONS), help="which of S, P and R (default: all)")
    parser.add_argument("--seconds", type=float, default=135.0, help="how long each is broken; some 50 s more to rest")
    parser.add_argument("--rate", type=float, default=130.0, help="cases sent per second, those sent again too")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # as Ctrl-C: everything is ended first
    outcomes = [_run(Plan(name, asked.seconds, asked.rate, asked.seed)) for name in asked.config]
    return 0 if all(outcome.findings.are_clean for outcome in outcomes) else 1


def _run(plan: Plan) -> Outcome:
    folder = Path(tempfile.mkdtemp(prefix=f"chaos-{plan.configuration}-"))
    outcome = run(plan, folder)
    print(outcome, flush=True)
    found = outcome.findings
    if found.are_clean:
        rmtree(folder)
    else:
        for words in [*found.lost, *found.doubled, *found.unexpected][:SHOWN]:
            print(f"  {words}", file=sys.stderr)
        print(f"  The databases and logs are in {folder}", file=sys.stderr)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
