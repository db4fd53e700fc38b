"""The stores of secrets as the settings have them, and settings completed with what is in them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, cast

import attrs
from attrs import frozen

from argo_adapters.secrets.aws import AwsSecrets, AwsSettings, open_client
from argo_adapters.secrets.chosen import ChosenSecrets
from argo_adapters.secrets.environment import EnvironmentSecrets
from argo_adapters.secrets.files import FileSecrets
from argo_adapters.secrets.holder import SecretHolder
from argo_core.errors import InvalidInput, InvalidSetting
from argo_core.ports import Clock, Observer, Secrets
from argo_core.resilience.secret import Secret
from argo_service.config.reader import leaves
from argo_service.config.secrets import read_places
from argo_service.config.tree import Settings
from argo_service.settings import Configuration
from argo_service.vendors import Keys, fixed_keys, key_settings

AWS = "aws"
_ENVIRONMENT, _FILE = "environment ", "file "


def secret_settings() -> Mapping[str, str]:
    """Every setting that is a secret, with its environment variable."""
    return {
        key: leaf.variable for key, leaf in leaves(Settings).items() if leaf.type == Secret | None
    }


@asynccontextmanager
async def secret_store(configuration: Configuration, clock: Clock) -> AsyncIterator[Secrets]:
    """Every secret setting that has a value, in the store it came from; AWS's are asked last.

    Raises:
        InvalidSetting: a place in AWS is named for what is no secret, or boto3 is not to be had.
    """
    known = secret_settings()
    places = read_places(configuration.settings.secrets.aws.places)
    for key in places.keys() - known.keys():
        fix = f"name one of {', '.join(known)}"
        raise InvalidSetting("secrets.aws.places", f"{key} is no secret setting", fix)
    origins = {key: configuration.origin(key) for key in known}
    told = {key: known[key] for key, where in origins.items() if where.startswith(_ENVIRONMENT)}
    files = {
        key: Path(where.removeprefix(_FILE))
        for key, where in origins.items()
        if where.startswith(_FILE)
    }
    # What is set directly wins over what a file holds, and that over what is elsewhere.
    elsewhere = {key: place for key, place in places.items() if key not in told | files}
    environment = {
        variable: value.reveal()
        for key, variable in told.items()
        if (value := configuration.settings.secret(key)) is not None
    }
    stores: dict[str, Secrets] = dict.fromkeys(told, EnvironmentSecrets(environment, told))
    stores |= dict.fromkeys(files, FileSecrets(files))
    if not elsewhere:
        yield ChosenSecrets(stores)
        return
    own = configuration.settings.secrets.aws
    asked = AwsSettings(own.region, own.endpoint_url)
    ask = await asyncio.to_thread(open_client, asked)
    with closing(AwsSecrets(elsewhere, ask, asked, clock)) as aws:
        yield ChosenSecrets(stores | dict.fromkeys(elsewhere, aws))


async def completed(configuration: Configuration, store: Secrets) -> Configuration:
    """The configuration with the secrets that are elsewhere, and where they came from.

    Raises:
        SecretError: one of them could not be read.
        InvalidSetting: what is there cannot be meant.
    """
    settings, origins = configuration.settings, dict(configuration.origins)
    for key, place in read_places(settings.secrets.aws.places).items():
        if key not in origins:
            value = await store.read(key)
            settings = _with(settings, key, value.current)
            origins[key] = f"{AWS} {place}"
    return attrs.evolve(configuration, settings=settings, origins=origins)


async def _nothing_to_refresh() -> bool:
    return True


@frozen
class LiveKeys:
    """The `keys` of vendors; `refresh` reads them anew, and says whether all could be read."""

    keys: Keys
    refresh: Callable[[], Awaitable[bool]] = _nothing_to_refresh


@asynccontextmanager
async def live_keys(
    settings: Settings,
    store: Secrets | None,
    *,
    clock: Clock,
    observer: Observer,
    chance: Callable[[], float],
) -> AsyncIterator["LiveKeys"]:
    """The keys of vendors as they are at every call; without a store as the settings have them.

    Raises:
        SecretError: one of them could not be read.
    """
    if store is None:
        yield LiveKeys(fixed_keys(settings))
        return
    names = {
        source: parts
        for source, parts in key_settings(settings).items()
        if all(settings.secret(part) is not None for part in parts)
    }
    holder = SecretHolder(
        store,
        names,
        clock=clock,
        observer=observer,
        chance=chance,
        refresh_s=settings.secrets.refresh_s,
    )
    await holder.open()
    task = asyncio.create_task(holder.keep_fresh(), name="secrets")
    try:
        yield LiveKeys({source: holder.key(source) for source in names}, holder.refresh)
    finally:
        task.cancel()
        await asyncio.wait([task])


def _with(settings: Settings, key: str, value: Secret) -> Settings:
    """The settings with that one, checked as if it had been written there."""
    try:
        return cast(Settings, _put(settings, key, value))
    except InvalidSetting:
        raise
    except InvalidInput as error:
        raise InvalidSetting(key, error.problem, error.fix) from error


def _put(tree: Any, key: str, value: Secret) -> Any:
    name, _, rest = key.partition(".")
    return attrs.evolve(tree, **{name: _put(getattr(tree, name), rest, value) if rest else value})
