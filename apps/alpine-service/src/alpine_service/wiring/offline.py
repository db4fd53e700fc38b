"""What a command stands on, beside the service or without it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from attrs import frozen

from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.wakeups import Wakeups
from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.adapters.secrets.vault import open_vault
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.ports.observing import Fact, Weight
from alpine_service.ports.outside import Chance, Clock
from alpine_service.settings import Settings
from alpine_service.wiring.database import command_urls
from alpine_service.wiring.folder import make_folder
from alpine_service.wiring.ground import Ground

_CONNECTIONS = 3


@frozen
class Unobserved:
    """Keeps the port `Observer` for a command, which says itself what it did."""

    def tell(self, what: str, weight: Weight = Weight.INFO, **facts: Fact) -> None:
        """Nobody listens."""


@asynccontextmanager
async def offline(
    settings: Settings, clock: Clock | None = None, chance: Chance | None = None
) -> AsyncIterator[Ground]:
    """The ground for a command: the service's database, whether or not the service runs.

    Clock and chance are the machine's unless given.

    Raises:
        InvalidSetting: a URL or the vault's file cannot be used.
        NoServer, SchemaNotCurrent, DatabaseAway, DatabaseRefused: of the database.
    """
    clock, chance = clock or SystemClock(), chance or SystemChance()
    folder = await asyncio.to_thread(make_folder, settings.folder)
    vault = await asyncio.to_thread(open_vault, folder, chance)
    async with (
        command_urls(settings) as urls,
        open_database(urls.app, size=_CONNECTIONS, name="alpine-command") as database,
    ):
        wakeups = Wakeups(urls.app, clock)
        yield Ground(settings, clock, chance, vault, Unobserved(), database, wakeups)
