"""Whether every secret is where it should be, for nobody else, well-formed and not too old."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from argo_adapters.secrets.files import read_secret_file
from argo_core.errors import InvalidSetting, SecretError
from argo_core.ports import Clock
from argo_service.config.secrets import read_places
from argo_service.finding import Finding, State
from argo_service.secret_stores import secret_settings, secret_store
from argo_service.settings import Configuration

OLD: Final = timedelta(days=180)
_FILE: Final = "file "
_PAGE: Final = "rotate it: docs/how-to/rotate-secrets.md"


def secret_file_findings(configuration: Configuration, now: datetime) -> Iterator[Finding]:
    """Every secret that is in a file of its own. Blocks on the disk."""
    for key in secret_settings():
        origin = configuration.origin(key)
        if origin.startswith(_FILE):
            yield _file(key, Path(origin.removeprefix(_FILE)), now)


def _file(key: str, path: Path, now: datetime) -> Finding:
    name = f"{key}_file"
    try:
        read_secret_file(key, path)
        changed = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except SecretError as error:
        return Finding(name, State.FAULT, error.problem, error.fix)
    except OSError as error:
        return Finding(name, State.FAULT, f"{path}: {error.strerror}", "put the key there")
    days = max(0, (now - changed).days)
    detail = f"{path} is for its owner only, and {days} days old"
    if now - changed > OLD:
        return Finding(name, State.WARNING, detail, _PAGE)
    return Finding(name, State.GOOD, detail)


async def stored_secret_findings(
    configuration: Configuration, clock: Clock
) -> AsyncIterator[Finding]:
    """Every secret that is in AWS: read once, and shown by its version alone."""
    places = read_places(configuration.settings.secrets.aws.places)
    if not places:
        return
    try:
        async with secret_store(configuration, clock) as store:
            for key, place in places.items():
                name = f"aws {place}"
                if configuration.origin(key).startswith(("environment", _FILE)):
                    detail = f"not read: {key} comes from {configuration.origin(key)}"
                    yield Finding(name, State.WARNING, detail, "unset that, or take out the place")
                    continue
                try:
                    value = await store.read(key)
                except SecretError as error:
                    yield Finding(name, State.FAULT, f"{key}: {error.problem}", error.fix)
                else:
                    before = " and the one before" if value.previous else ""
                    detail = f"{key}: version {value.version}{before} can be read"
                    yield Finding(name, State.GOOD, detail)
    except InvalidSetting as error:
        yield Finding(error.field, State.FAULT, error.problem, error.fix)
