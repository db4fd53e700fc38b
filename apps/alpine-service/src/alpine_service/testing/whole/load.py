"""People who change something all the time, on connections that stay open, and count it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from itertools import count
from time import perf_counter

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from attrs import Factory, define

_PATIENCE = ClientTimeout(total=10)


@define(eq=False)
class Load:
    """Tests of webhooks, each asked for once and with a key of its own."""

    url: str
    every_s: float
    """Between two requests of one connection."""

    promised: dict[str, str] = Factory(dict)
    """The ids of deliveries, each with the key of its request."""

    statuses: Counter[str] = Factory(Counter)
    slowest_s: float = 0.0
    is_over: bool = False

    @property
    def asked(self) -> int:
        return self.statuses.total()

    @property
    def failed(self) -> int:
        return self.asked - self.statuses[str(int(HTTPStatus.ACCEPTED))]

    async def ask_for_ever(self, endpoint: str, headers: Mapping[str, str], name: str) -> None:
        """One connection, kept open."""
        path = f"{self.url}/v1/webhooks/{endpoint}/test"
        connector = TCPConnector(limit=1)
        async with ClientSession(timeout=_PATIENCE, connector=connector) as http:
            for number in count():
                if self.is_over:
                    return
                key = f"{name}-{number}"
                sent = {**headers, "Idempotency-Key": f'"{key}"'}
                began = perf_counter()
                try:
                    async with http.post(path, headers=sent) as response:
                        told = await response.json()
                    self.statuses[str(response.status)] += 1
                    if response.status == HTTPStatus.ACCEPTED:
                        id_ = told["delivery_id"]
                        assert id_ not in self.promised, "two requests, one delivery"  # noqa: S101 - this is for tests
                        self.promised[id_] = key
                except (ClientError, TimeoutError) as error:
                    self.statuses[type(error).__name__] += 1
                self.slowest_s = max(self.slowest_s, perf_counter() - began)
                await asyncio.sleep(self.every_s)  # noqa: TID251 - it works beside real processes


@asynccontextmanager
async def load(
    url: str, people: Sequence[tuple[str, Mapping[str, str]]], each: int, every_s: float
) -> AsyncIterator[Load]:
    """For pairs of an endpoint and its owner's headers, `each` connections, for the block."""
    load = Load(url, every_s)
    tasks = [
        asyncio.create_task(load.ask_for_ever(endpoint, headers, f"{endpoint}.{number}"))
        for endpoint, headers in people
        for number in range(each)
    ]
    try:
        yield load
    finally:
        # Broken off in the middle of a request, nobody would know what became of it.
        load.is_over = True
        await asyncio.gather(*tasks)
