"""`python -m stubs.orders`"""

import sys

from stubs.common.process import main
from stubs.orders.app import build

sys.exit(main("orders", build))
