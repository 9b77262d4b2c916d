"""`python -m stubs.warehouse --name warehouse-1`"""

import argparse
import sys

from stubs.common.process import main
from stubs.warehouse.app import build

parser = argparse.ArgumentParser(prog="stubs.warehouse")
parser.add_argument("--name", choices=("warehouse-1", "warehouse-2"), required=True)
sys.exit(main(parser.parse_args().name, build))
