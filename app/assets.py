"""Make the files that browsers and translations need, at set-up: `python -m app.assets`, after `npm ci`."""

import os
import re
import sys
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "app" / "static" / "vendor"
TRANSLATIONS = ROOT / "app" / "translations"

FILES = {
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "htmx-ptag.js": "htmx.org/dist/ext/hx-ptag.min.js",
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "uplot.js": "uplot/dist/uPlot.iife.min.js",
    "uplot.css": "uplot/dist/uPlot.min.css",
    "swagger-ui.js": "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
}

ICONS = (
    "alert-triangle", "arrow-back-up", "arrow-right", "ban", "bolt", "chart-line", "check", "chevron-down",
    "chevron-right", "circle-check", "circle-x", "clock", "credit-card", "database", "device-floppy", "download",
    "edit", "equal-not", "external-link", "eye", "history", "home", "inbox", "info-circle", "keyboard", "language",
    "list-check", "list-details", "loader", "lock", "logout", "mail-bolt", "mail-forward", "message", "moon",
    "package", "player-pause", "player-play", "player-stop", "refresh", "search", "send", "server-2", "settings",
    "shield", "shopping-cart", "stack-2", "stethoscope", "sun", "target", "trash", "truck", "user", "user-check",
    "user-question", "users", "world", "x",
)


def copy_packages() -> None:
    """Copy the few files that the pages load, and make one sprite of the icons that they show.

    Raises:
        FileNotFoundError: `npm ci` has not run.
    """
    VENDOR.mkdir(parents=True, exist_ok=True)
    for name, source in FILES.items():
        text = (PACKAGES / source).read_text(encoding="utf-8")
        (VENDOR / name).write_text(_without_map(text), encoding="utf-8")
    (VENDOR / "icons.svg").write_text(_sprite(), encoding="utf-8")


def compile_translations() -> None:
    """Compile every catalogue, next to its source."""
    for source in TRANSLATIONS.glob("*/LC_MESSAGES/*.po"):
        with source.open("rb") as readable:
            catalogue = read_po(readable, locale=source.parent.parent.name)
        unfinished = source.with_suffix(f".{os.getpid()}.mo")
        with unfinished.open("wb") as writable:
            write_mo(writable, catalogue)
        unfinished.replace(source.with_suffix(".mo"))  # a running service never reads half a catalogue


def _without_map(text: str) -> str:
    return re.sub(r"(?m)^(/\*|//)# sourceMappingURL=.*$", "", text)


def _sprite() -> str:
    symbols = (_symbol(name) for name in ICONS)
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def _symbol(name: str) -> str:
    drawing = (PACKAGES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text(encoding="utf-8")
    shapes = re.sub(r"(?s)^.*?<svg[^>]*>|</svg>\s*$", "", drawing).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


def main() -> int:
    """Make everything; return the exit code."""
    copy_packages()
    compile_translations()
    return 0


if __name__ == "__main__":
    sys.exit(main())
