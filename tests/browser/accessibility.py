"""Ask axe-core what is wrong with a page."""

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

# `make test-setup` puts it there
AXE = Path(__file__).parent.parent.parent / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def violations(page: Page) -> list[str]:
    """Return each violation of WCAG 2.2 A and AA: the rule, the element, and what is wrong with it."""
    page.evaluate(_axe())  # evaluated from outside: as a script of the page its policy would forbid it
    found = page.evaluate("tags => axe.run({ runOnly: tags })", TAGS)
    return [f"{rule['id']}: {node['target']} {node['failureSummary']}" for rule in found["violations"]
            for node in rule["nodes"]]


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")
