"""Webhooks from the commit of their events to what was written down of them."""

import asyncio
import time
from collections.abc import Iterator, Sequence

from aiohttp import ClientSession, TCPConnector
from attrs import frozen
from benchmarks._child import child
from benchmarks._machine import cpu_s
from benchmarks._people import Subscriber
from benchmarks._receiving import receive
from benchmarks._service import Alpine
from benchmarks._stream import FIRST_INDEX, events

from alpine_service.adapters.postgres.webhook_store import PostgresWebhooks
from alpine_service.domain.delivery.message import payload
from alpine_service.domain.delivery.signature import headers_of
from alpine_service.services.courier import purpose
from alpine_service.testing.deliveries import deed, tell_events, webhook
from alpine_service.wiring.ground import Ground

_SECRET = b"s" * 32
_PER_OWNER = 10
_PARALLEL = 256
_LOOK_EVERY_S = 0.2
_PATIENCE_S = 120.0
_OPEN = "SELECT count(*) FROM deliveries WHERE state = 'pending'"
_ENDED = """
SELECT count(*) AS count, extract(epoch FROM max(ended_at))::float8 AS at_s
FROM deliveries WHERE state = 'delivered'
"""


@frozen
class WebhookSize:
    """Every event goes to every endpoint."""

    endpoints: int
    events: int

    @property
    def total(self) -> int:
        return self.endpoints * self.events


async def delivered(
    alpine: Alpine, ground: Ground, people: Sequence[Subscriber], size: WebhookSize
) -> dict[str, object]:
    """`per_s` is from the commit until the last is written down, over all of them.

    `of_limit` is that over requests of the same kind that aiohttp sends to the same receiver with
    nothing before or behind them.
    """
    async with child(receive) as receiver:
        port = await receiver.answer()
        raw = [await _posted(port, size.total)]
        await receiver.ask("count")
        await _subscribe(ground, people, port, size.endpoints)
        busy, began = cpu_s(alpine.pid), time.time()
        await tell_events(ground.database, events(FIRST_INDEX * 2, size.events))
        ended_s = await _written_down(ground, size.total)
        busy = cpu_s(alpine.pid) - busy
        received, different = await receiver.ask("count")
        assert received == different == size.total, (received, different)
        raw.append(await _posted(port, size.total))
    per_s, limit = size.total / (ended_s - began), max(raw)
    return {
        "per_s": round(per_s),
        "of_limit": round(per_s / limit, 3),
        "post_per_s": round(limit),
        "deliveries": size.total,
        "cpu_us_each": round(1e6 * busy / size.total, 1),
    }


async def _subscribe(
    ground: Ground, people: Sequence[Subscriber], port: int, endpoints: int
) -> None:
    store, now = PostgresWebhooks(ground.database), ground.clock.now()
    for number in range(endpoints):
        owner, name = people[number // _PER_OWNER].id, f"whk_bench{number}"
        made = webhook(name, owner, url=f"http://127.0.0.1:{port}/{number}", created_at=now)
        sealed = ground.vault.seal(_SECRET, purpose(name))
        assert await store.add(made, sealed, _PER_OWNER, now, deed(name, owner, now))


async def _written_down(ground: Ground, total: int) -> float:
    """When the last was, in seconds since 1970."""
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            if await ground.database.fetchval(_OPEN):
                continue
            row = await ground.database.fetchrow(_ENDED)
            if row is not None and row["count"] == total:
                return float(row["at_s"])


async def _posted(port: int, total: int) -> float:
    """Requests a second of a bare client."""
    (event,) = events(0, 1)
    body = payload(event.kind, event.at_us, event.data)
    headers = headers_of("msg_bare", int(time.time()), body, [_SECRET])
    numbers = iter(range(total))

    async def post(session: ClientSession, mine: Iterator[int]) -> None:
        for number in mine:
            url = f"http://127.0.0.1:{port}/{number}"
            async with session.post(url, data=body, headers=headers) as response:
                assert response.status == 204

    async with ClientSession(connector=TCPConnector(limit=_PARALLEL)) as session:
        began = time.perf_counter()
        await asyncio.gather(*(post(session, numbers) for _ in range(min(_PARALLEL, total))))
        return total / (time.perf_counter() - began)
