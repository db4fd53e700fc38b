"""The publisher's lease in PostgreSQL, beside the record: the port `PublisherLease`.

One row for each log, on the server's clock, each call one statement. The row stays when the lease
is over, so that tokens grow. It names the session that asked last, and a lease whose session is no
more is over: so whoever waits need not wait for the end of a process that died.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from importlib.resources import files
from typing import Any

from argo_adapters.postgres.link import Address, Connection, address_of, connect, translated
from argo_adapters.postgres.link import connected as connected_to
from argo_adapters.postgres.schema import LOCK_SPACE, MIGRATION_LOCK
from argo_core.errors import LogError, LogUnavailable, SharedAway
from argo_core.resilience.door import positive
from argo_core.resilience.lease import Granted, Held

CALL_S = 1.0
OPEN_S = 20.0
_MADE = files("argo_adapters.postgres") / "migrations" / "publisher.sql"

# The server hides from an app's role when the sessions of other roles began: such a one may live,
# and so may whoever named no session, as every holder did before sessions were kept.
_LIVES = """
(held.session IS NULL OR EXISTS (
SELECT FROM pg_catalog.pg_stat_activity AS session WHERE session.pid = held.session
AND coalesce(session.backend_start = held.session_began, true)))
"""
_THIS = """
(SELECT backend_start FROM pg_catalog.pg_stat_activity WHERE pid = pg_backend_pid())
"""
# Whoever waited for another's transaction looks at the clock after it: hence no `now()`.
_ACQUIRE = f"""
INSERT INTO publisher.lease AS held VALUES
    ($1, $4::bigint + 1, $2, clock_timestamp() + $3, pg_backend_pid(), {_THIS})
ON CONFLICT (log) DO UPDATE SET
    token = greatest(held.token, $4::bigint) + 1, holder = $2, ends = clock_timestamp() + $3,
    session = pg_backend_pid(), session_began = {_THIS}
WHERE held.ends <= clock_timestamp() OR NOT {_LIVES}
RETURNING token
"""  # noqa: S608 - of these lines alone
_RENEW = f"""
UPDATE publisher.lease SET ends = clock_timestamp() + $3,
    session = pg_backend_pid(), session_began = {_THIS}
WHERE log = $1 AND token = $2 AND ends > clock_timestamp() RETURNING true
"""  # noqa: S608 - as above
_RELEASE = """
UPDATE publisher.lease SET ends = clock_timestamp() WHERE log = $1 AND token = $2
AND ends > clock_timestamp()
"""
_LOOK = f"""
SELECT holder, extract(epoch FROM ends - clock_timestamp())::float8 AS ends_in_s
FROM publisher.lease AS held WHERE log = $1 AND ends > clock_timestamp() AND {_LIVES}
"""  # noqa: S608 - as above


class PostgresLease:
    """Open with `async with PostgresLease.open(url, log) as lease`."""

    def __init__(self, address: Address, log: str, call_s: float) -> None:
        self._address = address
        self._log = log
        self._call_s = call_s
        self._turn = asyncio.Lock()
        self._connection: Connection | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls, url: str, log: str, *, owner_url: str | None = None, call_s: float = CALL_S
    ) -> AsyncIterator["PostgresLease"]:
        """The lease of that log, in the log's database as its app's role; both URLs are secrets.

        With the owner's URL its table is made first, where it is not there.

        Raises:
            InvalidInput: a URL is malformed.
            LogError: the table cannot be made.
        """
        lease = cls(address_of(url), log, call_s)
        if owner_url is not None:
            await lease._make(address_of(owner_url))
        try:
            yield lease
        finally:
            lease._leave()

    async def acquire(self, holder: str, ttl_s: float, above: int = 0) -> Granted | Held:
        token = await self._ask(_ACQUIRE, holder, _lasting(ttl_s), above)
        if token is not None:
            return Granted(token[0])
        # It may have ended since; then it is free at the next attempt.
        return await self.look() or Held("another process", 0.0)

    async def renew(self, token: int, ttl_s: float) -> bool:
        return await self._ask(_RENEW, token, _lasting(ttl_s)) is not None

    async def release(self, token: int) -> None:
        await self._ask(_RELEASE, token)

    async def look(self) -> Held | None:
        row = await self._ask(_LOOK)
        return None if row is None else Held(row["holder"], max(0.0, row["ends_in_s"]))

    async def _ask(self, statement: str, *values: object) -> Any:
        """The first row; connects again where the connection was lost."""
        try:
            with translated(self._address.label):
                async with asyncio.timeout(self._call_s), self._turn:
                    return await self._asked(statement, *values)
        except LogError as error:
            raise SharedAway(str(error)) from error

    async def _asked(self, statement: str, *values: object) -> Any:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._address, call_s=self._call_s)
        try:
            return await self._connection.fetchrow(statement, self._log, *values)
        except BaseException:
            # Nobody knows what this session is in the middle of.
            self._leave()
            raise

    def _leave(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    async def _make(self, owner: Address) -> None:
        text = await asyncio.to_thread(_MADE.read_text, "utf-8")
        try:
            async with asyncio.timeout(OPEN_S):
                with translated(self._address.label):
                    async with connected_to(self._address, call_s=OPEN_S) as app:
                        role = await app.fetchval("SELECT current_user")
                with translated(owner.label):
                    async with connected_to(owner, call_s=OPEN_S) as connection:
                        await _make_table(connection, text, role)
        except TimeoutError as error:
            problem = f"not open within {OPEN_S:g} s; check the server, then try again"
            raise LogUnavailable(f"{owner.label}: {problem}") from error


async def _make_table(owner: Connection, text: str, app: str) -> None:
    async with owner.transaction():
        await owner.execute(f"SELECT pg_advisory_xact_lock({LOCK_SPACE}, {MIGRATION_LOCK})")
        quoted = await owner.fetchval("SELECT pg_catalog.quote_ident($1)", app)
        await owner.execute(text.replace("{app}", quoted))


def _lasting(ttl_s: float) -> timedelta:
    return timedelta(seconds=positive("ttl_s", ttl_s))
