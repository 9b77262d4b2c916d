"""What the documents say is there."""

import re
from pathlib import Path

from app.config import Settings
from app.domain.status import Status

ROOT = Path(__file__).parent.parent.parent


def variables() -> set[str]:
    """Return the names of all settings."""
    return {field.validation_alias.choices[0] for field in Settings.model_fields.values()}  # type: ignore[union-attr]


def test_the_readme_names_every_setting() -> None:
    table = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Settings")[2]
    for variable in sorted(variables()):
        assert f"`{variable}`" in table or f"`{variable.partition('_')[0]}_…`" in table, variable


def test_the_glossary_names_every_status() -> None:
    glossary = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    assert [status for status in Status if f"`{status}`" not in glossary] == []


def test_links_between_documents_lead_somewhere() -> None:
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]:
        for link in re.findall(r"\]\(([^):#]+)\)", document.read_text(encoding="utf-8")):
            assert (document.parent / link).exists(), f"{document.name}: {link}"
