"""A retailer's file, dirty as it comes."""

from pathlib import Path

import pytest

from stubs.traffic.retail import UnusableFile, read_retail

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"


def read(tmp_path: Path, *lines: str, encoding: str = "utf-8"):
    path = tmp_path / "orders.csv"
    path.write_bytes((HEADER + "\n".join(lines)).encode(encoding))
    return read_retail(path)


def test_lines_become_orders_with_their_products_and_amount(tmp_path):
    goods = read(tmp_path,
                 "536365,85123A,WHITE HOLDER,6,12/1/10 8:26,2.55,17850,United Kingdom",
                 "536365,71053,LANTERN,1,12/1/10 8:26,3.39,17850,United Kingdom",
                 "536365,85123A,WHITE HOLDER,2,12/1/10 8:26,2.55,17850,United Kingdom")
    [order] = goods.orders
    assert (order.order_id, order.client_id, order.date) == ("536365", "17850", "2010-12-01T08:26:00Z")
    assert {line.product_id: line.quantity for line in order.lines} == {"85123A": 8, "71053": 1}
    assert order.amount == 23.79
    assert goods.products["71053"].name == "LANTERN"
    assert goods.products["71053"].components["box-carton"] == 1
    assert not goods.unorderable


def test_lines_without_a_customer_get_a_guest_of_their_invoice(tmp_path):
    goods = read(tmp_path, "1,A,x,1,12/1/10 8:26,1,,UK", "2,A,x,1,12/1/10 8:26,1,  ,UK")
    assert [order.client_id for order in goods.orders] == ["guest-1", "guest-2"]


@pytest.mark.parametrize("line, reason", [
    ("C536379,D,Discount,-1,12/1/10 9:41,27.5,14527,UK", "cancellation"),
    ("536414,22139,,56,12/1/10 11:52,0,,UK", "no description"),
    ("1,A,x,-10,12/1/10 8:26,1,,UK", "quantity of zero or less"),
    ("1,A,x,0,12/1/10 8:26,1,,UK", "quantity of zero or less"),
    ("1,A,x,1,12/1/10 8:26,0,,UK", "price of zero or less"),
    ("1,A,x,many,12/1/10 8:26,1,,UK", "quantity or price is no number"),
    ("1,A,x,1.5,12/1/10 8:26,1,,UK", "quantity or price is no number"),
    ("1,A,x,1,12/1/10 8:26,nan,,UK", "quantity or price is no number"),
    ("1,A,x,2000000,12/1/10 8:26,1,,UK", "too many for one order"),
    (",A,x,1,12/1/10 8:26,1,,UK", "no usable invoice or product number"),
    ("1", "no usable invoice or product number"),
])
def test_what_cannot_be_ordered_is_counted_by_reason(tmp_path, line, reason):
    goods = read(tmp_path, line, "2,A,x,1,12/1/10 8:26,1,5,UK")
    assert goods.unorderable == {reason: 1}
    assert goods.lines == 2
    assert "2" in [order.order_id for order in goods.orders]


def test_every_line_is_either_ordered_or_counted_even_in_an_old_encoding(tmp_path):
    goods = read(tmp_path, "1,A,CAFÉ £,1,odd date,1,5,UK", encoding="latin-1")
    assert goods.products["A"].name == "CAFÉ £"


def test_a_file_without_the_columns_is_refused_by_name(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UnusableFile, match="no column InvoiceNo"):
        read_retail(path)
