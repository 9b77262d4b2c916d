"""Labels for the values of a remedy."""

from flask_babel import lazy_gettext as _

from app.routes.languages import translate

_LABELS = {
    "operationId": _("Operation"), "orderId": _("Order number"), "clientId": _("Customer"),
    "productId": _("Product"), "componentId": _("Component"), "quantity": _("Quantity"),
    "from": _("From status"), "to": _("To status"), "status": _("Status"), "amount": _("Amount"),
    "shippingAddress": _("Shipping address"), "orderDate": _("Order date"), "paidAt": _("Paid at"),
    "target": _("Receiver"), "method": _("Method"), "path": _("Path"), "queue": _("Queue"),
    "messageId": _("Message number"), "contentType": _("Content type"), "eventId": _("Event"),
    "bodyBase64": _("Message body (base64)"), "body": _("Body"), "headers": _("Headers"), "items": _("Items"),
    "createdAt": _("Created"), "taken": _("Taken from stock"), "city": _("City"), "street": _("Street"),
    "house": _("House"), "apartment": _("Apartment"), "region": _("Region"), "postalCode": _("Postal code"),
    "postcode": _("Postal code"), "zip": _("Postal code"), "country": _("Country"), "recipient": _("Recipient"),
    "phone": _("Phone"),
}
_CONTAINERS = ("body", "items", "components")


def label(path: tuple[str | int, ...]) -> str:
    """Name a value in the reader's language; what we have no word for keeps its own name."""
    names = [part for part in path if isinstance(part, str) and part not in _CONTAINERS]
    numbers = [part + 1 for part in path if isinstance(part, int)]
    last = names[-1] if names else next(part for part in reversed(path) if isinstance(part, str))
    words = str(_LABELS.get(last, last))
    if "headers" in path[:-1]:
        words = translate("Header %(name)s", name=last)
    return f"{words} {'.'.join(map(str, numbers))}" if numbers else words
