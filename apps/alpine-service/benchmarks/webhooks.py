"""How many webhooks a second go out, claimed, sent and written down, to a receiver on loopback.

    python benchmarks/webhooks.py [--endpoints 100] [--events 100]

PostgreSQL is one of our own, durable as in service; the receiver is another process.
"""

import argparse
import asyncio
import multiprocessing
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

from alpine_service.adapters.postgres.database import Database, open_database
from alpine_service.adapters.postgres.embedded import embedded_database
from alpine_service.adapters.postgres.entitlements import Entitlements
from alpine_service.adapters.postgres.events import EventStore
from alpine_service.adapters.postgres.outbox import PostgresOutbox
from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.adapters.secrets.chance import SystemChance
from alpine_service.adapters.system_clock import SystemClock
from alpine_service.adapters.webhooks.sender import open_sender
from alpine_service.domain.delivery.target import TargetRules
from alpine_service.services.courier import Courier, CourierNeeds, purpose
from alpine_service.services.fan_out import FanOut
from alpine_service.testing.deliveries import (
    FakeVault,
    deed,
    new_event,
    set_plan,
    tell_events,
    webhook,
)
from alpine_service.testing.fake_events import FakeHint
from alpine_service.testing.people import add_user

_ANSWER = b"HTTP/1.1 204 No Content\r\n\r\n"
_PER_OWNER = 10


class Silent:
    """An observer that costs nothing."""

    def tell(self, *_: object, **__: object) -> None:
        return None


class Sink(asyncio.Protocol):
    """Counts requests and accepts all of them."""

    count = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._rest = transport, b""

    def data_received(self, data: bytes) -> None:
        self._rest += data
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            head = self._rest[:end].lower()
            length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
            if len(self._rest) < end + 4 + length:
                return
            self._rest = self._rest[end + 4 + length :]
            Sink.count += 1
            self._transport.write(_ANSWER)  # type: ignore[attr-defined]


def receive(pipe: Connection) -> None:
    """The other process: tells its port, and at the end how many came."""

    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(Sink, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.to_thread(pipe.recv)
        pipe.send(Sink.count)

    asyncio.run(serve())


async def prepare(database: Database, port: int, endpoints: int, events: int) -> None:
    clock, store, vault = SystemClock(), PostgresWebhooks(database), FakeVault()
    for number in range(endpoints):
        user_id, name = f"usr_{number // _PER_OWNER}", f"whk_{number}"
        if number % _PER_OWNER == 0:
            await add_user(database, user_id)
            await set_plan(database, user_id, "pro", clock.now())
        made = webhook(name, user_id, url=f"http://127.0.0.1:{port}/{number}")
        sealed = vault.seal(b"s" * 32, purpose(name))
        await store.add(made, sealed, _PER_OWNER, clock.now(), deed(name, user_id))
    await tell_events(database, [new_event(each) for each in range(events)])


async def measure(database: Database, total: int) -> tuple[float, float]:
    """Seconds to make all deliveries, and to carry them."""
    clock, hint, observer = SystemClock(), FakeHint(), Silent()
    outbox, entitled = PostgresOutbox(database, ""), Entitlements(database)
    fan_out = FanOut(outbox, EventStore(database), entitled, clock, observer, hint)
    begin = time.perf_counter()
    while await fan_out.turn():
        pass
    made, spent = time.perf_counter(), time.process_time()
    async with open_sender(clock, TargetRules(own_network=True)) as sender:
        needs = CourierNeeds(outbox, entitled, sender, FakeVault(), clock, SystemChance(), observer)
        running = asyncio.create_task(Courier(needs).run(hint))
        waiting = "SELECT count(*) FROM deliveries WHERE state <> 'delivered'"
        while await database.fetchval(waiting):
            await clock.sleep(0.05)
        carried, spent = time.perf_counter(), time.process_time() - spent
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    print(f"{total} deliveries made in {made - begin:.2f} s: {total / (made - begin):.0f}/s")
    print(f"{1e6 * spent / total:.0f} us of this process's time for each webhook")
    return made - begin, carried - made


async def run(endpoints: int, events: int) -> None:
    here, there = multiprocessing.Pipe()
    receiver = multiprocessing.Process(target=receive, args=(there,), daemon=True)
    receiver.start()
    port = here.recv()
    total = endpoints * events
    with tempfile.TemporaryDirectory() as folder:
        await asyncio.to_thread(Path(folder).chmod, 0o711)
        async with (
            embedded_database(Path(folder) / "postgres") as urls,
            open_database(urls.app) as database,
        ):
            await prepare(database, port, endpoints, events)
            _, seconds = await measure(database, total)
    here.send("end")
    print(f"{here.recv()} received, {total} to send")
    print(f"webhooks: {total / seconds:.0f}/s, claimed, sent and written down in {seconds:.2f} s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--endpoints", type=int, default=100)
    parser.add_argument("--events", type=int, default=100)
    asked = parser.parse_args()
    asyncio.run(run(asked.endpoints, asked.events))
