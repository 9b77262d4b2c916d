"""Every page of the desk, found by its routes: what is proven of the pages is proven of a new one too."""

from collections.abc import Iterator, Mapping

from flask import Flask
from werkzeug.routing import Rule

# Files are as long as their lists; the address of an act leads to its case.
NO_PAGES = {"pages.export_failures", "pages.export_groups", "pages.opened_again"}


def rules(app: Flask) -> Iterator[Rule]:
    """Yield the route of each page, and of each part of one that has an address of its own."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("pages.") and "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES:
            yield rule


def addresses(app: Flask, examples: Mapping[str, str]) -> dict[str, str]:
    """Return an address of each page by its rule; `examples` are a value of each parameter by its name.

    Raises:
        LookupError: a page has a parameter that no example is given of: give one where the desk is filled.
    """
    adapter, found = app.url_map.bind("desk.test"), {}
    for rule in rules(app):
        if missing := rule.arguments - examples.keys():
            raise LookupError(f"no example of {sorted(missing)} for {rule.rule}")
        values = {name: examples[name] for name in rule.arguments}
        found[rule.rule] = adapter.build(rule.endpoint, values, method="GET")
    return found
