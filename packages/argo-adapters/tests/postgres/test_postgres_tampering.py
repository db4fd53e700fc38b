"""Whoever is a superuser can write anything. Verification tells."""

from collections.abc import Awaitable, Callable

import pytest

from argo_adapters.postgres.link import address_of, connected
from argo_adapters.postgres.log import PostgresLog
from argo_adapters.postgres.roles import Roles
from argo_adapters.postgres.verify import Verification, verify
from argo_core.errors import LogUnavailable, LogUnusable
from argo_core.ledger.canonical import decode
from argo_core.ledger.checkpoint import sign_checkpoint
from argo_core.ledger.cosignature import check_cosignature, cosign
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.intake import Standing
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.record import Batch
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import (
    LOG,
    sealed_batch,
    signal_batch,
    tiny_outcome,
    tiny_quiet,
    tiny_reveal,
    tiny_sealed,
)
from argo_core.testing.fake_signer import FakeSigner, fake_verify

Tamper = Callable[..., Awaitable[None]]
SIGNER, WITNESS = FakeSigner(LOG), FakeSigner("witness.example/w", COSIGNATURE)
SIGNALS = signal_batch(0, range(260))
ONE_CAPSULE = "sha256 = (SELECT sha256 FROM record.capsules LIMIT 1)"
SEALED = tiny_sealed(261), tiny_sealed(262)


@pytest.fixture
async def filled(roles: Roles) -> Roles:
    """260 signals, a quiet stretch, two commits, a reveal, an outcome, one cosignature."""
    async with PostgresLog.open(roles.app_url, SIGNER, owner_url=roles.owner_url) as log:
        await log.append(SIGNALS)
        await log.append(Batch(260, (tiny_quiet(260),)))
        await log.append(sealed_batch(261, *SEALED))
        reveal = tiny_reveal(263, SEALED[0], 261)
        outcome = tiny_outcome(264, SIGNALS.entries[0], 0)
        await log.append(Batch(263, (reveal, outcome)))
        note = await log.checkpoint()
        assert note is not None
        line = cosign(note.text, 1_700_000_000, WITNESS.key, WITNESS.sign)
        good = check_cosignature(note.text, line, WITNESS.key, fake_verify)
        assert good is not None
        await log.cosign(265, [good])
    return roles


async def verified(roles: Roles) -> Verification:
    return await verify(roles.app_url, SIGNER.key, fake_verify)


async def test_an_untouched_log_verifies(filled: Roles) -> None:
    found = await verified(filled)
    assert found.problems == ()
    assert found.verified
    assert found.size == 265


async def test_an_empty_log_verifies(log: PostgresLog, roles: Roles) -> None:
    assert await verified(roles) == Verification(0, Frontier().root().hex(), ())


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE record.entries SET data = data || ' ' WHERE idx = 0", "entry 0"),
        ("DELETE FROM record.entries WHERE idx = 264", "recorded leaves"),
        ("DELETE FROM record.entries WHERE idx = 2", "not numbered one by one"),
        ("DELETE FROM record.entries WHERE idx = 0", "not numbered one by one"),
        ("UPDATE record.entries SET idx = 900 WHERE idx = 264", "not numbered"),
        ("UPDATE record.leaves SET hash = sha256('') WHERE idx = 3", "tile/0/000: hash 3"),
        ("DELETE FROM record.leaves WHERE idx = 3", "tile/0/000"),
        ("INSERT INTO record.leaves VALUES (265, 'x')", "recorded leaves"),
        ("UPDATE record.nodes SET hash = sha256('')", "tile/1/000"),
        ("INSERT INTO record.nodes VALUES (2, 0, 'x')", "recorded nodes"),
        ("UPDATE reading.signals SET magnitude_bp = 1 WHERE idx = 2", "entry 2 and its row"),
        ("DELETE FROM reading.signals WHERE idx = 2", "entry 2 and its row"),
        ("UPDATE reading.signals SET commitment = NULL WHERE idx = 261", "entry 261 and its row"),
        ("UPDATE reading.signals SET revealed = 5 WHERE idx = 262", "recorded reveals"),
        ("UPDATE reading.signals SET resolved = false WHERE idx = 0", "recorded marks"),
        ("UPDATE reading.standing SET idx = 0", "recorded newest signals"),
        ("DELETE FROM reading.outcomes", "recorded outcomes"),
        (
            "UPDATE record.heads SET sequences = '{}' WHERE size = 260",
            "sequences of checkpoint 260",
        ),
        ("UPDATE record.heads SET last_decided_us = 5", "recorded last_decided_us"),
        ("UPDATE record.heads SET signals = 5 WHERE size = 265", "signals of checkpoint 265"),
        ("UPDATE record.heads SET peaks = 'x' WHERE size = 265", "peaks of checkpoint 265"),
        ("UPDATE record.heads SET note = 'x' WHERE size = 260", "checkpoint 260"),
        ("UPDATE record.heads SET fence = 0 WHERE size = 265", "under an old lease"),
        ("UPDATE record.heads SET fence = 9 WHERE size = 265", "leases are not numbered"),
        ("UPDATE record.heads SET size = 262 WHERE size = 263", "another tree"),
        ("DELETE FROM record.heads WHERE size = 265", "recorded heads"),
        ("UPDATE record.leases SET token = 7", "leases are not numbered"),
        (f"DELETE FROM record.capsules WHERE {ONE_CAPSULE}", "is missing"),  # noqa: S608 - ours
        ("INSERT INTO record.capsules VALUES (sha256('{}'), '{}')", "is named by no entry"),
        ("UPDATE record.sealed SET nonce = sha256('')", "has another commitment"),
        ("UPDATE record.sealed SET nonce = 'x'", "has another commitment"),
        ("UPDATE record.sealed SET body = 'x'", "it is not JSON"),
        ("DELETE FROM record.sealed", "is missing"),
        (
            "INSERT INTO record.sealed SELECT 'x', nonce, body FROM record.sealed LIMIT 1",
            "has another commitment",
        ),
        ("UPDATE record.cosignatures SET time_s = 5", "is bad"),
        ("UPDATE record.cosignatures SET size = 5", "a cosignature of 5 entries"),
        ("UPDATE record.cosignatures SET line = 'x'", "a cosignature of 265 entries"),
        ("DROP INDEX reading.signals_decided_us", "its schema was changed"),
    ],
)
async def test_a_change_is_found_and_named(
    filled: Roles, tamper: Tamper, statement: str, problem: str
) -> None:
    await tamper(statement)
    found = await verified(filled)
    assert not found.verified
    assert any(problem in one for one in found.problems), found.problems


async def test_a_capsule_with_another_hash_is_found(filled: Roles, tamper: Tamper) -> None:
    await tamper(
        "ALTER TABLE record.capsules DROP CONSTRAINT capsules_hashed",
        f"UPDATE record.capsules SET data = 'x' WHERE {ONE_CAPSULE}",  # noqa: S608 - ours
        "ALTER TABLE record.capsules ADD CONSTRAINT capsules_hashed "
        "CHECK (sha256 = pg_catalog.sha256(data)) NOT VALID",
    )
    found = await verified(filled)
    assert any("has another hash" in one for one in found.problems)
    assert any("unchecked" in one for one in found.problems)


async def test_another_key_finds_every_checkpoint_unsigned(filled: Roles) -> None:
    other = FakeSigner(LOG, COSIGNATURE)
    found = await verify(filled.app_url, other.key, fake_verify)
    assert sum("has no good signature" in one for one in found.problems) == 4


async def test_the_list_of_problems_is_bounded(filled: Roles, tamper: Tamper) -> None:
    await tamper("UPDATE record.entries SET data = 'x'", "DELETE FROM reading.signals")
    found = await verified(filled)
    assert len(found.problems) == 21
    assert "more problems" in found.problems[-1]


def literal(data: bytes) -> str:
    return f"'\\x{data.hex()}'"


def changed(table: str, what: str) -> str:
    return f"UPDATE record.{table} SET {what}"  # noqa: S608 - ours


async def test_an_insider_who_recomputes_everything_has_another_root(
    filled: Roles, tamper: Tamper
) -> None:
    # A database can always be made to agree with itself; the root that others remember cannot.
    before = await verified(filled)
    async with connected(address_of(filled.app_url), call_s=10) as app:
        stored = await app.fetch("SELECT data FROM record.entries ORDER BY idx")
        sizes = await app.fetch("SELECT size FROM record.heads")
    entries = [row[0] for row in stored]
    entries[3] = encode_entry({**decode(entries[3]), "reasoning": "because"})
    leaves = list(map(leaf_hash, entries))
    (node,) = Frontier().grow(leaves)[1][1]
    statements = [
        changed("entries", f"data = {literal(entries[3])} WHERE idx = 3"),
        changed("leaves", f"hash = {literal(leaves[3])} WHERE idx = 3"),
        changed("nodes", f"hash = {literal(node)}"),
        "DELETE FROM record.cosignatures",
    ]
    for (size,) in sizes:
        frontier = Frontier().extend(leaves[:size])
        note = sign_checkpoint(Standing(LOG, frontier).checkpoint(), SIGNER.key, SIGNER.sign)
        peaks = literal(b"".join(frontier.peaks))
        signed = f"peaks = {peaks}, note = {literal(note.encode())} WHERE size = {size}"
        statements.append(changed("heads", signed))
    await tamper(*statements)
    after = await verified(filled)
    assert after.problems == ()
    assert after.root != before.root


async def test_what_is_no_log_cannot_be_verified(bare: Roles) -> None:
    with pytest.raises(LogUnusable, match="no signal log"):
        await verified(bare)
    with pytest.raises(LogUnavailable):
        await verify(bare.app_url.replace("/run", "/nowhere"), SIGNER.key, fake_verify)
