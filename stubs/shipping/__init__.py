"""Shipping: prepares shipments."""
