"""`python -m app.cli audit-verify`, and `flask --app app audit-verify`: look whether anybody rewrote the audit."""

import re
import sys

import click

from app.config import load, wrong_settings_end_the_process
from app.queries import audit_chain
from storage import open_store


class EntryAndHash(click.ParamType):  # type: ignore[type-arg]  # generic in click's types alone
    """`NUMBER:HASH`, as the command writes it."""

    name = "number:hash"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, str]:
        """Return the two."""
        found = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64})", value)
        return (int(found[1]), found[2]) if found else self.fail("is no entry's number, a colon, its hash", param, ctx)


@click.command("audit-verify")
@click.option("--known", type=EntryAndHash(), help="The last entry that an earlier run told: it must still be there.")
def audit_verify(known: tuple[int, str] | None) -> None:
    """Walk the audit's chain; exit 1 and name the first entry that was changed, removed or inserted."""
    with wrong_settings_end_the_process():
        settings = load()
    store = open_store(settings.database_url)
    try:
        walked = audit_chain.verify(store, known)
    finally:
        store.close()
    click.echo(f"{walked.entries} entries follow each other. The last one: {walked.last}:{walked.hash}")
    if walked.fault:
        click.echo(walked.fault, err=True)
        sys.exit(1)
