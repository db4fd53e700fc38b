"""What an operator decides, read from the environment once and by nobody else."""

import os
from collections.abc import Mapping

from attrs import frozen

from alpine_service.errors import InvalidSetting

HIGHEST_PORT = 65_535


@frozen
class Settings:
    """Alpine's settings; `port` 0 lets the system choose a free one."""

    # Loopback, because a service without accounts has nothing to say to other machines.
    host: str = "127.0.0.1"
    port: int = 8091


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read `ALPINE_HOST` and `ALPINE_PORT`; what is absent keeps its default.

    Raises:
        InvalidSetting: a value is there and cannot be meant.
    """
    default = Settings()
    return Settings(
        host=_host(environment.get("ALPINE_HOST", default.host)),
        port=_port(environment.get("ALPINE_PORT", str(default.port))),
    )


def _host(text: str) -> str:
    if not text.strip():
        raise InvalidSetting("ALPINE_HOST", "it is empty", "give an address such as 127.0.0.1")
    return text.strip()


def _port(text: str) -> int:
    fix = f"give a whole number from 0 to {HIGHEST_PORT}"
    try:
        port = int(text)
    except ValueError as error:
        raise InvalidSetting("ALPINE_PORT", f"{text[:40]!r} is not a number", fix) from error
    if not 0 <= port <= HIGHEST_PORT:
        raise InvalidSetting("ALPINE_PORT", f"{port} is not a port", fix)
    return port
