"""Payments: takes payments and tells Orders."""
