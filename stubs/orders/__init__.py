"""Orders: takes orders, adds products to them, and keeps their status."""
