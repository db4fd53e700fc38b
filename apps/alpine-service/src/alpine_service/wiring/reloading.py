"""Settings read again while the service runs: applied as a whole, or refused as a whole.

What is safe to change is what nobody has built upon: limits, how much is logged, the grace at the
end, and secrets. Anything else that differs refuses the reload, so that no service ever runs by
half of what a file says.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from urllib.parse import urlsplit

from alpine_service.adapters.secrets.configuration import Configuration, Given
from alpine_service.errors import AlpineError, NeedsStart
from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock
from alpine_service.settings import Settings

SAFE = frozenset(
    {
        "ALPINE_LIMIT_PER_MINUTE",
        "ALPINE_LIMIT_PAGES_PER_MINUTE",
        "ALPINE_LIMIT_AT_ONCE",
        "ALPINE_LOG_LEVEL",
        "ALPINE_DRAIN_S",
        "ALPINE_LOG_API_KEY",
    }
)
# Of these only the password: another place or another user is another service.
_PASSWORDS = frozenset({"ALPINE_DATABASE_URL", "ALPINE_OWNER_DATABASE_URL", "ALPINE_MAIL_URL"})
# A secrets manager that is silent for so many times its turn is worth a look.
_PATIENCE = 3


class Reloading:
    """Keeps the port `Probe` as well: how old what we know of a secrets manager is."""

    name = "secrets"
    level = Level.DEEP

    def __init__(
        self,
        configuration: Configuration,
        given: Given,
        apply: Callable[[Settings], Awaitable[None]],
        *,
        clock: Clock,
        observer: Observer,
    ) -> None:
        self._configuration = configuration
        self._given = given
        self._apply = apply
        self._clock = clock
        self._observer = observer
        self._read_at = clock.monotonic()
        # Somebody may ask while the secrets manager is asked.
        self._turn = asyncio.Lock()

    @property
    def given(self) -> Given:
        """What is in force."""
        return self._given

    async def reload(self) -> None:
        """Because somebody asked; what came of it is told."""
        try:
            changed = await self._in_turn()
        except AlpineError as error:
            self._observer.tell(
                "settings.reload", Weight.WARNING, result="refused", problem=str(error)
            )
            return
        result = "applied" if changed else "unchanged"
        self._observer.tell("settings.reload", result=result, changed=", ".join(changed))

    async def run(self) -> None:
        """Ask the secrets manager from time to time until cancelled; without one there is none."""
        while True:
            await self._clock.sleep(self._given.settings.operation.secrets_refresh_s)
            if not self._configuration.has_manager:
                continue
            try:
                changed = await self._in_turn()
            except AlpineError as error:
                # What was known stays in force.
                tell = self._observer.tell
                tell("secrets.read", Weight.WARNING, result="failed", problem=str(error))
                continue
            if changed:
                self._observer.tell("secrets.read", result="changed", changed=", ".join(changed))

    async def check(self) -> Finding:
        if not self._configuration.has_manager:
            return Finding()
        age_s = round(self._clock.monotonic() - self._read_at, 1)
        if age_s > _PATIENCE * self._given.settings.operation.secrets_refresh_s:
            problem = "the secrets manager has not answered for long"
            return Finding(Condition.DEGRADED, {"age_s": age_s}, problem)
        return Finding(facts={"age_s": age_s})

    async def _in_turn(self) -> list[str]:
        async with self._turn:
            return await self._again()

    async def _again(self) -> list[str]:
        """The names of what was changed.

        Raises:
            AlpineError: something cannot be meant, read or changed now; nothing was.
        """
        new = await asyncio.to_thread(self._configuration.read)
        changed = sorted(_changed(self._given.values, new.values))
        unsafe = [name for name in changed if not _is_safe(name, self._given.values, new.values)]
        if unsafe:
            raise NeedsStart(unsafe)
        before = self._given.settings.before != new.settings.before
        if changed or before:
            await self._apply(new.settings)
        self._given, self._read_at = new, self._clock.monotonic()
        return changed


def _changed(old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[str]:
    return (name for name in old.keys() | new.keys() if old.get(name) != new.get(name))


def _is_safe(name: str, old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    if name in _PASSWORDS and name in old and name in new:
        return _without_password(old[name]) == _without_password(new[name])
    return name in SAFE


def _without_password(url: str) -> tuple[str | None, ...]:
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    return parts.scheme, parts.username, place, parts.path, parts.query
