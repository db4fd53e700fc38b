"""Quotas: how many requests an account has left, by the minute and by the day.

The rate by the minute is kept in each process: N processes admit up to N times as much. It is there
against bursts, for which each process has to answer itself. The number by the day is exact over all
processes: each takes blocks of it from the database, where no two can get the same, and hands them
out alone. What a process that crashes had taken is lost, a thirty-second of what was left at most.
"""

import asyncio
import math
from collections import OrderedDict
from contextlib import suppress
from datetime import date

from attrs import define, evolve, field, frozen

from alpine_service.domain.accounts.principal import Principal
from alpine_service.domain.plans.rate import Rate, judge
from alpine_service.domain.plans.use import Counted, Used, counted_as, left_of_day_s
from alpine_service.errors import NotSignedIn, TooMany, Unavailable
from alpine_service.ports.outside import Clock
from alpine_service.ports.plans import Unused, UsageStore

# At ten requests a second from one account a block lasts for half a minute.
MOST_AT_ONCE = 300
MOST_REMEMBERED = 20_000
_RETURNED_AT_ONCE = 1_000


@frozen
class Spent:
    """What a request left of the limit that is nearer; `reset_s` is when there will be more."""

    limit: int
    remaining: int
    reset_s: float


@define
class _Account:
    """What this process knows of one account and means."""

    arrival_us: int = 0
    day: date | None = None
    limit: int = 0
    # In hand, and what is free for whoever takes it first.
    held: int = 0
    free: int = 0
    lock: asyncio.Lock = field(factory=asyncio.Lock)


class Quotas:
    """Counts requests against plans."""

    def __init__(self, store: UsageStore, clock: Clock, most_at_once: int = MOST_AT_ONCE) -> None:
        self._store = store
        self._clock = clock
        self._most = most_at_once
        self._accounts: OrderedDict[tuple[str, Counted], _Account] = OrderedDict()

    async def spend(self, principal: Principal) -> Spent:
        """Count one request.

        Raises:
            TooMany: none is left of the minute or of the day.
            NotSignedIn: the account was deleted a moment ago.
        """
        means = counted_as(principal)
        account = self._account(principal.user_id, means)
        rate = Rate(principal.entitlement.per_minute)
        now_us = math.floor(self._clock.monotonic() * 1e6)
        judged = judge(rate, account.arrival_us, now_us)
        if not judged.is_admitted:
            raise TooMany("requests in this minute", judged.wait_us / 1e6)
        account.arrival_us = judged.arrival_us
        left = await self._spend_of_day(account, principal, means)
        if judged.left < left:
            return Spent(rate.per_minute, judged.left, rate.interval_us / 1e6)
        reset_s = left_of_day_s(self._clock.now())
        return Spent(principal.entitlement.per_day, left, reset_s)

    async def used(self, user_id: str, since: date) -> list[Used]:
        """Day by day; of today's, what other processes hold counts as used."""
        today = self._clock.now().date()
        # Before the database is asked, because what is taken meanwhile is not in its answer.
        held = {means: self._in_hand(user_id, means, today) for means in Counted}
        return [
            evolve(each, count=max(0, each.count - held[each.means])) if each.day == today else each
            for each in await self._store.used(user_id, since)
        ]

    async def release(self) -> None:
        """Give back what is held, before a stop; without a database it is lost, as by a crash."""
        accounts, self._accounts = self._accounts, OrderedDict()
        unused = [
            held
            for (user_id, means), account in accounts.items()
            if (held := self._let_go(user_id, means, account)) is not None
        ]
        # Nothing depends on it, so that a stop does not fail for it.
        with suppress(Unavailable):
            for place in range(0, len(unused), _RETURNED_AT_ONCE):
                await self._store.give_back(unused[place : place + _RETURNED_AT_ONCE])

    async def _spend_of_day(self, account: _Account, principal: Principal, means: Counted) -> int:
        limit = principal.entitlement.per_day
        # One at a time, so that a burst of one account takes one block and not one each.
        async with account.lock:
            today = self._clock.now().date()
            if account.day != today or account.limit != limit:
                # What was taken under another limit may be more than the new one leaves.
                unused = self._let_go(principal.user_id, means, account)
                if unused is not None:
                    await self._store.give_back([unused])
                account.day, account.limit = today, limit
            if not account.held:
                block = await self._store.take(principal.user_id, means, today, limit, self._most)
                if block is None:
                    raise NotSignedIn
                if not block.granted:
                    raise TooMany("requests today", left_of_day_s(self._clock.now()))
                account.held, account.free = block.granted, max(0, limit - block.taken)
            account.held -= 1
            return account.held + account.free

    def _in_hand(self, user_id: str, means: Counted, today: date) -> int:
        """How many of today's are taken here and not yet spent."""
        account = self._accounts.get((user_id, means))
        return account.held if account and account.day == today else 0

    def _let_go(self, user_id: str, means: Counted, account: _Account) -> Unused | None:
        """What is held, and now no longer; None if that is nothing, or of a day that is over."""
        held, account.held = account.held, 0
        today = self._clock.now().date()
        return Unused(user_id, means, today, held) if held and account.day == today else None

    def _account(self, user_id: str, means: Counted) -> _Account:
        account = self._accounts.setdefault((user_id, means), _Account())
        self._accounts.move_to_end((user_id, means))
        if len(self._accounts) > MOST_REMEMBERED:
            # Its block is lost, as by a crash; whoever comes back takes another.
            self._accounts.popitem(last=False)
        return account
