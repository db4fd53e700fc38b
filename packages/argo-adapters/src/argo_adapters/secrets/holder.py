"""The last good value of every secret that is used while the service runs, kept fresh.

Whoever shows a key reads it here for each call; a store that is away later costs nothing but
freshness. The store is read every so often, with a jitter so that processes do not ask together,
and once more when a vendor refuses a key.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from argo_adapters.http.key import Parts
from argo_core.consensus.opinion import SourceName
from argo_core.errors import SecretError
from argo_core.events import KeyRefused, SecretsFailed, SecretsRead
from argo_core.ports import Clock, Observer, Secrets
from argo_core.resilience.rotation import PAUSE_S, Credential, Key, Rotation
from argo_core.resilience.secret import Secret, SecretValue

REFRESH_S: Final = 300.0
JITTER: Final = 0.2
"""The share of the interval that chance takes off or adds, half of it on either side."""

REFUSED_PATIENCE_S: Final = 3.0
"""A call whose key was refused waits that long for the store; its vendor has waited already."""


@frozen
class Version:
    """Which version of a secret is held, and since when."""

    version: str
    since: datetime


class SecretHolder:
    """Keys of vendors, by vendor: `keys` names the secrets that make each up, in order.

    `chance` draws from [0, 1). Open it before anything else, and then run `keep_fresh` in a task.
    """

    def __init__(
        self,
        store: Secrets,
        keys: Mapping[SourceName, tuple[str, ...]],
        *,
        clock: Clock,
        observer: Observer,
        chance: Callable[[], float],
        refresh_s: float = REFRESH_S,
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._observer = observer
        self._chance = chance
        self._refresh_s = refresh_s
        self._values: dict[str, SecretValue] = {}
        self._versions: dict[str, Version] = {}
        self._rotations: dict[SourceName, Rotation] = {}
        self._asked: dict[SourceName, float] = {}
        self._one_reader = asyncio.Lock()

    def __repr__(self) -> str:
        return f"SecretHolder({len(self._keys)} keys)"

    async def open(self) -> None:
        """Read everything for the first time.

        Raises:
            SecretError: something could not be read; without it there is nothing to begin with.
        """
        values = {name: await self._store.read(name) for name in self._names}
        self._take(values)
        self._rotations = {source: Rotation(self._credential(source)) for source in self._keys}

    def key(self, source: SourceName) -> "HeldKey":
        """The vendor's key, as it is whenever it is shown."""
        return HeldKey(self, source)

    @property
    def versions(self) -> Mapping[str, Version]:
        """Which version of each secret is held; says nothing of their values."""
        return dict(self._versions)

    async def keep_fresh(self) -> None:
        """Read the store every so often, for ever; what fails is told and tried next time."""
        while True:
            jitter = 1 + JITTER * (self._chance() - 0.5)
            await self._clock.sleep(self._refresh_s * jitter)
            await self.refresh()

    async def refresh(self) -> bool:
        """Read everything again; whether all of it could be. What cannot stays what it was."""
        async with self._one_reader:
            return await self._refresh(self._names)

    def in_use(self, source: SourceName) -> Parts:
        """What to show the vendor now; for `HeldKey` alone."""
        return _plain(self._rotations[source].in_use)

    async def refused(self, source: SourceName, shown: Parts) -> bool:
        """Whether there is another value than the one that was `shown`; for `HeldKey` alone."""
        rotation = self._rotations[source]
        if _plain(rotation.in_use) != shown:
            return True
        try:
            async with self._clock.timeout(REFUSED_PATIENCE_S), self._one_reader:
                # Of many calls that are refused together the first one reads for all.
                if _plain(rotation.in_use) == shown and self._may_ask(source):
                    await self._refresh(self._keys[source])
        except TimeoutError:
            # The store is slow today; the value of before may work all the same.
            pass
        other = rotation.in_use
        if _plain(other) == shown:
            other = rotation.refused(_secret(shown), self._clock.monotonic()) or other
        then = "none" if _plain(other) == shown else _of(rotation)
        self._observer.notice(KeyRefused(source, self._clock.now(), then))
        return then != "none"

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(name for names in self._keys.values() for name in names))

    def _may_ask(self, source: SourceName) -> bool:
        """A vendor that refuses every call must not make us ask the store at every call."""
        now = self._clock.monotonic()
        asked = self._asked.get(source)
        if asked is not None and now - asked < PAUSE_S:
            return False
        self._asked[source] = now
        return True

    async def _refresh(self, names: tuple[str, ...]) -> bool:
        values: dict[str, SecretValue] = {}
        well = True
        for name in names:
            try:
                values[name] = await self._store.read(name)
            except SecretError as error:
                well = False
                kind, now = type(error).__name__, self._clock.now()
                self._observer.notice(SecretsFailed(now, name, kind, error.problem))
            except Exception as error:  # noqa: BLE001 - nobody else would ever read them again
                well = False
                # By its class alone: what it says may be what was read.
                kind, problem = type(error).__name__, "the store failed as it never should"
                self._observer.notice(SecretsFailed(self._clock.now(), name, kind, problem))
        changed = self._take(values)
        for source, parts in self._keys.items():
            # A key of two parts is replaced as a whole, or an id would go with another's secret.
            if set(parts) <= values.keys():
                self._rotations[source].read(self._credential(source))
        if well:
            self._observer.notice(SecretsRead(self._clock.now(), len(values), changed))
        return well

    def _take(self, values: Mapping[str, SecretValue]) -> tuple[str, ...]:
        changed = []
        for name, value in values.items():
            before = self._values.get(name)
            if before is None or before.version != value.version:
                self._versions[name] = Version(value.version, self._clock.now())
            if before is not None and before.current != value.current:
                changed.append(name)
        self._values.update(values)
        return tuple(changed)

    def _credential(self, source: SourceName) -> Credential:
        return Credential.of([self._values[name] for name in self._keys[source]])


class HeldKey:
    """The protocol `Key`, of one vendor."""

    def __init__(self, holder: SecretHolder, source: SourceName) -> None:
        self._holder = holder
        self._source = source

    def __repr__(self) -> str:
        return f"HeldKey({self._source})"

    def parts(self) -> Parts:
        """As the protocol promises."""
        return self._holder.in_use(self._source)

    async def refused(self, shown: Parts) -> bool:
        """As the protocol promises."""
        return await self._holder.refused(self._source, shown)


def _plain(key: Key) -> Parts:
    return tuple(part.reveal() for part in key)


def _secret(parts: Parts) -> Key:
    return tuple(map(Secret, parts))


def _of(rotation: Rotation) -> str:
    return "previous" if rotation.is_previous else "current"
