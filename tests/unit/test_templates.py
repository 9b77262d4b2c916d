"""Templates show; what may be done is decided elsewhere, and told them by a name."""

from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, nodes

TEMPLATES = Path(__file__).parent.parent.parent / "app" / "templates"
CONTROLS = ("<form", "<button", "<input", "<select", "<textarea", " disabled")


def test_no_control_hangs_on_a_status_that_a_template_compares() -> None:
    found = [
        f"{file.relative_to(TEMPLATES)}:{node.lineno}" for file in sorted(TEMPLATES.rglob("*.html"))
        for node in rules(Environment(extensions=["jinja2.ext.i18n"]).parse(file.read_text(encoding="utf-8")))
    ]
    assert found == []


def rules(template: nodes.Template) -> Iterator[nodes.Node]:
    """Yield each condition on a status under which there is a control."""
    for node in template.find_all((nodes.If, nodes.For)):
        if node.test is not None and compares_a_status(node.test) and has_control(node.body):
            yield node


def compares_a_status(condition: nodes.Node) -> bool:
    compared = condition.find_all(nodes.Compare) if not isinstance(condition, nodes.Compare) else [condition]
    return any(isinstance(compare.expr, nodes.Getattr) and compare.expr.attr == "status" for compare in compared)


def has_control(body: list[nodes.Node]) -> bool:
    texts = (text.data for node in body for text in node.find_all(nodes.TemplateData))
    return any(control in text for text in texts for control in CONTROLS)
