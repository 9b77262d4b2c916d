"""Ports are tried before anything starts, so that a taken one is told by the setting that names it."""

import errno
import socket

from app.config import Settings, SettingsError


def check_web_port(settings: Settings) -> None:
    """Raise SettingsError when the service cannot listen where the settings say."""
    check(settings.host, settings.port, "DLO_PORT")


def check_stub_ports(settings: Settings) -> None:
    """Raise SettingsError when one of the stubs' ports is taken."""
    for name, port in settings.stub_ports.items():
        check("127.0.0.1", port, "STUBS_BASE_PORT", f" ({name})")


def check(host: str, port: int, variable: str, whose: str = "") -> None:
    """Bind once and let go.

    Raises:
        SettingsError: the port is taken, or the host is none of this machine's.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            # As the servers do: connections that linger after a restart are no reason to refuse.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise SettingsError(f"DLO_HOST: {host} is no address of this machine") from error
        raise SettingsError(f"{variable}: port {port}{whose} on {host}: {error.strerror}") from error
