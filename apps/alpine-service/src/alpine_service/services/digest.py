"""Writes a mail a day to those who want one: what their plan may see, if there is anything."""

from datetime import UTC

from attrs import frozen

from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.accounts.tokens import (
    LONGEST_SECRET,
    SECRET_BYTES,
    digest_of,
    make_secret,
)
from alpine_service.domain.delivery.digest import DigestContent, DigestWish, next_digest
from alpine_service.domain.delivery.digest_letter import compose
from alpine_service.domain.plans.entitlement import Channel, Entitlement
from alpine_service.domain.signals.performance import Performance, Tally, performance_of
from alpine_service.errors import InvalidInput, NotThere, PlanTooLow
from alpine_service.ports.digests import DigestStep, DigestStore, DueDigest, Zones
from alpine_service.ports.mail import Mail
from alpine_service.ports.observing import Observer
from alpine_service.ports.outside import Chance, Clock
from alpine_service.ports.signals import SignalStore
from alpine_service.ports.webhooks import Entitled
from alpine_service.services.signals import OVERALL, REVEAL_GRACE_US

EVERY_S = 30.0
_LATEST_HOUR = 23
_US = 1_000_000


@frozen
class DigestNeeds:
    """Everything that the daily mail needs from outside."""

    store: DigestStore
    signals: SignalStore
    entitled: Entitled
    zones: Zones
    clock: Clock
    chance: Chance
    observer: Observer


@frozen
class Digests:
    """Wishes and mails. `public_url` is for the links."""

    _needs: DigestNeeds
    _public_url: str
    _at_once: int = 100
    _every_s: float = EVERY_S

    async def wish(self, user_id: str) -> DigestWish:
        """What the user wants; nothing, as long as nothing was said."""
        return await self._needs.store.wish(user_id) or DigestWish()

    async def keep(self, who: Principal, wish: DigestWish) -> DigestWish:
        """Want that from now on.

        Raises:
            InvalidInput: there is no such hour or zone.
            PlanTooLow: the plan has no digest.
        """
        if wish.is_on and Channel.DIGEST not in who.entitlement.channels:
            raise PlanTooLow("the digest", who.entitlement.plan)
        if not 0 <= wish.hour <= _LATEST_HOUR:
            raise InvalidInput("hour", "there is no such hour", "give 0 to 23")
        zone = await self._needs.zones.zone(wish.zone)
        if zone is None:
            raise InvalidInput("zone", "there is no such zone", "give one such as Europe/Zurich")
        now = self._needs.clock.now()
        next_at = next_digest(now, wish.hour, zone) if wish.is_on else None
        await self._needs.store.keep(who.user_id, wish, next_at, now)
        return wish

    async def unsubscribe(self, token: str) -> None:
        """Want no more, by the link in a mail.

        Raises:
            NotThere: it is of none of our mails of late.
        """
        if len(token) > LONGEST_SECRET or not await self._needs.store.unsubscribe(
            digest_of(token), self._needs.clock.now()
        ):
            raise NotThere("subscription")

    async def run(self) -> None:
        """Write what is due, until cancelled.

        Raises:
            DatabaseAway: try again.
        """
        while True:
            if not await self.turn():
                await self._needs.clock.sleep(self._every_s)

    async def turn(self) -> int:
        """Look at some that are due; how many."""
        now = self._needs.clock.now()
        due = await self._needs.store.due(now, self._at_once)
        if not due:
            return 0
        to = await self._needs.store.last_event()
        entitlements = await self._needs.entitled.of(sorted({each.user_id for each in due}), now)
        # The same for everybody, because it is of what everybody may see.
        tallies = await self._needs.signals.tallies(int(now.timestamp() * _US), REVEAL_GRACE_US)
        record = performance_of(sum(tallies, Tally(OVERALL)))
        for each in due:
            await self._write(each, entitlements.get(each.user_id), to, record)
        return len(due)

    async def _write(
        self, due: DueDigest, entitlement: Entitlement | None, to: int, record: Performance
    ) -> None:
        now = self._needs.clock.now()
        # A zone that the world gave up is taken for UTC, rather than that there be no mail.
        zone = await self._needs.zones.zone(due.zone) or UTC
        step = DigestStep(due.due_at.astimezone(zone).date(), to, next_digest(now, due.hour, zone))
        token = make_secret(self._needs.chance.draw(SECRET_BYTES))
        content = await self._content(due, entitlement, to)
        mail = None
        if content is not None:
            letter = compose(content, record, step.day, self._public_url, token)
            mail_id = f"mail_digest_{due.user_id}_{step.day.isoformat()}"
            mail = Mail(
                mail_id, due.address, letter.subject, letter.text, letter.html, letter.headers
            )
        if await self._needs.store.step(due, step, mail, digest_of(token), now) and mail:
            self._needs.observer.tell("digest.written", user=due.user_id)

    async def _content(
        self, due: DueDigest, entitlement: Entitlement | None, to: int
    ) -> DigestContent | None:
        """What there is to tell, as the plan may see it; None if that is nothing."""
        if entitlement is None or Channel.DIGEST not in entitlement.channels:
            return None
        is_realtime = entitlement.is_realtime
        content = await self._needs.store.content(due.told, to, is_realtime=is_realtime)
        return None if content.is_empty else content
