"""Health: what each probe finds, and what follows from all of them."""

import asyncio
from pathlib import Path

import pytest
from aiohttp import web
from attrs import define, frozen
from pytest_aiohttp.plugin import AiohttpClient

from alpine_service.adapters.disk_probe import DiskProbe
from alpine_service.adapters.observers.metrics import Metrics
from alpine_service.adapters.postgres.feed_store import PostgresFeed
from alpine_service.adapters.postgres.probes import (
    DatabaseProbe,
    MailProbe,
    OutboxProbe,
    SchemaProbe,
    SkewProbe,
)
from alpine_service.adapters.postgres.quarantine import PostgresQuarantine
from alpine_service.api.app import build_app
from alpine_service.api.internal import build_internal_app
from alpine_service.api.keys import HEALTH
from alpine_service.api.meta_routes import ROUTES
from alpine_service.errors import DatabaseAway
from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.services.health import KEPT_S, Health
from alpine_service.services.ingest_standing import IngestStanding
from alpine_service.services.probes import IngestProbe, StreamProbe, TasksProbe, WitnessProbe
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_platform import Fakes
from alpine_service.testing.postgres import TestDatabase

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
        PlainProbe("well"),
    )

    report = await Health(probes, FakeClock(), patience_s=0.02).report(Level.DEEP)

    assert report.condition is Condition.DOWN
    assert report.findings["slow"].problem == "no answer in time"
    assert report.findings["broken"].problem == "gone"
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
        DatabaseProbe(database.app),
        SchemaProbe(database.app),
        SkewProbe(database.app, clock),
        OutboxProbe(database.app, clock),
        MailProbe(database.app, clock),
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
    assert report.findings["clock"].condition is Condition.DEGRADED


async def test_what_waits_too_long_is_found_out(database: TestDatabase) -> None:
    clock = FakeClock()
    await database.app.execute(
        "INSERT INTO mail_queue (id, recipient, subject, text, headers, queued_at, next_at)"
        " VALUES ('m', 'a@b.example', 's', 't', $1, $2, $2)",
        {},
        clock.now(),
    )
    await clock.advance(301)

    found = await MailProbe(database.app, clock).check()

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


async def test_a_witness_of_another_history_is_down(database: TestDatabase) -> None:
    probe = WitnessProbe(PostgresFeed(database.app), LOG)
    assert (await probe.check()).condition is Condition.OK
    root, other = bytes(32), bytes(range(32))
    await database.app.execute("INSERT INTO checkpoints VALUES (3, $1, 'note', NULL, now())", root)
    await database.app.execute("INSERT INTO witness_head VALUES ($1, 3, $2, 'note', 77)", LOG, root)
    assert (await probe.check()).facts == {"cosigned": 3, "cosigned_s": 77}
    await database.app.execute("UPDATE witness_head SET root = $1", other)
    assert (await probe.check()).problem == "the witness cosigned another history"


async def test_a_disk_that_is_nearly_full_or_gone_is_found_out(tmp_path: Path) -> None:
    assert (await DiskProbe(tmp_path, least_free_bytes=0).check()).condition is Condition.OK
    full = await DiskProbe(tmp_path, least_free_bytes=2**62).check()
    assert full.condition is Condition.DEGRADED
    assert (await DiskProbe(tmp_path / "gone").check()).condition is Condition.DOWN


@pytest.fixture
def health() -> Health:
    probes = (
        PlainProbe("database", Level.READY),
        PlainProbe("ingest", finding=Finding(Condition.DOWN, {"size": 3}, "a fork")),
    )
    return Health(probes, FakeClock())


async def test_the_operator_sees_everything(aiohttp_client: AiohttpClient, health: Health) -> None:
    client = await aiohttp_client(build_internal_app(health, Metrics()))

    ready = await client.get("/health?level=ready")
    deep = await client.get("/health")

    assert (ready.status, deep.status) == (200, 503)
    assert (await deep.json())["probes"] == {
        "database": {"status": "ok"},
        "ingest": {"status": "down", "problem": "a fork", "size": 3},
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
