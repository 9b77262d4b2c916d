"""The four ways to put a failure right, as the contract writes them."""

import base64
import binascii
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from app.domain.http_rules import METHODS, header_fault, path_fault

# What an order goes through, in this order; `cancelled` stands apart.
ORDER_STATUSES = ("placed", "approved", "reserved", "paid", "shipping", "delivered")
OrderStatusName = Literal["placed", "approved", "reserved", "paid", "shipping", "delivered"]

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]

WAREHOUSE_DATABASE = "warehouse-db"
ORDERS_DATABASE = "orders-db"


class _Remedy(BaseModel):
    model_config = ConfigDict(extra="allow")


class Component(BaseModel):
    model_config = ConfigDict(extra="allow")
    componentId: Name
    quantity: Annotated[StrictInt, Field(gt=0, le=1_000_000_000)]


class StockDecrement(_Remedy):
    """Take components out of the Warehouse's stock: all in one transaction, or none."""

    type: Literal["stock_decrement"]
    operationId: Name
    orderId: Name
    components: Annotated[list[Component], Field(min_length=1, max_length=1000)]


class OrderStatus(_Remedy):
    """Move an order's status forward, guarded by the status that it must be in."""

    type: Literal["order_status"]
    operationId: Name
    orderId: Name
    from_: Annotated[OrderStatusName, Field(alias="from")]
    to: OrderStatusName

    @model_validator(mode="after")
    def _forward(self) -> Self:
        if ORDER_STATUSES.index(self.to) <= ORDER_STATUSES.index(self.from_):
            raise ValueError(f"'to' must come after 'from' ({' < '.join(ORDER_STATUSES)})")
        return self


class HttpRequest(_Remedy):
    """Call a registered target once more, with an Idempotency-Key of its own."""

    type: Literal["http_request"]
    target: Name
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    path: Annotated[str, StringConstraints(max_length=4000)]
    headers: dict[str, str] = Field(default_factory=dict, max_length=50)
    body: Any = None

    @field_validator("method", mode="before")
    @classmethod
    def _upper(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) and value.upper() in METHODS else value

    @field_validator("target")
    @classmethod
    def _registered(cls, value: str, info: ValidationInfo) -> str:
        if info.context and value not in info.context["http_targets"]:
            raise ValueError("is not a registered target")
        return value

    @field_validator("path")
    @classmethod
    def _stays_on_target(cls, value: str) -> str:
        if fault := path_fault(value):
            raise ValueError(fault)
        return value

    @field_validator("headers")
    @classmethod
    def _harmless(cls, value: dict[str, str]) -> dict[str, str]:
        for name, content in value.items():
            if fault := header_fault(name, content):
                raise ValueError(f"{name[:80]!r} {fault}")
        return value


class PublishMessage(_Remedy):
    """Send a message again, with the broker's confirmation."""

    type: Literal["publish_message"]
    queue: Name
    body: Any = None
    bodyBase64: str | None = None
    headers: dict[str, Any] = Field(default_factory=dict, max_length=100)
    messageId: Name | None = None
    contentType: Annotated[str, StringConstraints(max_length=255)] | None = None

    @field_validator("queue")
    @classmethod
    def _registered(cls, value: str, info: ValidationInfo) -> str:
        if info.context and value not in info.context["queues"]:
            raise ValueError("is not a registered queue")
        return value

    @field_validator("bodyBase64")
    @classmethod
    def _base64(cls, value: str | None) -> str | None:
        try:
            base64.b64decode(value or "", validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError("is not base64") from error
        return value

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        if ("body" in self.model_fields_set) == (self.bodyBase64 is not None):
            raise ValueError("needs either 'body' or 'bodyBase64'")
        return self


Remedy = Annotated[StockDecrement | OrderStatus | HttpRequest | PublishMessage, Field(discriminator="type")]
DATABASE_REMEDIES = ("stock_decrement", "order_status")
REMEDY_TYPES = (*DATABASE_REMEDIES, "http_request", "publish_message")

# What a person may not change: the effect must stay the same one effect, on the same system.
LOCKED_FIELDS: dict[str, tuple[str, ...]] = {
    "stock_decrement": ("type", "operationId"),
    "order_status": ("type", "operationId"),
    "http_request": ("type", "target"),
    "publish_message": ("type", "messageId"),
}


def target_of(remedy: dict[str, Any]) -> str:
    """Name the target that a valid remedy acts on."""
    match remedy["type"]:
        case "stock_decrement":
            return WAREHOUSE_DATABASE
        case "order_status":
            return ORDERS_DATABASE
        case "http_request":
            return str(remedy["target"])
        case _:
            return str(remedy["queue"])


def has_come_to(status: object, wanted: object) -> bool:
    """Tell whether an order of one status stands at another already, or past it."""
    known = status in ORDER_STATUSES and wanted in ORDER_STATUSES
    return known and ORDER_STATUSES.index(str(status)) >= ORDER_STATUSES.index(str(wanted))
