"""The statuses of an order, and the one rule by which they change."""

from typing import Literal

Status = Literal["placed", "approved", "reserved", "paid", "shipping", "delivered", "cancelled"]

ORDER = ("placed", "approved", "reserved", "paid", "shipping", "delivered")  # `cancelled` stands apart
RANK = {status: rank for rank, status in enumerate(ORDER)}
