"""One ask at one vendor, made of several calls that are counted whether they succeed or not."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from argo_adapters.http.call import HttpCall
from argo_adapters.http.client import HttpClient
from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorError
from argo_core.resilience.queue import Urgency

Part = TypeVar("Part")

AT_ONCE = 8


class Visit:
    """Lives as long as one ask; at most `AT_ONCE` of its calls are under way at a time.

    `timeout_s`, `urgency` and `wait_s` are those of its calls, unless one has its own.
    """

    def __init__(
        self,
        client: HttpClient,
        timeout_s: float,
        urgency: Urgency = Urgency.REFRESH,
        wait_s: float | None = None,
    ) -> None:
        self.calls = 0
        self._client = client
        self._timeout_s = timeout_s
        self._urgency = urgency
        self._wait_s = wait_s
        self._under_way = asyncio.Semaphore(AT_ONCE)

    @property
    def source(self) -> SourceName:
        """Who is visited."""
        return self._client.source

    @asynccontextmanager
    async def call(
        self, urgency: Urgency | None = None, wait_s: float | None = None
    ) -> AsyncIterator[HttpCall]:
        """`HttpClient.call`, counted if it makes its request."""
        async with self._under_way:
            entered = self._client.call(
                urgency or self._urgency,
                timeout_s=self._timeout_s,
                wait_s=self._wait_s if wait_s is None else wait_s,
            )
            try:
                async with entered as call:
                    yield call
            finally:
                self.calls += entered.made

    async def each(self, asks: Iterable[Coroutine[Any, Any, Part]]) -> list[Part | VendorError]:
        """Run all of them side by side; a vendor's error takes the place of its own part only."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_settled(ask)) for ask in asks]
        return [task.result() for task in tasks]

    def failed(self, error: VendorError) -> VendorError:
        """`error`, saying what the whole ask cost."""
        error.calls = self.calls
        return error


async def _settled(ask: Coroutine[Any, Any, Part]) -> Part | VendorError:
    try:
        return await ask
    except VendorError as error:
        return error
