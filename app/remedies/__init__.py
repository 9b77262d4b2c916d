"""The registry: one kind, one file, one line here."""

from app.remedies.base import Change, Means, Outcome, Preview, Remedy, Result, Run
from app.remedies.database import DatabaseRemedy
from app.remedies.http_request import HttpRequest
from app.remedies.order_status import OrderStatus
from app.remedies.publish_message import PublishMessage
from app.remedies.stock_decrement import StockDecrement

REMEDIES: dict[str, Remedy] = {
    "stock_decrement": StockDecrement(),
    "order_status": OrderStatus(),
    "http_request": HttpRequest(),
    "publish_message": PublishMessage(),
}

__all__ = [
    "REMEDIES", "Change", "DatabaseRemedy", "Means", "Outcome", "Preview", "Remedy", "Result", "Run",
]
