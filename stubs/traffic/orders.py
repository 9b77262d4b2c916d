"""What is ordered, wherever it comes from."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

PARTS = 40  # kinds of parts that the products of a file are made of: the file names none


@dataclass(frozen=True)
class Product:
    """A product and how many of which components it needs."""

    product_id: str
    name: str
    components: dict[str, int]


@dataclass(frozen=True)
class Line:
    """A product in an order."""

    product_id: str
    quantity: int
    price: float


@dataclass(frozen=True)
class Order:
    """An order as a customer places it."""

    order_id: str
    client_id: str
    address: str
    date: str
    lines: tuple[Line, ...]

    @property
    def amount(self) -> float:
        return round(sum(line.price * line.quantity for line in self.lines), 2)


@dataclass
class Goods:
    """What traffic is made of: products, orders, and the lines of a file that cannot be ordered, by reason."""

    products: dict[str, Product]
    orders: Iterable[Order]
    lines: int = 0
    unorderable: Counter[str] = field(default_factory=Counter)
