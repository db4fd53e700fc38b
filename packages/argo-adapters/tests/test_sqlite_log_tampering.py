"""Whoever has the file in hand can write anything to it. Verification tells."""

import asyncio
import sqlite3
from pathlib import Path

import pytest

from argo_adapters.sqlite.audit import MAX_PROBLEMS
from argo_adapters.sqlite.log import SqliteLog
from argo_adapters.sqlite.verify import Trust, verify
from argo_core.ledger.canonical import decode, encode, sha256_hex
from argo_core.ledger.checkpoint import Checkpoint, sign_checkpoint
from argo_core.ledger.cosignature import Cosignature, cosign
from argo_core.ledger.entry import encode_entry
from argo_core.ledger.merkle import Frontier, leaf_hash
from argo_core.ledger.note import parse_note
from argo_core.ledger.policy import Policy, WitnessKey
from argo_core.ledger.record import Batch, Sealed
from argo_core.ledger.verifier_key import COSIGNATURE
from argo_core.testing.entries import (
    LOG,
    sealed_batch,
    signal_batch,
    tiny_capsule,
    tiny_commit,
    tiny_outcome,
    tiny_quiet,
    tiny_reveal,
    tiny_sealed,
)
from argo_core.testing.fake_signer import FakeSigner, fake_verify

ENTRIES = signal_batch(0, range(6)).entries
SIZE = 10


SIGNER = FakeSigner(LOG)
WITNESS = FakeSigner("one.example/w", COSIGNATURE)
TRUST = Trust(Policy(SIGNER.key, (WitnessKey(WITNESS.key),), 1), fake_verify)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A log of six signals, a quiet stretch, a commit, its reveal and an outcome, all in one file.

    The checkpoints of 6 and 10 entries are cosigned, those of 7 and 8 are not.
    """
    file, sealed = tmp_path / "signals.db", tiny_sealed(7)
    told = (tiny_reveal(8, sealed, 7), tiny_outcome(9, ENTRIES[0], 0))
    batches = (
        signal_batch(0, range(6)),
        Batch(6, (tiny_quiet(6),)),
        sealed_batch(7, sealed),
        Batch(8, told),
    )

    async def fill() -> None:
        async with SqliteLog.open(file, SIGNER) as log:
            for batch in batches:
                size = (await log.append(batch)).size
                if size in {6, 10}:
                    await log.cosign(size, [await cosigned(log, size)])

    asyncio.run(fill())
    return file


async def cosigned(log: SqliteLog, time_s: int) -> Cosignature:
    note = await log.checkpoint()
    assert note is not None
    return Cosignature(WITNESS.key, time_s, cosign(note.text, time_s, WITNESS.key, WITNESS.sign))


def tamper(path: Path, *statements: tuple[str, list[object]]) -> None:
    """Do what the triggers forbid, and put them back."""
    db = sqlite3.connect(path)
    triggers = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        db.execute(f"DROP TRIGGER {name}")
    for sql, values in statements:
        db.execute(sql, values)
    for _, sql in triggers:
        db.execute(sql)
    db.commit()
    db.close()


def test_an_untouched_log_verifies(path: Path) -> None:
    found = verify(path, TRUST)
    assert found.problems == ()
    assert found.verified
    assert (found.size, found.checkpoints, found.signed) == (SIZE, 4, True)
    assert found.cosigned_size == SIZE
    leaves = [leaf_hash(data) for data in stored(path)]
    assert found.root == Frontier().extend(leaves).root().hex()


def test_without_keys_no_signature_counts(path: Path) -> None:
    found = verify(path)
    assert found.verified
    assert (found.signed, found.cosigned_size) == (False, None)


def stored(path: Path) -> list[bytes]:
    db = sqlite3.connect(path)
    found = [data for (data,) in db.execute("SELECT data FROM entries ORDER BY idx")]
    db.close()
    return found


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("UPDATE entries SET data = CAST(data || ' ' AS BLOB) WHERE idx = 0", "entry 0 does not"),
        ("UPDATE entries SET data = CAST(data AS TEXT) WHERE idx = 1", "entry 1 is not bytes"),
        ("DELETE FROM entries WHERE idx = 9", "recorded leaves"),
        ("DELETE FROM entries WHERE idx = 9", "checkpoint is of 10 entries"),
        ("DELETE FROM entries WHERE idx = 2", "from seq 1 to 3"),
        ("DELETE FROM entries WHERE idx = 0", "recorded indices"),
        ("DELETE FROM entries", "checkpoint is of 6 entries"),
        ("INSERT INTO entries SELECT 10, data FROM entries WHERE idx = 6", "entry 10 does not"),
        (
            "INSERT INTO entries SELECT 10, data FROM entries WHERE idx = 6",
            "there is no checkpoint",
        ),
        ("UPDATE entries SET idx = 12 WHERE idx = 9", "recorded indices"),
        ("UPDATE leaves SET hash = zeroblob(32) WHERE idx = 3", "entry 3 does not"),
        ("DELETE FROM leaves WHERE idx = 3", "entry 3 does not"),
        ("INSERT INTO leaves VALUES (10, zeroblob(32))", "recorded leaves"),
        ("INSERT INTO nodes VALUES (1, 0, zeroblob(32))", "recorded nodes"),
        ("UPDATE signals SET magnitude_bp = 1 WHERE idx = 2", "entry 2 and its row"),
        ("DELETE FROM signals WHERE idx = 2", "entry 2 and its row"),
        ("INSERT INTO signals VALUES (6, 'AAPL', 'BUY', 1, 1, 6)", "entry 6 and its row"),
        ("INSERT INTO signals VALUES (12, 'AAPL', 'BUY', 1, 1, 12)", "recorded signals"),
        ("UPDATE signals SET revealed = NULL WHERE idx = 7", "recorded reveals"),
        ("UPDATE signals SET revealed = 9 WHERE idx = 3", "recorded reveals"),
        ("UPDATE standing SET idx = 0", "recorded newest signals"),
        ("UPDATE outcomes SET idx = 8", "recorded outcomes"),
        ("DELETE FROM outcomes", "recorded outcomes"),
        ("UPDATE heads SET sequences = '{}' WHERE size = 7", "sequences of checkpoint 7"),
        ("UPDATE heads SET last_decided_us = 5 WHERE size = 10", "decision of checkpoint 10"),
        ("UPDATE heads SET signals = 5 WHERE size = 10", "number of signals of checkpoint 10"),
        ("UPDATE heads SET peaks = zeroblob(64) WHERE size = 6", "peaks of checkpoint 6"),
        ("UPDATE heads SET size = 9 WHERE size = 10", "there is no checkpoint"),
        ("UPDATE heads SET size = 0 WHERE size = 6", "size of checkpoint 0"),
        ("DELETE FROM heads WHERE size = 10", "there is no checkpoint"),
        ("DELETE FROM heads WHERE size = 6", "cosignature of 6 entries"),
        ("UPDATE heads SET note = 'text' WHERE size = 7", "checkpoint 7: note"),
        ("UPDATE heads SET fence = 2 WHERE size = 7", "of 7 entries was written under an old"),
        ("UPDATE heads SET fence = 0 WHERE size = 6", "of 6 entries was written under an old"),
        ("UPDATE leases SET token = 2", "leases are not numbered"),
        ("UPDATE cosignatures SET time_s = 5 WHERE size = 6", "cosignature of 6 entries: line"),
        ("UPDATE cosignatures SET line = 'text' WHERE size = 6", "cosignature of 6 entries: sig"),
        ("UPDATE cosignatures SET key = 'text' WHERE size = 6", "cosignature of 6 entries: key"),
        ("UPDATE cosignatures SET size = 7 WHERE size = 6", "cosignature of 7 entries: line"),
        ("UPDATE capsules SET data = x'7b7d' WHERE rowid = 1", "has another hash"),
        ("UPDATE capsules SET data = 'text' WHERE rowid = 1", "has another hash"),
        ("DELETE FROM capsules WHERE rowid = 1", "is missing"),
        ("UPDATE sealed SET nonce = zeroblob(32)", "has another commitment"),
        ("UPDATE sealed SET nonce = x'00'", "has another commitment"),
        ("UPDATE sealed SET body = 'text'", "entry 7: body"),
        ("DELETE FROM sealed", "is missing"),
        ("INSERT INTO sealed SELECT 'c', nonce, body FROM sealed", "has another commitment"),
        ("CREATE TABLE notes (line TEXT)", "tables or triggers"),
        ("DROP INDEX idx_signals_decided_us", "tables or triggers"),
    ],
)
def test_a_change_is_found_and_named(path: Path, sql: str, problem: str) -> None:
    tamper(path, (sql, []))
    found = verify(path, TRUST)
    assert not found.verified
    assert any(problem in one for one in found.problems), found.problems


@pytest.mark.parametrize("drop", ["TRIGGER entries_no_update", "TABLE signals", "TABLE entries"])
def test_a_dropped_part_is_found(path: Path, drop: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(f"DROP {drop}")
    db.close()
    assert any("triggers" in one for one in verify(path).problems)


def test_a_capsule_nobody_names_is_found(path: Path) -> None:
    empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    tamper(path, ("INSERT INTO capsules VALUES (?, x'7b7d')", [empty]))
    assert verify(path).problems == (f"capsule {empty} is named by no entry",)


def replaced(path: Path, index: int, data: bytes) -> None:
    """Replace an entry together with its leaf, as a careful forger would."""
    tamper(
        path,
        ("UPDATE entries SET data = ? WHERE idx = ?", [data, index]),
        ("UPDATE leaves SET hash = ? WHERE idx = ?", [leaf_hash(data), index]),
    )


def test_an_edit_with_its_leaf_recomputed_is_found_by_every_checkpoint_after(path: Path) -> None:
    root = verify(path).root
    replaced(path, 3, encode_entry({**decode(ENTRIES[3]), "reasoning": "because"}))
    found = verify(path)
    assert sum("is signed for another tree" in one for one in found.problems) == 4
    assert found.root != root


def test_two_entries_that_changed_places_are_found(path: Path) -> None:
    replaced(path, 1, ENTRIES[2])
    replaced(path, 2, ENTRIES[1])
    assert any("from seq 0 to 2" in one for one in verify(path).problems)


def test_a_deleted_entry_with_those_after_it_renumbered_is_found(path: Path) -> None:
    tamper(
        path,
        *(
            (f"DELETE FROM {table} WHERE idx = 4", [])  # noqa: S608 - ours
            for table in ("entries", "leaves", "signals")
        ),
        *(
            (f"UPDATE {table} SET idx = idx - 1 WHERE idx > 4", [])  # noqa: S608 - ours
            for table in ("entries", "leaves", "signals")
        ),
    )
    problems = verify(path).problems
    assert any("goes from seq 3 to 5" in one for one in problems)
    assert any("signed for another tree" in one for one in problems)


def test_an_entry_of_another_log_or_kind_is_found(path: Path) -> None:
    replaced(path, 6, tiny_quiet(6, log="other.example/log"))
    assert any("belongs to the log other.example/log" in one for one in verify(path).problems)
    replaced(path, 6, encode({**decode(tiny_quiet(6)), "kind": "rumour"}))
    assert any("'rumour' is unknown" in one for one in verify(path).problems)


@pytest.mark.parametrize(
    ("index", "data", "problem"),
    [
        (8, tiny_reveal(8, tiny_sealed(7), 6), "reveals entry 6, which is no commit"),
        (8, tiny_reveal(8, tiny_sealed(5), 7), "something else than entry 7 commits to"),
        (9, tiny_outcome(9, ENTRIES[0], 6), "entry 6 is no signal that waits"),
        (9, tiny_outcome(9, ENTRIES[1], 0), "does not name the signal at entry 0 rightly"),
        (7, tiny_commit(tiny_sealed(7, direction="SELL")), "entry 7: body: it is missing"),
    ],
)
def test_what_refers_to_the_wrong_entry_is_found(
    path: Path, index: int, data: bytes, problem: str
) -> None:
    replaced(path, index, data)
    assert any(problem in one for one in verify(path).problems), verify(path).problems


def test_a_body_that_is_not_its_commits_signal_is_found(path: Path) -> None:
    other = tiny_sealed(7, strategy="beta")
    commit = encode_entry({**decode(tiny_commit(tiny_sealed(7))), "commitment": other.commitment})
    replaced(path, 7, commit)
    tamper(
        path,
        ("UPDATE sealed SET commitment = ?, nonce = ?, body = ?", [*opened(other)]),
    )
    assert any("commits to what is not its signal" in one for one in verify(path).problems)


def opened(sealed: Sealed) -> tuple[object, ...]:
    return sealed.commitment, sealed.nonce, sealed.body


def forged(path: Path, size: int, signer: FakeSigner) -> None:
    """Sign what the file's first `size` entries are now, as if it had always been so."""
    frontier = Frontier().extend(map(leaf_hash, stored(path)[:size]))
    note = sign_checkpoint(Checkpoint(LOG, size, frontier.root()), SIGNER.key, signer.sign)
    tamper(
        path,
        (
            "UPDATE heads SET peaks = ?, note = ? WHERE size = ?",
            [b"".join(frontier.peaks), note.encode(), size],
        ),
    )


def test_a_stranger_who_recomputes_everything_cannot_sign_it(path: Path) -> None:
    replaced(path, 5, encode_entry({**decode(ENTRIES[5]), "reasoning": "because"}))
    for size in (6, 7, 8, 10):
        forged(path, size, FakeSigner("stranger.example/log"))
    tamper(path, ("DELETE FROM cosignatures", []))
    assert verify(path).problems == ()
    found = verify(path, TRUST)
    assert found.problems[0].startswith(f"checkpoint 6 has no good signature by {LOG}")


def test_an_insider_who_signs_everything_anew_is_given_away_by_the_witness(path: Path) -> None:
    # A file can always be made to agree with itself; what others cosigned cannot.
    root = verify(path).root
    replaced(path, 5, encode_entry({**decode(ENTRIES[5]), "reasoning": "because"}))
    for size in (6, 7, 8, 10):
        forged(path, size, SIGNER)
    assert verify(path).problems == ()
    assert [one[:29] for one in verify(path, TRUST).problems] == [
        "a cosignature of 6 entries: l",
        "a cosignature of 10 entries: ",
    ]
    tamper(path, ("DELETE FROM cosignatures", []))
    found = verify(path, TRUST)
    assert (found.problems, found.cosigned_size) == ((), None)
    assert found.root != root


def test_the_file_alone_cannot_tell_that_it_was_cut_back_to_an_older_checkpoint(
    path: Path,
) -> None:
    # Whoever has seen a larger checkpoint can: that is what witnesses are for.
    tamper(
        path,
        *(
            (f"DELETE FROM {table} WHERE idx >= 6", [])  # noqa: S608 - ours
            for table in ("entries", "leaves", "signals")
        ),
        *((f"DELETE FROM {table} WHERE size > 6", []) for table in ("heads", "cosignatures")),  # noqa: S608 - ours
        ("DELETE FROM sealed", []),
        ("DELETE FROM outcomes", []),
        ("UPDATE standing SET idx = 3 WHERE symbol = 'AAPL'", []),
        ("DELETE FROM capsules WHERE sha256 = ?", [sha256_hex(tiny_capsule(7))]),
    )
    found = verify(path, TRUST)
    assert (found.size, found.problems, found.cosigned_size) == (6, (), 6)


def test_another_logs_key_verifies_nothing(path: Path) -> None:
    other = Trust(Policy(FakeSigner("other.example/log").key), fake_verify)
    assert f"the key is of other.example/log, and this is the log {LOG}" in (
        verify(path, other).problems
    )


def test_a_second_signature_under_a_checkpoint_is_found(path: Path) -> None:
    db = sqlite3.connect(path)
    (note,) = db.execute("SELECT note FROM heads WHERE size = 7").fetchone()
    db.close()
    twice = parse_note(note).with_lines(cosign("text\n", 1, WITNESS.key, WITNESS.sign))
    tamper(path, ("UPDATE heads SET note = ? WHERE size = 7", [twice.encode()]))
    assert "checkpoint 7 has other signatures than the log's own" in verify(path).problems


def test_the_list_of_problems_is_bounded(path: Path) -> None:
    tamper(
        path,
        ("UPDATE entries SET data = x'00'", []),
        ("UPDATE capsules SET data = x'00'", []),
        ("DELETE FROM signals", []),
    )
    assert len(verify(path).problems) == MAX_PROBLEMS
