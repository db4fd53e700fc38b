"""Second factors and recovery codes in PostgreSQL."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.link import Connection
from alpine_service.adapters.postgres.mail_queue import enqueue
from alpine_service.adapters.postgres.sessions import end_sessions, insert_session
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.accounts.factor import CodeProof, Factor, Proof, Proved
from alpine_service.domain.accounts.session import NewSession
from alpine_service.ports.mail import Mail

_GET = """
SELECT user_id, sealed, confirmed_at IS NOT NULL AS is_confirmed, last_step
FROM second_factors WHERE user_id = $1
"""
_BEGIN = """
INSERT INTO second_factors (user_id, sealed, begun_at) VALUES ($1, $2, $3)
ON CONFLICT (user_id) DO UPDATE SET sealed = $2, begun_at = $3
WHERE second_factors.confirmed_at IS NULL RETURNING user_id
"""
# The secret is compared, so that a code of one that was replaced meanwhile confirms nothing.
_CONFIRM = """
UPDATE second_factors SET confirmed_at = $3, last_step = $4
WHERE user_id = $1 AND sealed = $2 AND confirmed_at IS NULL RETURNING user_id
"""
# One statement each, so that however many come at the same time one of them finds it unused.
_USE_STEP = """
UPDATE second_factors SET last_step = $2
WHERE user_id = $1 AND confirmed_at IS NOT NULL AND last_step < $2 RETURNING user_id
"""
_USE_RECOVERY = "DELETE FROM recovery_codes WHERE user_id = $1 AND digest = $2 RETURNING user_id"
_ADD_CODES = "INSERT INTO recovery_codes (user_id, digest) SELECT $1, unnest($2::bytea[])"


@frozen
class PostgresFactors:
    """Keeps the port `Factors`."""

    _database: Database

    async def get(self, user_id: str) -> Factor | None:
        row = await self._database.fetchrow(_GET, user_id)
        return Factor(**row) if row else None

    async def begin(self, user_id: str, sealed: bytes, entry: AuditEntry) -> bool:
        async with self._database.transaction() as connection:
            if await connection.fetchval(_BEGIN, user_id, sealed, entry.at) is None:
                return False
            await record(connection, entry)
            return True

    async def confirm(
        self,
        proved: Proved,
        codes: Sequence[bytes],
        session: NewSession,
        mail: Mail,
        entry: AuditEntry,
    ) -> bool:
        factor = proved.factor
        async with self._database.transaction() as connection:
            confirmed = await connection.fetchval(
                _CONFIRM, factor.user_id, factor.sealed, entry.at, proved.step
            )
            if confirmed is None:
                return False
            await _replace_codes(connection, factor.user_id, codes)
            await _leave_only(connection, session)
            await enqueue(connection, mail, entry.at)
            await record(connection, entry)
            return True

    async def use(self, user_id: str, proof: Proof) -> bool:
        if isinstance(proof, CodeProof):
            used = await self._database.fetchval(_USE_STEP, user_id, proof.step)
        else:
            used = await self._database.fetchval(_USE_RECOVERY, user_id, proof.digest)
        return used is not None

    async def renew_codes(
        self, user_id: str, codes: Sequence[bytes], mail: Mail, entry: AuditEntry
    ) -> None:
        async with self._database.transaction() as connection:
            await _replace_codes(connection, user_id, codes)
            await enqueue(connection, mail, entry.at)
            await record(connection, entry)

    async def remove(self, session: NewSession, mail: Mail, entry: AuditEntry) -> None:
        async with self._database.transaction() as connection:
            query = "DELETE FROM second_factors WHERE user_id = $1"
            await connection.execute(query, session.user_id)
            await _replace_codes(connection, session.user_id, ())
            await _leave_only(connection, session)
            await enqueue(connection, mail, entry.at)
            await record(connection, entry)

    async def codes_left(self, user_id: str) -> int:
        query = "SELECT count(*) FROM recovery_codes WHERE user_id = $1"
        return int(await self._database.fetchval(query, user_id))


async def _replace_codes(connection: Connection, user_id: str, codes: Sequence[bytes]) -> None:
    await connection.execute("DELETE FROM recovery_codes WHERE user_id = $1", user_id)
    await connection.execute(_ADD_CODES, user_id, list(codes))


async def _leave_only(connection: Connection, session: NewSession) -> None:
    await end_sessions(connection, session.user_id, None)
    await insert_session(connection, session)
