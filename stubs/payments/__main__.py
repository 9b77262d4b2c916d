"""`python -m stubs.payments`"""

import sys

from stubs.common.process import main
from stubs.payments.app import build

sys.exit(main("payments", build))
