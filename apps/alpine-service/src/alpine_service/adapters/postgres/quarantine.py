"""What was refused, with its evidence, in PostgreSQL: the port `QuarantineStore`."""

from datetime import datetime

from attrs import frozen

from alpine_service.adapters.postgres.audit import record
from alpine_service.adapters.postgres.database import Database
from alpine_service.domain.accounts.audit import AuditEntry
from alpine_service.domain.feed.checkpoint import read_checkpoint
from alpine_service.domain.signals.rejection import LARGEST_PIECE, Rejection
from alpine_service.ports.feed import Quarantine, Standing

MOST_OPEN = 1000
"""Refusals of a log that are open at once, those that halt and others apart.

Beyond, one liar cannot fill the disk. Whoever has the log's key can show the witness forks without
end, also while the reading is halted; what is no fork cannot use up the room of one.
"""

_KNOWN = """
UPDATE quarantine SET times = times + 1, last_at = $2, resolved_at = NULL, resolved_by = NULL
WHERE digest = $1 RETURNING id
"""
_KEEP = """
INSERT INTO quarantine (log, at, reason, problem, halts, size, log_index, digest, last_at)
SELECT $1, $2, $3, $4, $5, $6, $7, $8, $2
WHERE (SELECT count(*) FROM quarantine WHERE log = $1 AND halts = $5 AND resolved_at IS NULL) < $9
ON CONFLICT (digest) DO NOTHING RETURNING id
"""
_EVIDENCE = "INSERT INTO evidence (quarantine, name, data) VALUES ($1, $2, $3)"
_HALTED = """
SELECT EXISTS (SELECT FROM quarantine WHERE log = $1 AND halts AND resolved_at IS NULL)
"""
_RESOLVE = """
UPDATE quarantine SET resolved_at = $2, resolved_by = $3
WHERE id = $1 AND resolved_at IS NULL RETURNING id
"""
_LIST = """
SELECT id, log, at, reason, problem, halts, size, log_index, times, last_at, resolved_at,
    resolved_by, ARRAY(SELECT name FROM evidence WHERE quarantine = id ORDER BY name COLLATE "C")
    AS evidence
FROM quarantine WHERE (resolved_at IS NOT NULL) = $1 ORDER BY id DESC LIMIT $2
"""
_PIECE = "SELECT data FROM evidence WHERE quarantine = $1 AND name = $2"
_HEAD = "SELECT size, note, read_at, heard_at FROM feed_head WHERE log = $1"
_OPEN = """
SELECT count(*) AS open, coalesce(bool_or(halts), false) AS halted FROM quarantine
WHERE log = $1 AND resolved_at IS NULL
"""


@frozen
class PostgresQuarantine:
    """Keeps the port `QuarantineStore`."""

    _database: Database

    async def keep(self, log: str, rejection: Rejection, at: datetime) -> bool:
        async with self._database.transaction() as connection:
            if await connection.fetchval(_KNOWN, rejection.digest, at):
                return False
            number = await connection.fetchval(
                _KEEP,
                log,
                at,
                rejection.reason,
                rejection.problem,
                rejection.halts,
                rejection.size,
                rejection.log_index,
                rejection.digest,
                MOST_OPEN,
            )
            if number is None:
                return False
            pieces = [
                (number, name, data[:LARGEST_PIECE]) for name, data in rejection.evidence.items()
            ]
            await connection.executemany(_EVIDENCE, pieces)
            return True

    async def is_halted(self, log: str) -> bool:
        return bool(await self._database.fetchval(_HALTED, log))

    async def resolve(self, number: int, by: str, at: datetime) -> bool:
        async with self._database.transaction() as connection:
            if await connection.fetchval(_RESOLVE, number, at, by) is None:
                return False
            await record(connection, AuditEntry(at, by, "quarantine.resolved", str(number)))
            return True

    async def listed(self, *, resolved: bool, limit: int) -> list[Quarantine]:
        rows = await self._database.fetch(_LIST, resolved, limit)
        return [Quarantine(**{**row, "evidence": tuple(row["evidence"])}) for row in rows]

    async def evidence(self, number: int, name: str) -> bytes | None:
        found: bytes | None = await self._database.fetchval(_PIECE, number, name)
        return found

    async def standing(self, log: str) -> Standing:
        async with self._database.transaction("repeatable_read") as connection:
            head = await connection.fetchrow(_HEAD, log)
            refused = await connection.fetch(_OPEN, log)
        size = head["size"] if head else 0
        return Standing(
            log=log,
            size=size,
            promised=read_checkpoint(head["note"]).head.size if head and head["note"] else size,
            read_at=head["read_at"] if head else None,
            heard_at=head["heard_at"] if head else None,
            open_quarantines=refused[0]["open"],
            is_halted=refused[0]["halted"],
        )
