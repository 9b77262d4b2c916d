"""Warehouse: the stock of components; it runs twice, on one database."""
