"""What every room stands on."""

from attrs import field, frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.wakeups import Wakeups
from alpine_service.adapters.tracing.opening import UNKEPT, Tracing
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Chance, Clock, Vault
from alpine_service.settings import Settings


@frozen
class Ground:
    """Settings, time, chance, secrets, who watches, and the database with its wake-ups."""

    settings: Settings
    clock: Clock
    chance: Chance
    vault: Vault = field(repr=False)
    observer: Observer
    database: Database
    wakeups: Wakeups
    tracing: Tracing = UNKEPT
