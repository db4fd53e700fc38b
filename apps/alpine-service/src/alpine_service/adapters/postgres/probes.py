"""Probes of the database and of what waits in it."""

from collections.abc import Awaitable, Callable

from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.inspecting import (
    clock_skew_s,
    is_writable,
    takes_writes,
)
from alpine_service.adapters.postgres.migrating import check_current
from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.ports.outside import Clock

MOST_SKEW_S = 1.0
# For a connection of the pool.
LONGEST_WAIT_S = 1.0
# A delivery that is due for longer than this says that nobody takes it.
OLDEST_DUE_S = 300.0

_WAITING = """
SELECT count(*) AS pending, count(*) FILTER (WHERE due_at <= $1 AND lease IS NULL) AS due,
    extract(epoch FROM $1 - min(due_at) FILTER (WHERE due_at <= $1 AND lease IS NULL))::float8
        AS oldest_s
FROM deliveries WHERE state = 'pending'
"""
_MAILS = """
SELECT count(*) AS pending, extract(epoch FROM $1 - min(queued_at))::float8 AS oldest_s
FROM mail_queue
"""


@frozen
class DatabaseProbe:
    """Whether the database does what is asked of it; `problem` is said if it does not."""

    name: str
    level: Level
    database: Database
    does: Callable[[Database], Awaitable[bool]]
    problem: str

    async def check(self) -> Finding:
        if not await self.does(self.database):
            return Finding(Condition.DOWN, problem=self.problem)
        return Finding()


def answers_probe(database: Database) -> DatabaseProbe:
    """Whether it answers, and takes what is written."""
    problem = "it does not take what is written"
    return DatabaseProbe("database", Level.READY, database, is_writable, problem)


def write_probe(database: Database) -> DatabaseProbe:
    """Whether a row can be written, and undone."""
    return DatabaseProbe("write", Level.DEEP, database, takes_writes, "a row was not written")


@frozen
class PoolProbe:
    """Our connections to it, and how long one is waited for."""

    database: Database
    clock: Clock
    name: str = "pool"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        began = self.clock.monotonic()
        async with self.database.connection():
            wait_s = self.clock.monotonic() - began
        pool = self.database.pool()
        facts = {
            "open": pool.open,
            "idle": pool.idle,
            "limit": pool.limit,
            "wait_s": round(wait_s, 4),
        }
        if wait_s > LONGEST_WAIT_S:
            return Finding(Condition.DEGRADED, facts, "connections are waited for")
        return Finding(facts=facts)


@frozen
class SchemaProbe:
    """Whether the tables are the ones that this program was written for."""

    database: Database
    name: str = "migrations"
    level: Level = Level.READY

    async def check(self) -> Finding:
        await check_current(self.database)
        return Finding()


@frozen
class SkewProbe:
    """Whether the database's clock and ours agree."""

    database: Database
    clock: Clock
    name: str = "clock"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        skew = await clock_skew_s(self.database, self.clock.now())
        facts = {"skew_s": round(skew, 3)}
        if abs(skew) > MOST_SKEW_S:
            return Finding(Condition.DOWN, facts, "our clock and the database's do not agree")
        return Finding(facts=facts)


@frozen
class WaitingProbe:
    """What waits in the database to leave: `query` tells of a time how much, and since when."""

    name: str
    database: Database
    clock: Clock
    query: str
    problem: str
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        row = await self.database.fetchrow(self.query, self.clock.now())
        facts = dict(row) if row else {}
        if (facts.get("oldest_s") or 0) > OLDEST_DUE_S:
            return Finding(Condition.DEGRADED, facts, self.problem)
        return Finding(facts=facts)


def outbox_probe(database: Database, clock: Clock) -> WaitingProbe:
    """What waits to be delivered by webhooks."""
    problem = "deliveries are due, and nobody takes them"
    return WaitingProbe("outbox", database, clock, _WAITING, problem)


def mail_probe(database: Database, clock: Clock) -> WaitingProbe:
    """Mails that wait to be sent."""
    return WaitingProbe("mail", database, clock, _MAILS, "mails wait for long")
