"""The house keeps its shape: imports point one way, and what may be written where."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent

# A module may import its own layer and every lower one.
LAYERS = {
    "errors": 0, "ids": 0, "clock": 0, "remembered": 0, "asked": 0, "outgoing": 0,
    "domain": 1,
    "config": 2, "logs": 2, "targets": 3, "models": 2,
    "remedies": 4, "desk": 4, "migrate": 4, "instance": 4,
    "queries": 5,
    "services": 6,
    "routes": 7, "workers": 7, "running": 7, "first_start": 7, "assets": 7, "verifying": 7,
    "wsgi": 8, "cli": 8, "web": 9,
}
PACKAGES = {
    "app": {"app", "messaging", "storage"},
    "stubs": {"stubs", "messaging", "reporter", "storage"},
    "messaging": {"messaging", "storage"},
    "reporter": {"reporter", "messaging", "storage"},
    "storage": {"storage"},
}
# pydantic reads reports, rapidfuzz compares names: neither does input or output
PURE = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "rapidfuzz"}
FLASK = ("flask", "flask_babel", "flask_login", "flask_security", "flask_wtf", "htmx_flask", "spectree", "werkzeug")
STATEMENTS = (".execute", ".scalar", ".scalars", ".get_one")
STATUS_WRITERS = ("app/models/transitions.py", "app/models/claims.py")


def sources(folder: str) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    """Yield the dotted name of everything imported, `from app import config` as `app.config`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def layer_of(path: str) -> str:
    return path.split("/")[1].removesuffix(".py")


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_knows_only_those_below_it(package: str) -> None:
    strangers = [
        f"{path} imports {name}"
        for path, tree in sources(package)
        for name in imports(tree)
        if name.split(".")[0] in PACKAGES and name.split(".")[0] not in PACKAGES[package]
    ]
    assert strangers == []


def test_imports_inside_the_app_point_downwards() -> None:
    upwards = [
        f"{path} imports {name}"
        for path, tree in sources("app")
        if path != "app/__init__.py"  # the one place that wires
        for name in imports(tree)
        if name.startswith("app.") and (layer := name.split(".")[1]) in LAYERS and layer != layer_of(path)
        and LAYERS[layer] >= LAYERS[layer_of(path)]
    ]
    assert upwards == []


def test_every_module_of_the_app_has_a_layer() -> None:
    assert {layer_of(path) for path, _ in sources("app")} - {"__init__"} <= LAYERS.keys()


def test_the_domain_is_pure() -> None:
    others = [
        f"{path} imports {name}"
        for path, tree in sources("app/domain")
        for name in imports(tree)
        if name.split(".")[0] not in PURE and not name.startswith(("app.domain", "app.errors"))
    ]
    assert others == []


def test_the_web_framework_stays_in_the_routes() -> None:
    elsewhere = [
        f"{path} imports {name}"
        for path, tree in sources("app")
        if not path.startswith(("app/routes/", "app/__init__.py"))
        for name in imports(tree)
        if name.split(".")[0] in FLASK
    ]
    assert elsewhere == []


def test_only_services_open_writing_transactions_of_the_desk() -> None:
    elsewhere = [
        f"{path}:{node.lineno}"
        for path, tree in sources("app")
        if not path.startswith("app/services/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith((".store.write", ".store.connect", ".commit"))
    ]
    assert elsewhere == []


def test_routes_send_no_statement_of_their_own() -> None:
    sent = [
        f"{path}:{node.lineno}"
        for path, tree in sources("app/routes")
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).startswith("session.") and ast.unparse(node.func).endswith(STATEMENTS)
    ]
    assert sent == []


def test_the_status_of_a_failure_is_written_in_two_modules() -> None:
    elsewhere = [
        f"{path}:{node.lineno}"
        for path, tree in sources("app")
        if path not in STATUS_WRITERS
        for node in ast.walk(tree)
        if writes_failures(node)
    ]
    assert elsewhere == []


def writes_failures(node: ast.AST) -> bool:
    if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] in ("update", "insert", "delete", "upsert"):
        return any(ast.unparse(argument) in ("failures", "Failure") for argument in node.args)
    if isinstance(node, ast.Assign):
        return any(ast.unparse(target).endswith("failure.status") for target in node.targets)
    return False
