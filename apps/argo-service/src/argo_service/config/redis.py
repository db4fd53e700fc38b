"""Where Argo's processes share what they know."""

import re
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

from attrs import Attribute, field, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.secret import Secret
from argo_service.config import checks
from argo_service.config.reader import VARIABLE

_NAMESPACE: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
_SLOWEST_MS: Final = 10_000
_FIX: Final = (
    "write it like redis://127.0.0.1:6379/0, rediss://user:password@host:6380, or unix:///path"
)


def parts_of(url: Secret) -> SplitResult:
    """The address in parts.

    Raises:
        InvalidInput: it is no address of a Redis; what it says is not repeated, for it may hold a
            password.
    """
    try:
        parts = urlsplit(url.reveal())
        # Only when asked for is the port looked at.
        is_whole = parts.port != 0
    except ValueError:
        raise InvalidInput("url", "it is not an address", _FIX) from None
    place = parts.path if parts.scheme == "unix" else parts.hostname
    if parts.scheme not in {"redis", "rediss", "unix"} or not place or not is_whole:
        raise InvalidInput("url", "it is not an address of a Redis", _FIX)
    return parts


def _url(_instance: object, _attribute: "Attribute[Secret | None]", value: Secret | None) -> None:
    if value is not None:
        parts_of(value)


def _namespace(_instance: object, attribute: "Attribute[str]", value: str) -> None:
    if not _NAMESPACE.fullmatch(value):
        problem = f"{value[:70]!r} cannot begin keys"
        raise InvalidInput(attribute.name, problem, "use up to 64 of a-z, 0-9, dot, _ and -")


def _timeout(_instance: object, attribute: "Attribute[int]", value: int) -> None:
    if not 1 <= value <= _SLOWEST_MS:
        problem = f"{value} is no time to wait"
        raise InvalidInput(attribute.name, problem, f"give 1 to {_SLOWEST_MS} milliseconds")


@frozen
class Redis:
    """The server that processes share; without a `url` each remembers for itself.

    The URL may hold a password, so it is a secret. Keys begin with `namespace`. What does not
    answer within `timeout_ms` counts as away, and then each of `instances` processes keeps to its
    part of every vendor's limit.
    """

    url: Secret | None = field(default=None, validator=_url, metadata={VARIABLE: "ARGO_REDIS_URL"})
    url_file: Path | None = None
    namespace: str = field(default="argo", validator=_namespace)
    timeout_ms: int = field(default=50, validator=_timeout)
    instances: int = field(default=1, validator=checks.count)

    @property
    def timeout_s(self) -> float:
        """The timeout in seconds."""
        return self.timeout_ms / 1_000

    @property
    def where(self) -> str:
        """The server without its credentials, as it may be shown; empty without a URL."""
        if self.url is None:
            return ""
        parts = parts_of(self.url)
        if parts.scheme == "unix":
            return parts.path
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{host}:{parts.port or 6379}"
