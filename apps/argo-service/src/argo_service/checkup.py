"""What `argo doctor` looks at, each finding with its fix."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from importlib.util import find_spec
from pathlib import Path

import aiohttp
from attrs import frozen

from argo_adapters.calendar.session_table import UNTIL
from argo_adapters.sqlite.verify import verify
from argo_core.errors import ArgoError
from argo_core.ports import Clock
from argo_service.address import reserve
from argo_service.api_keys import ApiKeyFile, keys_path
from argo_service.checkup_machine import machine_findings
from argo_service.checkup_record import record_findings, witness_findings
from argo_service.checkup_secrets import secret_file_findings, stored_secret_findings
from argo_service.checkup_shared import shared_findings
from argo_service.checkup_store import store_findings
from argo_service.checkup_trading import trading_findings
from argo_service.checkup_vendors import vendor_findings
from argo_service.config.reader import leaves
from argo_service.config.secrets import read_places
from argo_service.config.tree import Listen, Settings
from argo_service.errors import CannotListen
from argo_service.finding import Finding, State
from argo_service.settings import Configuration
from argo_service.vendors import vendor_keys

HORIZON_DAYS = 30
REACH_TIMEOUT_S = 5.0
# An HTTP date has whole seconds, and the way here takes time too.
LARGEST_SKEW_S = 2.0


@frozen
class InForce:
    """One setting as it is in force, and where its value came from; secrets are masked."""

    key: str
    value: str
    origin: str
    variable: str


def in_force(configuration: Configuration) -> tuple[InForce, ...]:
    """Every setting, in the order they are declared."""
    rows = []
    for key, leaf in leaves(Settings).items():
        value: object = configuration.settings
        for name in key.split("."):
            value = getattr(value, name)
        rows.append(InForce(key, _shown(value), configuration.origin(key), leaf.variable))
    return tuple(rows)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def local_findings(configuration: Configuration, now: datetime) -> Iterator[Finding]:
    """What can be seen without leaving this machine. Blocks on the disk."""
    settings = configuration.settings
    yield from machine_findings(settings.database)
    if settings.log.database_url is None:
        yield _database(settings.database)
    yield from record_findings(settings)
    yield _calendar(now)
    yield _port(settings.listen)
    yield _api_keys(settings, now)
    yield from _vendor_keys(configuration)
    yield from vendor_findings(settings)
    yield from trading_findings(settings)
    yield from secret_file_findings(configuration, now)
    yield _fallback(settings)


def _database(path: Path) -> Finding:
    if not path.exists():
        folder = path.resolve().parent
        if folder.is_dir() and os.access(folder, os.W_OK):
            return Finding("database", State.GOOD, f"{path} will be made")
        fix = "make the folder, or set ARGO_DATABASE"
        return Finding("database", State.FAULT, f"{folder} cannot be written to", fix)
    try:
        found = verify(path)
    except ArgoError as error:
        fix = "move the file away or set ARGO_DATABASE; nothing was changed"
        return Finding("database", State.FAULT, str(error), fix)
    if not found.verified:
        fix = "keep the file as evidence, restore a copy, and start a new log meanwhile"
        return Finding("database", State.FAULT, f"{path}: {found.problems[0]}", fix)
    detail = f"{path}: {found.size} entries verified, root {found.root[:16]}"
    return Finding("database", State.GOOD, detail)


def _calendar(now: datetime) -> Finding:
    days = (UNTIL - now).days
    detail = f"sessions are known for {days} more days"
    if days >= HORIZON_DAYS:
        return Finding("calendar", State.GOOD, detail)
    return Finding("calendar", State.FAULT, detail, "install a newer release")


def _port(listen: Listen) -> Finding:
    where = f"{listen.host}:{listen.port}"
    try:
        reserve(listen).close()
    except CannotListen as error:
        # It may be Argo itself that has it.
        problem, _, fix = str(error).partition("; ")
        return Finding("port", State.WARNING, problem, fix)
    return Finding("port", State.GOOD, f"{where} is free")


def _api_keys(settings: Settings, now: datetime) -> Finding:
    file = ApiKeyFile(keys_path(settings.database))
    try:
        keys = file.all()
    except ArgoError as error:
        fix = "remove the file and make new keys; nobody can use the old ones"
        return Finding("api keys", State.FAULT, str(error), fix)
    if not file.is_private():
        fix = f"chmod 600 {keys_path(settings.database)}"
        return Finding("api keys", State.FAULT, "others on this machine can read them", fix)
    if not keys and not settings.listen.is_local:
        fix = "make a key with `argo keys add NAME`, or listen on 127.0.0.1"
        detail = f"none, and {settings.listen.host} can be reached from other machines"
        return Finding("api keys", State.FAULT, detail, fix)
    if not keys:
        return Finding("api keys", State.GOOD, "none: open, on this machine only")
    alive = sum(key.is_alive(now) for key in keys)
    return Finding("api keys", State.GOOD, f"{alive} of {len(keys)} are alive")


def _vendor_keys(configuration: Configuration) -> Iterator[Finding]:
    settings = configuration.settings
    variables = {key: leaf.variable for key, leaf in leaves(Settings).items()}
    elsewhere = read_places(settings.secrets.aws.places)
    for key, secret in vendor_keys(settings).items():
        if secret is not None:
            yield Finding(key, State.GOOD, f"set, from {configuration.origin(key)}")
            continue
        if key in elsewhere:
            yield Finding(key, State.GOOD, f"is read at the start, from aws {elsewhere[key]}")
            continue
        fix = f"set {variables[key]}, or name a file with {key}_file"
        if key.startswith("sources."):
            fix += f"; or switch it off with {key.removesuffix('key')}enabled = false"
        yield Finding(key, State.FAULT, "missing: the vendor is asked in vain", fix)


def _fallback(settings: Settings) -> Finding:
    if not settings.yfinance.enabled:
        return Finding("fallback prices", State.WARNING, "switched off", "enable yfinance")
    if find_spec("yfinance") is None:
        fix = "pip install 'argo-adapters[yfinance]', or set ARGO_YFINANCE__ENABLED=false"
        return Finding("fallback prices", State.WARNING, "yfinance is not installed", fix)
    return Finding("fallback prices", State.GOOD, "yfinance is installed")


async def remote_findings(configuration: Configuration, clock: Clock) -> AsyncIterator[Finding]:
    """Whether all that is elsewhere can be reached, and our clock agrees with all."""
    settings = configuration.settings
    async for finding in stored_secret_findings(configuration, clock):
        yield finding
    for finding in await store_findings(settings, clock):
        yield finding
    for finding in await witness_findings(settings):
        yield finding
    for finding in await shared_findings(settings.redis, clock):
        yield finding
    hosts = {
        str(name): source.base_url
        for name, source in settings.sources.by_name().items()
        if source.enabled
    } | {"alpaca": settings.alpaca.base_url}
    timeout = aiohttp.ClientTimeout(total=REACH_TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        asks = [_reach(session, name, url, clock) for name, url in hosts.items()]
        for findings in await asyncio.gather(*asks):
            for finding in findings:
                yield finding


async def _reach(
    session: aiohttp.ClientSession, name: str, url: str, clock: Clock
) -> list[Finding]:
    # Without a key, because any answer at all shows the way is open.
    try:
        async with session.get(url, allow_redirects=False) as response:
            now, date = clock.now(), response.headers.get("Date")
    except (aiohttp.ClientError, OSError, ssl.SSLError) as error:
        said = "no answer in time" if isinstance(error, TimeoutError) else type(error).__name__
        fix = f"check the network, a proxy, and the setting of {name}'s base_url"
        return [Finding(f"reach {name}", State.FAULT, f"{url}: {said}", fix)]
    findings = [Finding(f"reach {name}", State.GOOD, f"{url} answers")]
    if date is not None and (skew := _skew(date, now)) > LARGEST_SKEW_S:
        detail = f"ours differs from {name}'s by {skew:.0f} s"
        fix = "set this machine's clock, for example by NTP"
        findings.append(Finding("clock", State.FAULT, detail, fix))
    return findings


def _skew(date: str, now: datetime) -> float:
    try:
        return abs((parsedate_to_datetime(date) - now).total_seconds())
    except (ValueError, TypeError):
        return 0.0
