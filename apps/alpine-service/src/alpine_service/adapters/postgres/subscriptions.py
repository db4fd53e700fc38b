"""Subscriptions and what was paid for them, in PostgreSQL."""

from datetime import datetime

import asyncpg
from attrs import evolve, frozen

from alpine_service.adapters.postgres.account_lock import lock_account
from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.plans.billing import (
    Billed,
    BillingEvent,
    BillingKind,
    BillingShown,
    KnownBefore,
    bill,
)
from alpine_service.domain.plans.subscription import (
    Subscription,
    SubscriptionState,
    due_at,
    settled,
)
from alpine_service.errors import Conflict
from alpine_service.ports.plans import Settled, Step

_COLUMNS = "plan, state, until, paid_until, next_plan, trial_at, paid_plan, last_paid_at"
_GET = f"SELECT {_COLUMNS} FROM subscriptions WHERE user_id = $1"  # noqa: S608 - names of columns
_PUT = f"""
INSERT INTO subscriptions (user_id, {_COLUMNS}, due_at, changed_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (user_id) DO UPDATE SET plan = $2, state = $3, until = $4, paid_until = $5,
    next_plan = $6, trial_at = $7, paid_plan = $8, last_paid_at = $9, due_at = $10, changed_at = $11
"""  # noqa: S608 - names of columns
_DUE = """
SELECT user_id FROM subscriptions WHERE due_at <= $1 ORDER BY due_at, user_id LIMIT $2
"""
_REFUNDED = "SELECT true FROM billing_events WHERE provider = $1 AND refunds = $2 LIMIT 1"
_PAID_UNTIL = """
SELECT paid_until FROM billing_events
WHERE provider = $1 AND reference = $2 AND user_id = $3 AND is_applied
"""
_SAME = """
SELECT kind = $3 AND user_id = $4 AND plan IS NOT DISTINCT FROM $5
    AND days IS NOT DISTINCT FROM $6 AND refunds IS NOT DISTINCT FROM $7
FROM billing_events WHERE provider = $1 AND reference = $2
"""
_TAKE_DOWN = """
INSERT INTO billing_events (provider, reference, kind, user_id, plan, days, refunds, at,
    received_at, by, is_applied, paid_until)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (provider, reference) DO NOTHING RETURNING true
"""
_TRIAL = """
INSERT INTO trials_had (address, at)
SELECT sha256(convert_to('alpine/trial/v1' || email_key, 'UTF8')), $2 FROM users WHERE id = $1
ON CONFLICT DO NOTHING RETURNING true
"""
_EVENTS = """
SELECT provider, reference, kind, plan, days, refunds, at, received_at, by, is_applied, paid_until
FROM billing_events WHERE user_id = $1 ORDER BY received_at DESC, provider, reference LIMIT $2
"""


@frozen
class SubscriptionTable:
    """Keeps the port `SubscriptionStore`."""

    _database: Database

    async def get(self, user_id: str) -> Subscription | None:
        row = await self._database.fetchrow(_GET, user_id)
        return _subscription(row) if row else None

    async def change(self, user_id: str, step: Step, entry: AuditEntry) -> Subscription:
        async with self._database.transaction() as connection:
            await lock_account(connection, user_id)
            old = await _get(connection, user_id)
            new = step(old)
            if new.trial_at is not None and (old is None or old.trial_at is None):
                await _have_trial(connection, user_id, entry.at)
            await _put(connection, user_id, new, entry.at)
            await record(connection, _telling(entry, new))
            return new

    async def bill(self, event: BillingEvent, entry: AuditEntry) -> Billed:
        async with self._database.transaction() as connection:
            await lock_account(connection, event.user_id)
            old = await _get(connection, event.user_id)
            if await _came_before(connection, event):
                return Billed(old, is_new=False, is_applied=False)
            new, is_applied = bill(old, event, await _known(connection, event), entry.at)
            if new is not None and new != old:
                await _put(connection, event.user_id, new, entry.at)
            # What came first from another account at the same moment is seen only here.
            if not await _take_down(connection, event, entry, new if is_applied else None):
                raise Conflict("another event has this reference")
            await record(connection, _telling(entry, new))
            return Billed(new, is_new=True, is_applied=is_applied)

    async def events(self, user_id: str, limit: int) -> list[BillingShown]:
        rows = await self._database.fetch(_EVENTS, user_id, limit)
        return [_billing_shown(row) for row in rows]

    async def settle(self, now: datetime, limit: int) -> Settled:
        count = 0
        for row in await self._database.fetch(_DUE, now, limit):
            count += await self._settle(row["user_id"], now)
        next_due = await self._database.fetchval("SELECT min(due_at) FROM subscriptions")
        return Settled(count, next_due)

    async def _settle(self, user_id: str, now: datetime) -> bool:
        async with self._database.transaction() as connection:
            # The account first, as everybody does, so that nobody waits for another in a circle.
            if not await connection.fetchval(
                "SELECT true FROM users WHERE id = $1 FOR NO KEY UPDATE SKIP LOCKED", user_id
            ):
                return False
            old = await _get(connection, user_id)
            new = settled(old, now) if old else None
            if new is None or new == old:
                return False
            await _put(connection, user_id, new, now)
            entry = AuditEntry(now, "alpine", "subscription.settled", user_id)
            await record(connection, _telling(entry, new))
            return True


async def _get(connection: Connection, user_id: str) -> Subscription | None:
    row = await connection.fetchrow(_GET, user_id)
    return _subscription(row) if row else None


async def _have_trial(connection: Connection, user_id: str, now: datetime) -> None:
    if not await connection.fetchval(_TRIAL, user_id, now):
        raise Conflict("this address had its trial")


async def _put(connection: Connection, user_id: str, new: Subscription, now: datetime) -> None:
    await connection.execute(
        _PUT,
        user_id,
        new.plan,
        new.state,
        new.until,
        new.paid_until,
        new.next_plan,
        new.trial_at,
        new.paid_plan,
        new.last_paid_at,
        due_at(new),
        now,
    )


async def _came_before(connection: Connection, event: BillingEvent) -> bool:
    same = await connection.fetchval(
        _SAME,
        event.provider,
        event.reference,
        event.kind,
        event.user_id,
        event.plan,
        event.days,
        event.refunds,
    )
    if same is False:
        raise Conflict("another event has this reference")
    return bool(same)


async def _known(connection: Connection, event: BillingEvent) -> KnownBefore:
    refunded = await connection.fetchval(_REFUNDED, event.provider, event.reference)
    until = await connection.fetchval(_PAID_UNTIL, event.provider, event.refunds, event.user_id)
    return KnownBefore(bool(refunded), until)


async def _take_down(
    connection: Connection, event: BillingEvent, entry: AuditEntry, applied: Subscription | None
) -> bool:
    return bool(
        await connection.fetchval(
            _TAKE_DOWN,
            event.provider,
            event.reference,
            event.kind,
            event.user_id,
            event.plan,
            event.days,
            event.refunds,
            event.at,
            entry.at,
            entry.actor,
            applied is not None,
            applied.paid_until if applied else None,
        )
    )


def _telling(entry: AuditEntry, new: Subscription | None) -> AuditEntry:
    """The entry with what became of the subscription."""
    if new is None:
        return entry
    outcome = {"plan": new.plan, "state": str(new.state), "until": new.until.isoformat()}
    return evolve(entry, details={**entry.details, **outcome})


def _subscription(row: asyncpg.Record) -> Subscription:
    return Subscription(
        plan=row["plan"],
        state=SubscriptionState(row["state"]),
        until=row["until"],
        paid_until=row["paid_until"],
        next_plan=row["next_plan"],
        trial_at=row["trial_at"],
        paid_plan=row["paid_plan"],
        last_paid_at=row["last_paid_at"],
    )


def _billing_shown(row: asyncpg.Record) -> BillingShown:
    return BillingShown(**{**row, "kind": BillingKind(row["kind"])})
