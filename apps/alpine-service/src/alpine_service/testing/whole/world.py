"""Everybody around a service: a publisher, a customer, a receiver, listeners of several plans.

They run in the test's own process, and keep all that reached them.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from random import Random
from time import perf_counter

from aiohttp import ClientError, ClientSession, ClientTimeout
from attrs import Factory, define

from alpine_service.domain.feed.entry import Entry, read_entry
from alpine_service.domain.feed.verifier_key import VerifierKey
from alpine_service.testing.receiver import Received, Receiver, Reply, Trouble
from alpine_service.testing.small_log import SmallLog
from alpine_service.testing.torture import until
from alpine_service.testing.whole.customer import Customer
from alpine_service.testing.whole.listener import Listener
from alpine_service.testing.whole.people import Person, add_people, settings_of
from alpine_service.testing.whole.publisher import Publisher
from alpine_service.testing.whole.service import Service
from alpine_service.wiring.keys import known_witness

# What stands in the id of a sealed signal.
WORD = re.compile(rb"hush-(\d+)-hush")
_NEXT = re.compile(rb'"next":(\d+)')
# A start, and whatever waits longer after each failure; on a machine that does much else.
BACK_WITHIN_S = 30.0
# A stream looks so often whether its listener may still listen.
LET_GO_S = 7.0
# The free plan has thirty requests a minute.
_LOOK_EVERY_S = 4.2
_PATIENCE = ClientTimeout(total=3)
_BAD_AT_FIRST = 7


@define(eq=False)
class World:
    """Alpine, its database, and everybody else."""

    alpine: Service
    publisher: Publisher
    customer: Customer
    receiver: Receiver
    pro: Person
    lowered: Person
    free: Person
    endpoints: Mapping[str, str]
    """By path at the receiver."""

    realtime: Listener
    delayed: Listener
    lowering: Listener
    arrived: dict[str, list[tuple[float, Received]]] = Factory(lambda: defaultdict(list))
    accepted: dict[str, set[str]] = Factory(lambda: defaultdict(set))
    """The ids of what arrived there and was answered well, by path."""

    lowered_at: float | None = None
    leaks: list[str] = Factory(list)
    looks: int = 0
    back_s: list[float] = Factory(list)
    """How long it took after each blow until something was delivered again."""

    _entries: list[Entry] = Factory(list)

    @property
    def log(self) -> SmallLog:
        return self.publisher.log

    def entries(self) -> list[Entry]:
        """All that was published, each read once."""
        known = len(self._entries)
        self._entries += [
            read_entry(index, data)
            for index, data in enumerate(self.log.entries[known:], start=known)
        ]
        return self._entries

    async def at_work(self) -> None:
        """Return once something new has reached a listener or a receiver."""
        before, began = self._delivered(), perf_counter()

        async def is_at_work() -> bool:
            return self._delivered() > before

        await until(is_at_work, BACK_WITHIN_S, "something is delivered again")
        self.back_s.append(perf_counter() - began)

    async def look(self) -> None:
        """Ask for ever what the free plan may see, and notice at once what it may not."""
        async with ClientSession(timeout=_PATIENCE) as http:
            since = 0
            while True:
                for path in (f"/v1/events?limit=200&since={since}", "/v1/signals?limit=50"):
                    try:
                        async with http.get(
                            f"{self.alpine.url}{path}", headers=self.free.headers
                        ) as response:
                            told = await response.read()
                    except (ClientError, TimeoutError):
                        continue
                    if response.status == HTTPStatus.OK:
                        self.looks += 1
                        self._watch(path, told, asyncio.get_running_loop().time())
                        found = _NEXT.findall(told) if "events" in path else []
                        since = int(found[-1]) if found else since
                await asyncio.sleep(_LOOK_EVERY_S)  # noqa: TID251 - as everybody else does

    def script(self, received: Received) -> Reply | Trouble:
        """Take down what came; every seventh thing is answered badly when it comes first."""
        now = asyncio.get_running_loop().time()
        arrived = self.arrived[received.target]
        is_first = all(each.id != received.id for _, each in arrived[-500:])
        arrived.append((now, received))
        number = int.from_bytes(received.id[-4:].encode())
        if is_first and number % _BAD_AT_FIRST == 0:
            return Trouble.CLOSE if number % 2 else Reply(500)
        self.accepted[received.target].add(received.id)
        return Reply(204)

    def bodies(self, path: str) -> dict[str, set[bytes]]:
        """What came there, by id."""
        found: dict[str, set[bytes]] = defaultdict(set)
        for _, each in self.arrived[path]:
            found[each.id].add(each.body)
        return found

    def _delivered(self) -> int:
        return len(self.realtime.heard) + len(self.arrived["/pro"])

    def _watch(self, channel: str, told: bytes, at: float) -> None:
        for number in map(int, WORD.findall(told)):
            shown_at = self.publisher.revealed.get(number)
            if shown_at is None or at < shown_at:
                self.leaks.append(f"{channel}: {number}")

    def watch_streams(self) -> None:
        """Look through what was heard by those who hear what everybody may."""
        for each in self.delayed.heard:
            self._watch("stream", each.data, each.at)
        if self.lowered_at is not None:
            for each in self.lowering.heard:
                if each.at > self.lowered_at + LET_GO_S:
                    self._watch("lowered stream", each.data, each.at)
            late = [at for at, _ in self.arrived["/lowered"] if at > self.lowered_at + 2]
            if late:
                self.leaks.append(f"{len(late)} webhooks after the plan was lowered")


@asynccontextmanager
async def busy_world(
    alpine: Service, log: SmallLog, receiver: Receiver, seed: int
) -> AsyncIterator[World]:
    """Everybody at work for the block, around a service that runs."""
    pro, lowered, free = await add_people(
        alpine, [("pro", "pro"), ("lowered", "pro"), ("free", None)]
    )
    endpoints = {
        path: await add_webhook(alpine, person, receiver.url(path))
        for path, person in (("/pro", pro), ("/lowered", lowered))
    }
    publisher = Publisher(log, alpine.url, Random(seed), await witness_of(alpine))  # noqa: S311 - it has to come again
    customer = Customer(alpine.url, pro, receiver.url("/idle"), endpoints["/pro"])
    await customer.log_in()
    world = World(
        alpine=alpine,
        publisher=publisher,
        customer=customer,
        receiver=receiver,
        pro=pro,
        lowered=lowered,
        free=free,
        endpoints=endpoints,
        realtime=Listener(alpine.url, pro.headers),
        delayed=Listener(alpine.url, free.test_headers),
        lowering=Listener(alpine.url, lowered.headers),
    )
    receiver.script = world.script
    publisher.begin()
    async with asyncio.TaskGroup() as group:
        listeners = (world.realtime, world.delayed, world.lowering)
        runs = (publisher.run(), customer.run(), world.look(), *(one.run() for one in listeners))
        tasks = [group.create_task(run) for run in runs]
        try:
            yield world
        finally:
            for task in tasks:
                task.cancel()


async def add_webhook(alpine: Service, person: Person, url: str) -> str:
    """An endpoint that is told everything; its id."""
    async with (
        ClientSession(timeout=_PATIENCE) as http,
        http.post(
            f"{alpine.url}/v1/webhooks", json={"url": url}, headers=person.headers
        ) as response,
    ):
        told = await response.json()
        assert response.status == HTTPStatus.CREATED, told  # noqa: S101 - this is for tests
        return str(told["webhook"]["id"])


async def witness_of(alpine: Service) -> VerifierKey:
    """The key by which the service cosigns."""
    key = await asyncio.to_thread(known_witness, settings_of(alpine))
    assert key is not None, "start the service first"  # noqa: S101 - this is for tests
    return key
