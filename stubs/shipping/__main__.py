"""`python -m stubs.shipping`"""

import sys

from stubs.common.process import main
from stubs.shipping.app import build

sys.exit(main("shipping", build))
