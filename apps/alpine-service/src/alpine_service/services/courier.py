"""Carries deliveries to their receivers: claim, send, write down, many at a time.

Whatever happens between two of these steps, a delivery is sent again with the same id once its
lease is over: at least once, and never after it was written down as delivered. Who stops in order
does not let others wait for that: it gives back what it could not finish.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from attrs import Factory, define, frozen

from alpine_service.domain.accounts.tokens import ID_BYTES, make_id
from alpine_service.domain.delivery.answer import Answer
from alpine_service.domain.delivery.errand import EndReason, Errand, Result, settle
from alpine_service.domain.delivery.pace import PACE, Pace
from alpine_service.domain.delivery.schedule import SCHEDULE, Schedule
from alpine_service.domain.delivery.signature import headers_of
from alpine_service.domain.delivery.wishes import may_be_told
from alpine_service.errors import DatabaseRefused, Unavailable
from alpine_service.ports.events import Wakeup
from alpine_service.ports.observing import TRACE_ID, Observer, Weight
from alpine_service.ports.outside import Chance, Clock, Vault
from alpine_service.ports.tracing import UNTRACED, Tracer
from alpine_service.ports.webhooks import Entitled, Outbox, Post, Sender

_CHANCE_BYTES = 4
_NO_TRACES: Mapping[str, str | None] = {}


def purpose(endpoint_id: str) -> str:
    """What an endpoint's secrets are sealed for: nothing but this endpoint."""
    return f"webhook/{endpoint_id}"


@frozen
class CourierPolicy:
    """`lease` is longer than any attempt may take. The rest is in seconds.

    Who is stopped waits `finish_s` for receivers, and then `goodbye_s` for the database.
    """

    parallel: int = 256
    lease: timedelta = timedelta(seconds=60)
    poll_s: float = 1.0
    finish_s: float = 1.0
    goodbye_s: float = 1.5
    pace: Pace = PACE
    schedule: Schedule = SCHEDULE


@frozen
class CourierNeeds:
    """Everything that a courier needs from outside."""

    outbox: Outbox
    entitled: Entitled
    sender: Sender
    vault: Vault
    clock: Clock
    chance: Chance
    observer: Observer
    tracer: Tracer = UNTRACED


@define(eq=False)
class _Hands:
    """What a running courier has in its hands; `stirred` is set when it should look up."""

    # Each with the lease that its delivery is held by.
    under_way: dict[asyncio.Task[None], str] = Factory(dict)
    # Of a claim that was perhaps made, and of which nothing is under way yet.
    claiming: str | None = None
    # Each with the id of its trace, if that is kept.
    done: list[tuple[Result, str | None]] = Factory(list)
    stirred: asyncio.Event = Factory(asyncio.Event)


class Courier:
    """Several may be at work on one outbox, in this process or others."""

    def __init__(self, needs: CourierNeeds, policy: CourierPolicy = CourierPolicy()) -> None:
        self._needs = needs
        self._policy = policy

    async def run(self, wakeup: Wakeup) -> None:
        """Carry until cancelled.

        Raises:
            DatabaseAway: try again; what was under way is sent again, when its lease is over at
                the latest.
        """
        hands = _Hands()
        listening = asyncio.create_task(self._listen(wakeup, hands))
        try:
            while True:
                await self._turn(hands)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)
            await self._say_goodbye(hands)

    async def claim(self, room: int, lease: str | None = None) -> list[Errand]:
        """Lease up to so many that are due, and cancel those that their owners may not have now."""
        now = self._needs.clock.now()
        lease = lease or self._new_lease()
        until = now + self._policy.lease
        errands = await self._needs.outbox.claim(lease, now, until, room, self._policy.pace)
        if not errands:
            return []
        owners = sorted({each.user_id for each in errands})
        entitlements = await self._needs.entitled.of(owners, now)
        allowed: list[Errand] = []
        refused: list[Errand] = []
        for errand in errands:
            entitlement = entitlements.get(errand.user_id)
            may = entitlement is not None and may_be_told(entitlement, errand.audience)
            (allowed if may else refused).append(errand)
        if refused:
            await self._needs.outbox.cancel(refused, EndReason.PLAN, now)
            self._needs.observer.tell("delivery.cancelled", deliveries=len(refused))
        return allowed

    async def attempt(self, errand: Errand) -> Result:
        """Send it once."""
        begun_at = self._needs.clock.now()
        answer = await self._send(errand, int(begun_at.timestamp()))
        luck = int.from_bytes(self._needs.chance.draw(_CHANCE_BYTES)) / 256**_CHANCE_BYTES
        now = self._needs.clock.now()
        return settle(
            errand,
            answer,
            begun_at=begun_at,
            now=now,
            chance=luck,
            schedule=self._policy.schedule,
        )

    async def record(
        self, results: Sequence[Result], traces: Mapping[str, str | None] = _NO_TRACES
    ) -> None:
        """Write down what came of attempts; `traces` are their traces' ids by deliveries' ids."""
        turned_off = await self._needs.outbox.record(results, self._needs.clock.now())
        tell = self._needs.observer.tell
        for result in results:
            answer = result.answer
            trace_id = traces.get(result.errand.id)
            traced: dict[str, Any] = {} if trace_id is None else {TRACE_ID: trace_id}
            tell(
                "delivery.attempted",
                delivery=result.errand.id,
                endpoint=result.errand.endpoint_id,
                state=result.state,
                status=answer.status,
                problem=answer.problem,
                took_s=answer.took_s,
                **traced,
            )
        for each in turned_off:
            weight = Weight.WARNING
            tell("delivery.turned_off", weight, endpoint=each.endpoint_id, reason=each.reason)

    async def _send(self, errand: Errand, at_s: int) -> Answer:
        try:
            secrets = [
                self._needs.vault.unseal(sealed, purpose(errand.endpoint_id))
                for sealed in errand.secrets
            ]
        except DatabaseRefused:
            # Ours to mend, and nothing that may hold the others up.
            tell = self._needs.observer.tell
            tell("delivery.secret_unreadable", Weight.ALERT, endpoint=errand.endpoint_id)
            return Answer(0.0, problem="secret unreadable")
        headers = headers_of(errand.id, at_s, errand.body, secrets)
        return await self._needs.sender.send(Post(errand.url, headers, errand.body))

    async def _turn(self, hands: _Hands) -> None:
        hands.stirred.clear()
        await self._record_done(hands)
        room = self._policy.parallel - len(hands.under_way)
        errands: list[Errand] = []
        if room:
            hands.claiming = self._new_lease()
            errands = await self.claim(room, hands.claiming)
        for errand in errands:
            task = asyncio.create_task(self._carry(errand, hands))
            hands.under_way[task] = errand.lease
            task.add_done_callback(lambda done: self._put_down(hands, done))
        hands.claiming = None
        if not errands:
            # Whoever finishes an attempt stirs as well as the hints and the timer do.
            await hands.stirred.wait()

    async def _carry(self, errand: Errand, hands: _Hands) -> None:
        with self._needs.tracer.span(
            "delivery.attempt", delivery=errand.id, endpoint=errand.endpoint_id
        ) as span:
            result = await self.attempt(errand)
            span.note(state=result.state, status=result.answer.status)
            if result.answer.problem is not None:
                span.fail(result.answer.problem)
        hands.done.append((result, span.trace_id))
        hands.stirred.set()

    def _put_down(self, hands: _Hands, task: asyncio.Task[None]) -> None:
        del hands.under_way[task]
        mistake = None if task.cancelled() else task.exception()
        if mistake is not None:
            # A mistake of ours; the delivery comes again when its lease is over.
            kind = type(mistake).__name__
            self._needs.observer.tell("delivery.mistake", Weight.ALERT, kind=kind)

    async def _record_done(self, hands: _Hands) -> None:
        if hands.done:
            results = list(hands.done)
            traces = {result.errand.id: trace_id for result, trace_id in results}
            await self.record([result for result, _ in results], traces)
            # Only now, so that a database that was away does not lose them.
            del hands.done[: len(results)]

    async def _listen(self, wakeup: Wakeup, hands: _Hands) -> None:
        while True:
            await wakeup.wait(self._policy.poll_s)
            hands.stirred.set()

    def _new_lease(self) -> str:
        return make_id("lease", self._needs.chance.draw(ID_BYTES))

    async def _say_goodbye(self, hands: _Hands) -> None:
        """Write down what is known, and give back the rest."""
        if hands.under_way:
            # Most receivers answer at once, and what they answered now is not sent again.
            await asyncio.wait(hands.under_way, timeout=self._policy.finish_s)
        leases = set(hands.under_way.values())
        if hands.claiming is not None:
            leases.add(hands.claiming)
        for task in hands.under_way:
            task.cancel()
        await asyncio.gather(*hands.under_way, return_exceptions=True)
        try:
            async with asyncio.timeout(self._policy.goodbye_s):
                await self._record_done(hands)
                if leases:
                    await self._needs.outbox.give_back(leases, self._needs.clock.now())
        except (TimeoutError, Unavailable):
            self._needs.observer.tell("delivery.left_unrecorded", deliveries=len(hands.done))
