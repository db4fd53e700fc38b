"""The postman and the queue, over a real database."""

import asyncio
from datetime import timedelta

import pytest
from attrs import define, field

from alpine_service.adapters.postgres.mail_queue import PostgresMailQueue, enqueue
from alpine_service.errors import MailAway, MailRefused
from alpine_service.ports.mail import Mail
from alpine_service.services.postman import AT_ONCE, LEASE, RETRIES, Postman
from alpine_service.testing.fake_clock import FakeClock
from alpine_service.testing.fake_observer import FakeObserver
from alpine_service.testing.fake_tracer import FakeTracer
from alpine_service.testing.postgres import TestDatabase


@define
class Box:
    """A mailer that keeps, fails or waits as it is told."""

    sent: list[Mail] = field(factory=list)
    failure: Exception | None = None
    gate: asyncio.Event | None = None
    begun: asyncio.Event = field(factory=asyncio.Event)

    async def send(self, mail: Mail) -> None:
        self.begun.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        self.sent.append(mail)


@define
class Bell:
    """A wake-up by hand."""

    rung: asyncio.Event = field(factory=asyncio.Event)
    waiting: asyncio.Event = field(factory=asyncio.Event)

    async def wait(self, timeout_s: float) -> None:
        self.waiting.set()
        await self.rung.wait()
        self.rung.clear()


@define
class Office:
    """A postman and all around it."""

    database: TestDatabase
    clock: FakeClock = field(factory=FakeClock)
    observer: FakeObserver = field(factory=FakeObserver)
    box: Box = field(factory=Box)
    bell: Bell = field(factory=Bell)
    tracer: FakeTracer = field(factory=FakeTracer)

    def postman(self, box: Box | None = None) -> Postman:
        queue = PostgresMailQueue(self.database.app)
        return Postman(queue, box or self.box, self.bell, self.clock, self.observer, self.tracer)

    async def put(self, *names: str) -> None:
        async with self.database.app.transaction() as connection:
            for name in names:
                mail = Mail(name, "ada@people.example", "Hello", "canary text", None, {"X-A": "b"})
                await enqueue(connection, mail, self.clock.now())

    async def left(self) -> int:
        return int(await self.database.app.fetchval("SELECT count(*) FROM mail_queue"))


@pytest.fixture
def office(database: TestDatabase) -> Office:
    return Office(database)


async def test_a_mail_is_sent_once_and_forgotten(office: Office) -> None:
    await office.put("mai_1", "mai_1")
    assert await office.postman().round() == 1
    (mail,) = office.box.sent
    assert (mail.text, mail.headers) == ("canary text", {"X-A": "b"})
    assert await office.left() == 0
    assert await office.postman().round() == 0
    assert office.observer.names() == ["mail.sent"]
    assert "canary" not in repr(office.observer.told)


@pytest.mark.parametrize(
    ("failure", "problem"),
    [(None, None), (MailAway("canary"), "away"), (MailRefused("canary"), "refused")],
)
async def test_a_mail_handed_over_is_a_span_without_its_words(
    office: Office, failure: Exception | None, problem: str | None
) -> None:
    office.box.failure = failure
    await office.put("mai_1")
    await office.postman().round()

    (span,) = office.tracer.spans
    assert (span.name, span.facts) == ("mail.send", {"mail": "mai_1", "tries": 1})
    assert span.problem == problem


async def test_two_postmen_never_have_the_same_mail(office: Office) -> None:
    names = [f"mai_{number}" for number in range(4 * AT_ONCE)]
    await office.put(*names)
    await asyncio.gather(*(office.postman().round() for _ in range(4)))
    assert sorted(mail.id for mail in office.box.sent) == sorted(names)


async def test_a_mail_that_cannot_leave_is_tried_for_a_day_and_given_up(office: Office) -> None:
    await office.put("mai_1")
    office.box.failure = MailAway("the server is away")
    queue = PostgresMailQueue(office.database.app)
    for pause in RETRIES:
        assert await office.postman().round() == 1
        assert await queue.next_at() == office.clock.now() + pause
        await office.clock.advance(pause.total_seconds() - 1)
        assert await office.postman().round() == 0
        await office.clock.advance(1)
    assert await office.postman().round() == 1
    assert await office.left() == 0
    assert await queue.next_at() is None
    names = office.observer.names()
    assert names == ["mail.delayed"] * len(RETRIES) + ["mail.given_up"]
    assert timedelta(hours=20) < sum(RETRIES, timedelta()) < timedelta(hours=24)


async def test_a_mail_that_is_refused_is_given_up_at_once(office: Office) -> None:
    await office.put("mai_1")
    office.box.failure = MailRefused("mail mai_1: the server answered 550")
    await office.postman().round()
    assert await office.left() == 0
    assert office.observer.names() == ["mail.given_up"]


async def test_who_was_slower_than_the_lease_has_lost_the_mail(office: Office) -> None:
    await office.put("mai_1")
    slow = Box(gate=asyncio.Event(), failure=MailRefused("too late to say so"))
    first = asyncio.create_task(office.postman(slow).round())
    await slow.begun.wait()
    await office.clock.advance(LEASE.total_seconds())
    quick = Box(failure=MailAway("try again"))
    assert await office.postman(quick).round() == 1
    assert slow.gate is not None
    slow.gate.set()
    await first
    assert await office.left() == 1


async def test_the_postman_goes_by_the_bell(office: Office) -> None:
    task = asyncio.create_task(office.postman().run())
    try:
        async with asyncio.timeout(10):
            await office.bell.waiting.wait()
            await office.put("mai_1")
            office.bell.waiting.clear()
            office.bell.rung.set()
            await office.bell.waiting.wait()
        assert len(office.box.sent) == 1
    finally:
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
