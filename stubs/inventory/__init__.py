"""Inventory: reserves goods for orders and has them shipped."""
