"""The commands behind the Makefile: `python -m app.cli --help`."""

import os
import sys
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from threading import Thread

import click
from sqlalchemy.exc import DBAPIError
from tenacity import Retrying, retry_if_exception_type, wait_fixed

from app import first_start, migrate
from app.config import Settings, SettingsError, load, wrong_settings_end_the_process
from app.running import ports, runner
from app.running.parts import Part, desk_parts, stub_parts, traffic_parts
from app.verifying import audit_verify
from storage import open_store


@click.group()
def cli() -> None:
    """Run the desk and look after it."""
    os.umask(0o077)  # the databases and logs that are made here hold secrets


@cli.command()
def init() -> None:
    """Make the instance folder, its secrets, the schema and the first accounts, where they are missing."""
    with wrong_settings_end_the_process():
        _prepare(load())


@cli.command()
def run() -> None:
    """Run the service, a worker, every stub and gentle demo traffic."""
    with wrong_settings_end_the_process():
        settings = load()
        ports.check_web_port(settings)
        ports.check_stub_ports(settings)
        desk = desk_parts(settings, has_tour=settings.demo_traffic)  # its cases are those of the traffic
        parts = [*desk, *stub_parts(settings), *traffic_parts(settings)]
        _run(settings, "run", parts, _addresses(settings))


@cli.command()
def serve() -> None:
    """Run the service and a worker."""
    with wrong_settings_end_the_process():
        settings = load()
        ports.check_web_port(settings)
        _run(settings, "serve", desk_parts(settings), _addresses(settings))


@cli.command()
def stubs() -> None:
    """Run every stub."""
    with wrong_settings_end_the_process():
        settings = load()
        ports.check_stub_ports(settings)
        addresses = "\n".join(f"http://127.0.0.1:{port}  {name}" for name, port in settings.stub_ports.items())
        _run(settings, "stubs", stub_parts(settings), addresses)


@cli.command()
def drift() -> None:
    """List where the migrations' outcome differs from the models; fails when it does."""
    with TemporaryDirectory() as folder:
        store = open_store(f"sqlite:///{folder}/drift.db")
        migrate.upgrade(store)
        differences = migrate.differences(store)
        store.close()
    for difference in differences:
        click.echo(str(difference), err=True)
    sys.exit(1 if differences else 0)


cli.add_command(audit_verify)


def _run(settings: Settings, name: str, parts: Sequence[Part], welcome: str) -> None:
    try:
        _prepare(settings)
    except first_start.StoreAway as error:
        click.echo(f"{error}; it is waited for", err=True)
        Thread(target=_prepare_later, args=(settings,), daemon=True).start()
    sys.exit(runner.run(settings.instance.resolve(), name, parts, welcome))


def _addresses(settings: Settings) -> str:
    local = f"http://{settings.host}:{settings.port}"
    return local if settings.public_url == local else f"{local}\n{settings.public_url}"


def _prepare(settings: Settings) -> None:
    for username, password in first_start.prepare(settings).items():
        click.echo(f"{username} {password}")


def _prepare_later(settings: Settings) -> None:
    again = retry_if_exception_type((first_start.StoreAway, DBAPIError))
    try:
        Retrying(retry=again, wait=wait_fixed(1.0))(_prepare, settings)
    except SettingsError as error:
        click.echo(str(error), err=True)


if __name__ == "__main__":
    cli()
