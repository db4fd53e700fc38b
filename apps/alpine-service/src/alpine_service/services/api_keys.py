"""API keys: made, shown once, rotated, revoked; and whom one stands for."""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime

from attrs import field, frozen

from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.scope import Scope
from alpine_service.domain.accounts.tokens import ID_BYTES, make_id
from alpine_service.domain.plans.api_key import (
    KeyFound,
    KeyShown,
    NewKey,
    check_expiry,
    check_name,
    check_overlap,
    check_scopes,
)
from alpine_service.domain.plans.key_text import KeyText, new_key, read_key
from alpine_service.errors import NotThere
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Chance, Clock
from alpine_service.ports.plans import KeyStore
from alpine_service.services.subscriptions import Deed

# How long a key that was revoked may still open something, and a plan that changed be unknown.
REMEMBERED_S = 1.0
MOST_REMEMBERED = 20_000
_TOUCHED_EVERY_S = 60.0


@frozen
class Made:
    """A new key; its text is shown now and never again."""

    text: str = field(repr=False)
    key: KeyShown


@frozen
class _Remembered:
    found: KeyFound
    until: float


class ApiKeys:
    """What owners do with keys, and the look-up of every request that carries one.

    A found key is remembered for a second in each process. That spares nearly every look-up of a
    busy key, and is also the longest that a revocation takes to work everywhere, without a message
    between processes that could be lost. What was not found is not remembered: strangers could
    fill the memory with it.
    """

    def __init__(
        self,
        store: KeyStore,
        clock: Clock,
        chance: Chance,
        observer: Observer,
        remembered_s: float = REMEMBERED_S,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._observer = observer
        self._remembered_s = remembered_s
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    async def principal(self, text: str, address: str) -> Principal | None:
        """Whom the key stands for; `address` is the client's, kept with the last use.

        None if it is mistyped, unknown, revoked or expired, or its owner suspended.
        """
        key = read_key(text)
        if key is None:
            return None
        digest = key.digest
        known = self._remembered.get(digest)
        if known is not None and self._clock.monotonic() < known.until:
            return known.found.principal
        return await self._look_up(digest, address)

    async def of_user(self, user_id: str) -> list[KeyShown]:
        """All keys of an account, the newest first; dead ones for a while."""
        return await self._store.of_user(user_id)

    async def make(
        self,
        user_id: str,
        name: str,
        scopes: Sequence[Scope],
        expires_at: datetime | None,
        deed: Deed,
        *,
        is_test: bool = False,
    ) -> Made:
        """A new key.

        Raises:
            InvalidInput: name, scopes or expiry will not do.
            Conflict: the plan's number of keys is there.
        """
        now = self._clock.now()
        text, key = self._new(
            user_id, check_name(name), check_scopes(scopes), check_expiry(expires_at, now), is_test
        )
        await self._store.add(key, self._entry("key.made", key.id, deed, {"hint": key.hint}))
        self._observer.tell("key.made", user=user_id, key=key.id)
        return Made(text.text, _shown(key))

    async def rotate(
        self,
        user_id: str,
        key_id: str,
        old_until: datetime | None,
        expires_at: datetime | None,
        deed: Deed,
    ) -> Made:
        """A new key in the place of one, which works until `old_until`, at most a week from now.

        Raises:
            NotThere: the account has no such live key.
            Conflict: it is being replaced already, or too many are.
            InvalidInput: a time will not do.
        """
        now = self._clock.now()
        until = check_overlap(old_until, now)
        old = next((each for each in await self.of_user(user_id) if each.id == key_id), None)
        if old is None:
            raise NotThere("key")
        text, key = self._new(
            user_id, old.name, frozenset(old.scopes), check_expiry(expires_at, now), old.is_test
        )
        details = {"by": key.id, "until": until.isoformat()}
        await self._store.rotate(
            key_id, until, key, self._entry("key.rotated", key_id, deed, details)
        )
        self._forget(key_id)
        self._observer.tell("key.rotated", user=user_id, key=key_id)
        return Made(text.text, _shown(key))

    async def revoke(self, user_id: str, key_id: str, deed: Deed) -> None:
        """It opens nothing any more, in this process at once, in others within a second.

        Raises:
            NotThere: the account has no such live key.
        """
        entry = self._entry("key.revoked", key_id, deed, {"owner": user_id})
        if not await self._store.revoke(key_id, user_id, entry):
            raise NotThere("key")
        self._forget(key_id)
        self._observer.tell("key.revoked", user=user_id, key=key_id)

    async def _look_up(self, digest: bytes, address: str) -> Principal | None:
        # Taken before the look, so that a slow answer does not make it last longer.
        now, begin = self._clock.now(), self._clock.monotonic()
        found = await self._store.find(digest, now)
        if found is None:
            self._remembered.pop(digest, None)
            return None
        lasts_s = self._remembered_s
        if found.expires_at is not None:
            lasts_s = min(lasts_s, (found.expires_at - now).total_seconds())
        self._remembered[digest] = _Remembered(found, begin + lasts_s)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)
        used = found.last_used_at
        if used is None or (now - used).total_seconds() >= _TOUCHED_EVERY_S:
            await self._store.touch(found.principal.means_id, address, now)
        return found.principal

    def _forget(self, key_id: str) -> None:
        for digest, each in list(self._remembered.items()):
            if each.found.principal.means_id == key_id:
                del self._remembered[digest]

    def _new(
        self,
        user_id: str,
        name: str,
        scopes: frozenset[Scope],
        expires_at: datetime | None,
        is_test: bool,
    ) -> tuple[KeyText, NewKey]:
        text = new_key(self._chance.draw, is_test=is_test)
        key = NewKey(
            id=make_id("key", self._chance.draw(ID_BYTES)),
            user_id=user_id,
            digest=text.digest,
            is_test=is_test,
            name=name,
            hint=text.hint,
            scopes=scopes,
            created_at=self._clock.now(),
            expires_at=expires_at,
        )
        return text, key

    def _entry(self, name: str, key_id: str, deed: Deed, details: dict[str, str]) -> AuditEntry:
        return AuditEntry(self._clock.now(), deed.actor, name, key_id, details, deed.address)


def _shown(key: NewKey) -> KeyShown:
    return KeyShown(
        id=key.id,
        user_id=key.user_id,
        name=key.name,
        hint=key.hint,
        is_test=key.is_test,
        scopes=tuple(sorted(key.scopes)),
        created_at=key.created_at,
        expires_at=key.expires_at,
        revoked_at=None,
        replaced_by=None,
        last_used_at=None,
        last_address=None,
    )
