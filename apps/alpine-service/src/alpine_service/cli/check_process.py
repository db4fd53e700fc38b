"""What the doctor looks at of the program and of what it is given."""

import asyncio
import ctypes
import platform
import resource
import ssl
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from alpine_service.adapters.secrets.configuration import Configuration
from alpine_service.adapters.tracing.opening import CONSOLE, NONE
from alpine_service.adapters.zones import SystemZones
from alpine_service.cli.seen import Seen, bad, fine, poor
from alpine_service.settings import Settings

# Listeners of the stream, at a descriptor each, and some room.
_LEAST_FILES = 4_096
_ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo")
_OTHERS = 0o007
_CONNECT_S = 3.0
# What adjtimex answers while nobody keeps the clock, and room for its structure.
_UNKEPT = 5
_TIMEX_BYTES = 512
_PORTS = {"http": 80, "https": 443}


def look_at_process(settings: Settings, configuration: Configuration) -> Iterator[Seen]:
    """All of it; blocking."""
    yield _versions()
    yield asyncio.run(_zones())
    yield _files()
    yield _kept_clock()
    yield _secrets(configuration)
    yield asyncio.run(_traces(settings.operation.traces))


def _versions() -> Seen:
    parts = [f"alpine {version('alpine-service')}", f"Python {platform.python_version()}"]
    parts += [f"{package} {version(package)}" for package in ("aiohttp", "asyncpg", "cryptography")]
    return fine("versions", ", ".join((*parts, ssl.OPENSSL_VERSION)))


async def _zones() -> Seen:
    zones = SystemZones()
    missing = [name for name in _ZONES if await zones.zone(name) is None]
    try:
        data = f"tzdata {version('tzdata')}"
    except PackageNotFoundError:
        data = "the machine's own data"
    if missing:
        problem = f"not known: {', '.join(missing)}; daily mails would come at odd hours"
        return bad("time zones", problem, "install the package tzdata")
    return fine("time zones", f"known, by {data}")


def _files() -> Seen:
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if most != resource.RLIM_INFINITY and most < _LEAST_FILES:
        fix = "set LimitNOFILE=65536 in the unit, or ulimit -n"
        return poor("files", f"{most} may be open, and each listener is one", fix)
    return fine("files", "any number" if most == resource.RLIM_INFINITY else f"{most} may be open")


def _kept_clock() -> Seen:
    """Whether the kernel says that somebody keeps its clock; asking changes nothing."""
    if sys.platform != "linux":
        return fine("clock's keeper", "not told by this system")
    state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
    if state == _UNKEPT:
        fix = "start systemd-timesyncd or chrony, on the host if this is a container"
        return poor("clock's keeper", "nobody keeps the machine's clock by NTP", fix)
    return fine("clock's keeper", "the kernel says that it is kept" if state >= 0 else "not told")


def _secrets(configuration: Configuration) -> Seen:
    files = configuration.files()
    open_to_all = [path for path in files.values() if _is_open(path)]
    if open_to_all:
        names = ", ".join(map(str, open_to_all))
        return bad("secrets", f"everybody may read {names}", f"chmod 600 {names}")
    ways = [f"{name} names {path}" for name, path in files.items()]
    if configuration.has_manager:
        ways.append("a secrets manager answers")
    return fine("secrets", "; ".join(ways) or "in the environment, for this account alone")


def _is_open(path: Path) -> bool:
    return path.exists() and bool(stat.S_IMODE(path.stat().st_mode) & _OTHERS)


async def _traces(where: str) -> Seen:
    if where == NONE:
        return fine("traces", "none are taken")
    if find_spec("opentelemetry") is None:
        return bad("traces", "OpenTelemetry is not installed", "install alpine-service[tracing]")
    if where == CONSOLE:
        return fine("traces", "to standard output")
    parts = urlsplit(where)
    try:
        async with asyncio.timeout(_CONNECT_S):
            port = parts.port or _PORTS[parts.scheme]
            _, writer = await asyncio.open_connection(parts.hostname, port)
        writer.close()
    except (OSError, TimeoutError) as error:
        fix = "see to the collector and ALPINE_TRACES; the service goes on without it"
        return poor("traces", f"{where}: {type(error).__name__}", fix)
    return fine("traces", f"{where} takes connections")
