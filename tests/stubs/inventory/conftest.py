"""A shop whose intervals are short."""

import pytest

from tests.stubs.shop import Shop


@pytest.fixture
def shop(tmp_path):
    """A shop whose figures are a hundredth: probes are three seconds apart."""
    shop = Shop(tmp_path, scale="0.01")
    yield shop
    shop.close()


@pytest.fixture
def quick(tmp_path):
    """A shop whose probes are 0.3 seconds apart, for the flows that need several."""
    shop = Shop(tmp_path / "quick", scale="0.001")
    yield shop
    shop.close()
