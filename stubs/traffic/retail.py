"""Orders from a retailer's file, dirty as it came: what cannot be ordered is counted by reason, never a crash."""

import csv
import io
import math
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

from stubs.common.wire import is_identifier
from stubs.traffic.orders import PARTS, Goods, Line, Order, Product

COLUMNS = ("InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country")
MOST_LINES = 1000  # of one order
MOST_PIECES = 1_000_000


class UnusableFile(Exception):
    """The file cannot be read as orders at all."""


@dataclass
class _Invoice:
    client_id: str
    country: str
    date: str
    quantities: dict[str, int] = field(default_factory=dict)
    prices: dict[str, float] = field(default_factory=dict)


def read_retail(path: Path) -> Goods:
    """Read a file with one line per product and invoice.

    Raises:
        UnusableFile: it cannot be opened, or is no such file.
    """
    rows = csv.DictReader(io.StringIO(_text(path)))
    missing = [column for column in COLUMNS if column not in (rows.fieldnames or ())]
    if missing:
        raise UnusableFile(f"{path} has no column {missing[0]}")
    goods = Goods({}, [])
    invoices: dict[str, _Invoice] = {}
    for row in rows:
        goods.lines += 1
        cells = {column: (row[column] or "").strip() for column in COLUMNS}
        if reason := _refusal(cells) or _place(cells, invoices, goods):
            goods.unorderable[reason] += 1
    goods.orders = [_order(number, invoice) for number, invoice in invoices.items()]
    return goods


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UnusableFile(f"{path} cannot be read ({error.strerror})") from error
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("latin-1")  # as the original of the data set was published
    return text.replace("\0", "")


def _refusal(cells: dict[str, str]) -> str | None:
    """Tell why a line cannot be ordered, or None."""
    if cells["InvoiceNo"].upper().startswith("C"):
        return "cancellation"
    if not is_identifier(cells["InvoiceNo"]) or not is_identifier(cells["StockCode"]):
        return "no usable invoice or product number"
    quantity, price = _number(cells["Quantity"]), _number(cells["UnitPrice"])
    if quantity is None or price is None or not quantity.is_integer():
        return "quantity or price is no number"
    if quantity <= 0:
        return "quantity of zero or less"
    if not cells["Description"]:
        return "no description"
    if price <= 0:
        return "price of zero or less"
    return None


def _place(cells: dict[str, str], invoices: dict[str, _Invoice], goods: Goods) -> str | None:
    """Put a line into its invoice, or tell why not."""
    number, code = cells["InvoiceNo"], cells["StockCode"]
    client = cells["CustomerID"] if is_identifier(cells["CustomerID"]) else f"guest-{number}"
    invoice = invoices.setdefault(number, _Invoice(client, cells["Country"], _date(cells["InvoiceDate"])))
    quantity = invoice.quantities.get(code, 0) + int(float(cells["Quantity"]))
    if quantity > MOST_PIECES or (code not in invoice.quantities and len(invoice.quantities) == MOST_LINES):
        return "too many for one order"
    invoice.quantities[code] = quantity
    invoice.prices[code] = float(cells["UnitPrice"])
    goods.products.setdefault(code, _product(code, cells["Description"]))
    return None


def _product(code: str, name: str) -> Product:
    # The file names no components: two kinds of parts, always the same ones for the same code.
    number = crc32(code.encode())
    parts = Counter({f"part-{number % PARTS:02d}": 1 + number % 3})
    parts["box-carton"] += 1
    return Product(code, name[:200], dict(parts))


def _order(number: str, invoice: _Invoice) -> Order:
    lines = tuple(Line(code, quantity, invoice.prices[code]) for code, quantity in invoice.quantities.items())
    return Order(number, invoice.client_id, f"{invoice.country}, {number}", invoice.date, lines)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _date(text: str) -> str:
    try:
        moment = datetime.strptime(text, "%m/%d/%y %H:%M").replace(tzinfo=UTC)
    except ValueError:
        moment = datetime.now(UTC)
    return moment.isoformat().replace("+00:00", "Z")
