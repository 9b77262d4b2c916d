"""`python -m stubs.inventory`"""

import sys

from stubs.common.process import main
from stubs.inventory.app import build

sys.exit(main("inventory", build))
