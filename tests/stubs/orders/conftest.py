"""A shop with something in stock."""

import pytest


@pytest.fixture
def stocked(shop):
    """A kitchen with its components, and Products to tell them."""
    with shop.running("products"):
        components = [{"componentId": "door", "quantity": 4}]
        shop.call("PUT", "products", "/products/v1/products/kitchen/components", {"components": components})
        shop.client("warehouse-1").put("/warehouse/v1/stock/door", json={"available": 20})
        yield shop
