"""One ask at one vendor, made of several calls that are counted whether they succeed or not."""

import asyncio
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any, TypeVar

from argo_adapters.http.client import MAX_BYTES, HttpClient, Reply
from argo_core.consensus.opinion import SourceName
from argo_core.errors import VendorError

Part = TypeVar("Part")

AT_ONCE = 8


class Visit:
    """Lives as long as one ask; at most `AT_ONCE` of its calls are under way at a time."""

    def __init__(self, client: HttpClient, timeout_s: float) -> None:
        self.calls = 0
        self._client = client
        self._timeout_s = timeout_s
        self._turnstile = asyncio.Semaphore(AT_ONCE)

    @property
    def source(self) -> SourceName:
        """Who is visited."""
        return self._client.source

    async def get(
        self, path: str, params: Mapping[str, str], *, max_bytes: int = MAX_BYTES
    ) -> Reply:
        """`HttpClient.get`, counted."""
        async with self._turnstile:
            self.calls += 1
            return await self._client.get(
                path, params, max_bytes=max_bytes, timeout_s=self._timeout_s
            )

    async def follow(self, link: str) -> Reply:
        """`HttpClient.follow`, counted."""
        async with self._turnstile:
            self.calls += 1
            return await self._client.follow(link, timeout_s=self._timeout_s)

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
