"""`python -m stubs.products`"""

import sys

from stubs.common.process import main
from stubs.products.app import build

sys.exit(main("products", build))
