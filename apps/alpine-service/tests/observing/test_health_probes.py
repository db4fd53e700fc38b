"""Health: what each probe finds, and what follows from all of them."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from attrs import define, frozen
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.disk_probe import DiskProbe
from alpine_service.adapters.machine import MachineProbe, ProcessProbe
from alpine_service.adapters.observers.metrics import Metrics
from alpine_service.adapters.postgres.database import open_database
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.inspecting import takes_writes
from alpine_service.adapters.postgres.probes import (
    PoolProbe,
    SchemaProbe,
    SkewProbe,
    answers_probe,
    mail_probe,
    outbox_probe,
    write_probe,
)
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.adapters.secrets.ed25519 import make_signer, verify_ed25519
from alpine_service.api.app import build_app
from alpine_service.api.closing import closing
from alpine_service.api.internal import About, build_internal_app
from alpine_service.api.keys import HEALTH
from alpine_service.api.meta_routes import ROUTES
from alpine_service.domain.feed.verifier_key import Algorithm
from alpine_service.errors import DatabaseAway
from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.services.draining import Draining
from alpine_service.services.health import KEPT_S, Health
from alpine_service.services.heartbeat import Heartbeat
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.probes import (
    IngestProbe,
    LogProbe,
    StreamProbe,
    TasksProbe,
    WitnessProbe,
)
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_platform import Fakes
from alpine_service.testing.members import signal_members, strategy_members
from alpine_service.testing.postgres import TestDatabase
from alpine_service.testing.reader import open_reader
from alpine_service.testing.small_log import SmallLog

LOG = "argo.example/log"


@define
class PlainProbe:
    """Finds what it is told to."""

    name: str
    level: Level = Level.DEEP
    finding: Finding = Finding()
    error: Exception | None = None
    hangs: bool = False
    asked: int = 0

    async def check(self) -> Finding:
        self.asked += 1
        if self.hangs:
            await asyncio.Event().wait()
        if self.error:
            raise self.error
        return self.finding


async def test_each_level_looks_at_what_those_before_it_do() -> None:
    ready, deep = PlainProbe("database", Level.READY), PlainProbe("ingest")
    health = Health((ready, deep), FakeClock())

    assert set((await health.report(Level.LIVE)).findings) == set()
    assert set((await health.report(Level.READY)).findings) == {"database"}
    assert set((await health.report(Level.DEEP)).findings) == {"database", "ingest"}


async def test_the_worst_finding_is_the_condition() -> None:
    amiss = PlainProbe("ingest", finding=Finding(Condition.DEGRADED))
    well = PlainProbe("disk")

    assert (await Health((well,), FakeClock()).report(Level.DEEP)).condition is Condition.OK
    report = await Health((amiss, well), FakeClock()).report(Level.DEEP)
    assert report.condition is Condition.DEGRADED


async def test_a_probe_that_hangs_or_fails_is_down_and_the_others_are_seen() -> None:
    probes = (
        PlainProbe("slow", hangs=True),
        PlainProbe("broken", error=DatabaseAway("gone")),
        PlainProbe("mistaken", error=KeyError("hush-hush")),
        PlainProbe("well"),
    )

    report = await Health(probes, FakeClock(), patience_s=0.02).report(Level.DEEP)

    assert report.condition is Condition.DOWN
    assert report.findings["slow"].problem == "no answer in time"
    assert report.findings["broken"].problem == "gone"
    assert report.findings["mistaken"].problem == "a mistake of ours: KeyError"
    assert report.findings["well"].condition is Condition.OK


async def test_asking_often_looks_once_a_second() -> None:
    clock, probe = FakeClock(), PlainProbe("disk")
    health = Health((probe,), clock)

    await asyncio.gather(*(health.report(Level.DEEP) for _ in range(9)))
    await health.report(Level.DEEP)
    assert probe.asked == 1
    await clock.advance(KEPT_S)
    await health.report(Level.DEEP)
    assert probe.asked == 2


async def test_what_is_known_to_have_changed_is_looked_at_anew() -> None:
    draining, slow = Draining(), PlainProbe("slow", Level.READY, hangs=True)
    clock = FakeClock()
    health = Health((draining, slow), clock, patience_s=0.05)
    looking = asyncio.create_task(health.report(Level.READY))
    await clock.advance(0)

    draining.begin()
    health.forget()
    slow.hangs = False
    report = await health.report(Level.READY)
    await looking

    assert report.findings["draining"].condition is Condition.DOWN
    # The look that began before does not take the place of the one after it.
    assert await health.report(Level.READY) is report


async def test_whoever_drains_is_alive_and_not_ready(aiohttp_client: AiohttpClient) -> None:
    draining = Draining()
    health = Health((draining,), FakeClock())
    app = build_app(Fakes().platform(services={HEALTH: health}), ROUTES)
    app.on_response_prepare.append(closing(draining))
    client = await aiohttp_client(app)
    before = await client.get("/health?level=ready")

    draining.begin()
    health.forget()
    ready, live = await client.get("/health?level=ready"), await client.get("/health")

    assert (before.status, ready.status, live.status) == (200, 503, 200)
    # Proxies keep connections, and must not send on one that is about to close.
    assert "close" not in before.headers.get("Connection", "")
    assert ready.headers["Connection"] == live.headers["Connection"] == "close"


async def test_the_heart_tells_how_late_it_beat() -> None:
    clock, told = FakeClock(), list[float]()
    beat = Heartbeat(clock, told.append)
    beating = asyncio.create_task(beat.run())
    await clock.advance(1)
    assert (await beat.check()).facts == {"uptime_s": 1.0, "lag_s": 0.0}
    assert told == [0.0] * 4

    late = Heartbeat(LateClock(1.5))
    waiting = asyncio.create_task(late.run())
    await clock.advance(0)
    found = await late.check()
    for task in (beating, waiting):
        task.cancel()
    await asyncio.gather(beating, waiting, return_exceptions=True)

    assert found.problem == "the event loop comes late to what is due"
    assert found.facts["lag_s"] == 1.5


class LateClock(FakeClock):
    """Comes back late from the first sleep, and never from the second."""

    def __init__(self, late_s: float) -> None:
        super().__init__()
        self._late_s = late_s
        self._slept = False

    async def sleep(self, seconds: float) -> None:
        if self._slept:
            await asyncio.Event().wait()
        self._slept = True
        self._move(self.monotonic() + seconds + self._late_s)


@frozen
class PlainTask:
    name: str
    well: bool

    def is_well(self, now: float) -> bool:
        return self.well


async def test_a_task_that_is_not_well_is_named() -> None:
    probe = TasksProbe(
        lambda: (PlainTask("courier", False), PlainTask("ingest", True)), FakeClock()
    )

    found = await probe.check()

    assert found == Finding(Condition.DEGRADED, {"running": 1, "ill": 1}, "not well: courier")
    well = TasksProbe(lambda: (PlainTask("ingest", True),), FakeClock())
    assert (await well.check()).condition is Condition.OK


async def test_listeners_are_counted() -> None:
    assert (await StreamProbe(lambda: 7).check()).facts == {"listeners": 7}


async def test_a_database_that_is_well_is_found_well(database: TestDatabase) -> None:
    now = await database.app.fetchval("SELECT clock_timestamp()")
    clock = FakeClock(now)

    for probe in (
        answers_probe(database.app),
        SchemaProbe(database.app),
        write_probe(database.app),
        PoolProbe(database.app, clock),
        SkewProbe(database.app, clock),
        outbox_probe(database.app, clock),
        mail_probe(database.app, clock),
    ):
        assert (await probe.check()).condition is Condition.OK, probe.name


async def test_a_database_that_is_not_is_found_out(database: TestDatabase) -> None:
    async with database.owner.connection() as connection:
        await connection.execute("DELETE FROM migrations WHERE number = 1")
        name = await connection.fetchval("SELECT current_database()")
        await connection.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    health = Health((SchemaProbe(database.app), SkewProbe(database.app, FakeClock())), FakeClock())

    report = await health.report(Level.DEEP)

    assert report.findings["migrations"].condition is Condition.DOWN
    assert report.findings["clock"].condition is Condition.DOWN


async def test_a_trial_write_leaves_nothing_behind(database: TestDatabase) -> None:
    assert await takes_writes(database.app)
    assert await database.app.fetchval("SELECT count(*) FROM mail_queue") == 0


async def test_a_connection_that_is_waited_for_is_told(database: TestDatabase) -> None:
    clock = LateClock(0)
    async with open_database(database.urls.app, size=2) as small:
        found = await PoolProbe(small, clock).check()

    assert found.facts == {"open": 1, "idle": 1, "limit": 2, "wait_s": 0.0}


async def test_what_waits_too_long_is_found_out(database: TestDatabase) -> None:
    clock = FakeClock()
    await database.app.execute(
        "INSERT INTO mail_queue (id, recipient, subject, text, headers, queued_at, next_at)"
        " VALUES ('m', 'a@b.example', 's', 't', $1, $2, $2)",
        {},
        clock.now(),
    )
    await clock.advance(301)

    found = await mail_probe(database.app, clock).check()

    assert found.condition is Condition.DEGRADED
    assert found.facts == {"pending": 1, "oldest_s": 301}


async def test_a_log_that_is_silent_halted_or_refused_is_said_so(database: TestDatabase) -> None:
    clock = FakeClock()
    standing = IngestStanding(PostgresQuarantine(database.app), clock, FakeObserver(), LOG)
    probe = IngestProbe(standing)
    assert (await probe.check()).problem == "the log was not heard for long"

    await database.app.execute(
        "INSERT INTO feed_head (log, size, root, nodes, note, read_at, heard_at)"
        " VALUES ($1, 0, $2, '', '', $3, $3)",
        LOG,
        bytes(32),
        clock.now(),
    )
    assert (await probe.check()).condition is Condition.OK

    async def refuse(digest: bytes, *, halts: bool) -> None:
        await database.app.execute(
            "INSERT INTO quarantine (log, at, reason, problem, halts, digest, last_at)"
            " VALUES ($1, $2, 'x', 'y', $3, $4, $2)",
            LOG,
            clock.now(),
            halts,
            digest,
        )

    await refuse(b"1", halts=False)
    assert (await probe.check()).problem == "something of the log was refused"
    await refuse(b"2", halts=True)
    found = await probe.check()
    assert found.problem == "two histories under the log's signatures: nothing is read"
    assert found.facts["quarantined"] == 2


async def test_our_own_record_is_checked_against_what_was_signed(database: TestDatabase) -> None:
    async with SmallLog() as log, open_reader(log, database.app) as reader:
        probe = LogProbe(reader.store, log.key, verify_ed25519)
        assert (await probe.check()).facts == {"entries": 0}
        await log.append(strategy_members("open"), signal_members("one"))
        await reader.catch_up()
        found = await probe.check()
        other = make_signer(log.name, bytes(32), Algorithm.CHECKPOINT).verifier_key
        stranger = await LogProbe(reader.store, other, verify_ed25519).check()
        await database.owner.execute("UPDATE feed_head SET nodes = sha256('x')")
        tampered = await probe.check()

    assert found == Finding(facts={"entries": 2})
    assert stranger.problem == "the stored checkpoint is not the log's"
    assert tampered.problem == "the stored tree is not what was signed"


async def test_a_witness_of_another_history_is_down(database: TestDatabase) -> None:
    probe = WitnessProbe(PostgresFeed(database.app), LOG)
    assert (await probe.check()).condition is Condition.OK
    root, other = bytes(32), bytes(range(32))
    await database.app.execute("INSERT INTO checkpoints VALUES (3, $1, 'note', NULL, now())", root)
    await database.app.execute("INSERT INTO witness_head VALUES ($1, 3, $2, 'note', 77)", LOG, root)
    assert (await probe.check()).facts == {"cosigned": 3, "cosigned_s": 77, "behind": 0}
    await database.app.execute("UPDATE witness_head SET root = $1", other)
    assert (await probe.check()).problem == "the witness cosigned another history"


async def test_a_disk_that_is_nearly_full_or_gone_is_found_out(tmp_path: Path) -> None:
    assert (await DiskProbe(tmp_path, least_free_bytes=0).check()).condition is Condition.OK
    full = await DiskProbe(tmp_path, least_free_bytes=2**62).check()
    assert full.condition is Condition.DEGRADED
    assert (await DiskProbe(tmp_path / "gone").check()).condition is Condition.DOWN
    none = DiskProbe(tmp_path, no_room_bytes=2**62)
    assert (await none.check()).problem == "the disk is full"


async def test_the_machine_is_described() -> None:
    probe = MachineProbe()
    await probe.check()
    found = await probe.check()

    assert 0 < float(found.facts["memory_ratio"] or 0) < 1
    assert int(found.facts["memory_bytes"] or 0) > 2**20
    assert float(found.facts["load"] or 0) >= 0


async def test_memory_that_is_nearly_all_taken_is_found_out(tmp_path: Path) -> None:
    (tmp_path / "stat").write_text("cpu  10 0 10 80 0 0 0 0 0 0\n")
    (tmp_path / "loadavg").write_text("0.5 0.4 0.3 1/2 3\n")
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\nMemAvailable: 40 kB\n")
    probe = MachineProbe(tmp_path)

    found = await probe.check()
    (tmp_path / "stat").write_text("cpu  40 0 20 120 20 0 0 0 0 0\n")
    later = await probe.check()

    assert found.problem == "memory is nearly all taken"
    assert found.facts["memory_ratio"] == 0.96
    # Of a hundred ticks since, sixty were idle or waited for a disk.
    assert later.facts["cpu_ratio"] == 0.4
    assert (await MachineProbe(tmp_path / "elsewhere").check()).facts == {}
    (tmp_path / "meminfo").write_text("MemTotal: 1000 kB\n")
    assert (await MachineProbe(tmp_path).check()).facts == {}


async def test_our_process_is_described(tmp_path: Path) -> None:
    found = await ProcessProbe().check()

    assert int(found.facts["resident_bytes"] or 0) > 2**20
    assert int(found.facts["open_files"] or 0) > 2
    assert "open_files" not in (await ProcessProbe(tmp_path).check()).facts


@pytest.fixture
def health() -> Health:
    probes = (
        PlainProbe("database", Level.READY),
        PlainProbe("ingest", finding=Finding(Condition.DOWN, {"size": 3}, "a fork")),
        PlainProbe("loop", error=DatabaseAway("stuck")),
    )
    return Health(probes, FakeClock())


async def test_the_operator_sees_everything(aiohttp_client: AiohttpClient, health: Health) -> None:
    about = About(build="1a2b", instance="blue")
    client = await aiohttp_client(build_internal_app(health, Metrics(), about))

    ready = await client.get("/health?level=ready")
    deep = await client.get("/health")

    assert (ready.status, deep.status) == (200, 503)
    body = await deep.json()
    assert (body["status"], body["instance"], body["build"]) == ("down", "blue", "1a2b")
    assert body["uptime_s"] is None
    assert body["probes"] == {
        "database": {"status": "ok"},
        "ingest": {"status": "down", "problem": "a fork", "size": 3},
        "loop": {"status": "down", "problem": "stuck"},
    }
    assert (await client.get("/health?level=depth")).status == 400


async def test_metrics_have_what_probes_found(
    aiohttp_client: AiohttpClient, health: Health
) -> None:
    client = await aiohttp_client(build_internal_app(health, Metrics()))

    response = await client.get("/metrics")

    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert "alpine_ingest_size 3.0" in await response.text()


async def test_everybody_else_sees_one_word(aiohttp_client: AiohttpClient, health: Health) -> None:
    services: dict[web.AppKey[Health], object] = {HEALTH: health}
    client = await aiohttp_client(build_app(Fakes().platform(services=services), ROUTES))

    live = await client.get("/health")
    deep = await client.get("/health?level=deep")

    assert (live.status, (await live.json())["status"]) == (200, "ok")
    assert (deep.status, (await deep.json())["status"]) == (503, "down")
    assert "fork" not in await deep.text()
    assert (await client.get("/health?level=x")).status == 400
