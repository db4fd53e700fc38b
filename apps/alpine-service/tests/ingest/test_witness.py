"""The witness: it answers as the protocol says, remembers first, and keeps what it was shown."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from copy import deepcopy

import pytest
from aiohttp import ClientSession, web
from attrs import frozen

from alpine_service.adapters.postgres.database import Database
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.postgres.witness_store import PostgresWitness
from alpine_service.adapters.secrets.ed25519 import make_signer, verify_ed25519
from alpine_service.api import keys
from alpine_service.api.witness_routes import add_checkpoint
from alpine_service.domain.feed.add_checkpoint import write_add_checkpoint
from alpine_service.domain.feed.cosignature import cosigned_at
from alpine_service.domain.feed.note import read_lines, write_line
from alpine_service.domain.feed.proof_file import read_proof_file
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.ports.tracing import UNTRACED, Tracer
from alpine_service.services.proofs import Proofs
from alpine_service.services.rejecting import Rejecting
from alpine_service.services.witness import Witness
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_tracer import FakeTracer
from alpine_service.testing.lies import LIES
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import open_reader
from alpine_service.testing.small_log import SmallLog

SIGNER = make_signer("alpine.example/witness", b"\x21" * 32, Algorithm.COSIGNATURE)


@frozen
class Stand:
    """A witness, and what it uses."""

    witness: Witness
    quarantine: PostgresQuarantine
    observer: FakeObserver
    clock: FakeClock


def witness_of(log: SmallLog, database: Database, tracer: Tracer = UNTRACED) -> Stand:
    clock, observer = FakeClock(), FakeObserver()
    quarantine = PostgresQuarantine(database)
    rejecting = Rejecting(quarantine, observer, clock, log.name)
    store = PostgresWitness(database)
    witness = Witness(log.key, SIGNER, store, rejecting, verify_ed25519, clock, observer, tracer)
    return Stand(witness, quarantine, observer, clock)


@asynccontextmanager
async def served(witness: Witness) -> AsyncIterator[str]:
    app = web.Application()
    app[keys.WITNESS] = witness
    app.router.add_post("/add-checkpoint", add_checkpoint)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    try:
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


def request_of(log: SmallLog, old_size: int, size: int) -> bytes:
    proof = log.record.consistency(old_size, size)
    return write_add_checkpoint(old_size, proof, log.sign(size))


async def test_a_log_that_grows_is_cosigned_over_http(database: TestDatabase) -> None:
    async with SmallLog() as log:
        stand = witness_of(log, database.app)
        async with served(stand.witness) as url:
            log.witness_urls = (url,)
            await log.append(strategy_members())
            await log.append(signal_members("one"), signal_members("two"))
            assert log.refusals == []
        now_s = int(stand.clock.now().timestamp())
        async with open_reader(log, database.app, witnesses=[SIGNER.verifier_key]) as reader:
            await reader.catch_up()
            rows = await database.app.fetch("SELECT official_s FROM signals")
            assert [row["official_s"] for row in rows] == [now_s, now_s]


async def test_a_request_to_cosign_is_a_span_with_what_was_answered(database: TestDatabase) -> None:
    log, tracer = SmallLog(), FakeTracer()
    log.add(signal_members("one"))
    witness = witness_of(log, database.app, tracer).witness
    await witness.add_checkpoint(request_of(log, 0, 1))
    log.add(signal_members("two"))
    await witness.add_checkpoint(request_of(log, 0, 2))
    # What nobody signed has no turn, and so no span: strangers are not to fill traces.
    await witness.add_checkpoint(b"nothing")

    assert [(each.name, each.facts) for each in tracer.spans] == [
        ("witness.cosign", {"status": 200}),
        ("witness.cosign", {"status": 409}),
    ]


async def test_where_it_stands_is_told_in_the_type_of_the_protocol(database: TestDatabase) -> None:
    log = SmallLog()
    for number in range(3):
        log.add(signal_members(f"{number}"))
    stand = witness_of(log, database.app)
    await stand.witness.add_checkpoint(request_of(log, 0, 2))
    async with served(stand.witness) as url, ClientSession() as session:
        async with session.post(f"{url}/add-checkpoint", data=request_of(log, 0, 3)) as response:
            assert response.status == 409
            assert await response.read() == b"2\n"
            assert response.headers["Content-Type"] == "text/x.tlog.size"
        async with session.post(f"{url}/add-checkpoint", data=request_of(log, 2, 3)) as response:
            assert response.status == 200
            assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
            (line,) = read_lines(await response.text())
        text = log.sign(3).partition(b"\n\n")[0].decode() + "\n"
        assert cosigned_at(SIGNER.verifier_key, text, line, verify_ed25519) is not None


async def test_what_is_wrong_with_a_request_is_answered_as_the_page_says(
    database: TestDatabase,
) -> None:
    log, other = SmallLog(), SmallLog(name="other.example/log")
    for number in range(4):
        log.add(signal_members(f"{number}"))
    witness = witness_of(log, database.app).witness

    async def status(request: bytes) -> int:
        return (await witness.add_checkpoint(request)).status

    assert await status(b"nonsense") == 400
    assert await status(write_add_checkpoint(0, (), other.sign(0))) == 404
    stranger = make_signer(log.name, b"\x66" * 32, Algorithm.CHECKPOINT)
    text = log.sign(2).partition(b"\n\n")[0] + b"\n"
    forged = text + b"\n" + write_line(log.key, stranger.sign(text)).encode()
    assert await status(write_add_checkpoint(0, (), forged)) == 403
    assert await status(write_add_checkpoint(3, (), log.sign(2))) == 400
    assert await status(request_of(log, 0, 2)) == 200
    assert await status(request_of(log, 0, 4)) == 409
    assert await status(write_add_checkpoint(2, (b"\x07" * 32,), log.sign(4))) == 422
    assert await status(request_of(log, 2, 4)) == 200
    assert await status(request_of(log, 4, 4)) == 200


async def test_it_stands_where_it_stood_after_a_restart(database: TestDatabase) -> None:
    log = SmallLog()
    for number in range(3):
        log.add(signal_members(f"{number}"))
    await witness_of(log, database.app).witness.add_checkpoint(request_of(log, 0, 3))
    again = witness_of(log, database.app).witness
    answer = await again.add_checkpoint(request_of(log, 0, 2))
    assert (answer.status, answer.body) == (409, b"3\n")


async def test_two_histories_are_never_both_cosigned(database: TestDatabase) -> None:
    log = SmallLog()
    for number in range(4):
        log.add(signal_members(f"{number}"))
    fork = SmallLog()
    for number in range(4):
        fork.add(signal_members(f"other-{number}"))
    one, other = witness_of(log, database.app), witness_of(log, database.app)
    answers = await asyncio.gather(
        one.witness.add_checkpoint(request_of(log, 0, 4)),
        other.witness.add_checkpoint(request_of(fork, 0, 4)),
    )
    assert sorted(each.status for each in answers) == [200, 409]


@pytest.mark.parametrize("old_size", [0, 4])
async def test_a_fork_that_it_is_shown_is_kept_and_halts_the_reading(
    old_size: int, database: TestDatabase
) -> None:
    async with SmallLog() as log:
        await log.append(*(signal_members(f"{number}") for number in range(4)))
        stand = witness_of(log, database.app)
        await stand.witness.add_checkpoint(request_of(log, 0, 4))
        honest = log.checkpoint
        LIES["forked_head"].tell(log)
        request = write_add_checkpoint(old_size, (), log.checkpoint)
        assert (await stand.witness.add_checkpoint(request)).status == 409
        (kept,) = await stand.quarantine.listed(resolved=False, limit=9)
        assert (kept.reason, kept.halts) == ("fork", True)
        assert await stand.quarantine.evidence(kept.id, "checkpoint") == log.checkpoint
        witnessed = await stand.quarantine.evidence(kept.id, "witnessed checkpoint")
        assert witnessed is not None
        assert witnessed.startswith(honest)
        async with open_reader(log, database.app) as reader:
            await reader.catch_up()
            assert await reader.events() == []


async def test_a_bad_proof_is_kept_once_and_halts_nothing(database: TestDatabase) -> None:
    log = SmallLog()
    for number in range(4):
        log.add(signal_members(f"{number}"))
    stand = witness_of(log, database.app)
    await stand.witness.add_checkpoint(request_of(log, 0, 2))
    for byte in range(3):
        proof = (bytes([byte]) * 32,)
        answer = await stand.witness.add_checkpoint(write_add_checkpoint(2, proof, log.sign(4)))
        assert answer.status == 422
    (kept,) = await stand.quarantine.listed(resolved=False, limit=9)
    assert (kept.reason, kept.halts, kept.times) == ("bad-consistency", False, 3)


async def test_a_log_that_shows_its_witness_another_history_is_found_out(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(*(signal_members(f"{number}") for number in range(3)))
        await reader.catch_up()
        private = deepcopy(log.record)
        shown = SmallLog()
        shown.record = private
        shown.add(signal_members("for the witness"))
        shown.add(signal_members("for the witness as well"))
        witness = witness_of(log, database.app).witness
        assert (await witness.add_checkpoint(request_of(shown, 0, 4))).status == 200
        before = await reader.events()
        await log.append(signal_members("for the public"), signal_members("and more"))
        await reader.catch_up()
        assert await reader.events() == before
        (refused,) = await reader.refused()
        assert (refused.reason, refused.halts) == ("fork", True)
        assert "witnessed checkpoint" in refused.evidence


async def test_a_witness_that_is_of_the_same_size_and_another_root_is_a_fork(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        shown = SmallLog()
        shown.add(signal_members("another"))
        witness = witness_of(log, database.app).witness
        await witness.add_checkpoint(request_of(shown, 0, 1))
        await reader.catch_up()
        assert await reader.events() == []
        assert [each.reason for each in await reader.refused()] == ["fork"]


async def test_a_witness_that_is_shown_another_past_is_compared_with_what_is_stored(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(*(signal_members(f"{number}") for number in range(3)))
        await reader.catch_up()
        shown = SmallLog()
        shown.add(signal_members("another"))
        shown.add(signal_members("and another"))
        await witness_of(log, database.app).witness.add_checkpoint(request_of(shown, 0, 2))
        await reader.ingest.look()
        assert [each.reason for each in await reader.refused()] == ["fork"]


async def test_what_our_witness_cosigned_is_the_official_time_and_in_the_proof(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(*(signal_members(f"{number}") for number in range(3)))
        stand = witness_of(log, database.app)
        await reader.catch_up()
        proofs = Proofs(reader.store)
        assert read_proof_file(await proofs.proof_file(1)).checkpoint.data == log.checkpoint
        await stand.witness.add_checkpoint(request_of(log, 0, 3))
        await reader.catch_up()
        now_s = int(stand.clock.now().timestamp())
        rows = await database.app.fetch("SELECT official_s FROM signals")
        assert {row["official_s"] for row in rows} == {now_s}
        note = read_proof_file(await proofs.proof_file(1)).checkpoint.note
        assert [line.name for line in note.lines] == [log.name, SIGNER.verifier_key.name]
        (line,) = note.by(SIGNER.verifier_key)
        assert cosigned_at(SIGNER.verifier_key, note.text, line, verify_ed25519) == now_s

        # Where the log has our signature already it is not there twice.
        log.cosigners = (SIGNER,)
        await log.append(signal_members("four"))
        await stand.witness.add_checkpoint(request_of(log, 3, 4))
        await reader.catch_up()
        note = read_proof_file(await proofs.proof_file(1)).checkpoint.note
        assert len(note.lines) == 2


async def test_a_witness_ahead_of_the_public_log_vouches_for_what_was_read(
    database: TestDatabase,
) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        await log.append(signal_members("one"))
        log.add(signal_members("two"))
        stand = witness_of(log, database.app)
        await stand.witness.add_checkpoint(request_of(log, 0, 2))
        await reader.catch_up()
        assert await database.app.fetchval("SELECT official_s FROM signals") is None
        await log.publish()
        await reader.catch_up()
        rows = await database.app.fetch("SELECT official_s FROM signals")
        assert {row["official_s"] for row in rows} == {int(stand.clock.now().timestamp())}


async def test_the_store_is_empty_before_the_first_time(database: TestDatabase) -> None:
    assert await PostgresFeed(database.app).witness_head("publisher.example/log") is None
    log = SmallLog()
    await witness_of(log, database.app).witness.add_checkpoint(request_of(log, 0, 0))
    assert await PostgresFeed(database.app).witness_head(log.name) is None
