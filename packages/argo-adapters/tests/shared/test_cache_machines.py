"""Hypothesis drives caches and the fake side by side: two processes on Redis, and memory alone."""

from collections.abc import Sequence
from random import Random
from secrets import token_hex
from typing import ClassVar

import pytest
from hypothesis import settings

from argo_adapters.clocks.system import SystemClock
from argo_adapters.memory.cache import MemoryCache
from argo_adapters.redis.cache import RedisCache
from argo_adapters.redis.launcher import PrivateServer
from argo_adapters.redis.link import RedisLink
from argo_core.codec.stored import StoredCodec
from argo_core.testing.cache_machine import CacheMachine
from argo_core.testing.fake_clock import FakeClock
from argo_core.testing.fake_observer import FakeObserver

NUMBERS = StoredCodec("number", int)
EXAMPLES = max(25, (settings.default or settings()).max_examples // 2)
EFFORT = settings(max_examples=EXAMPLES, stateful_step_count=30, deadline=None)


class MemoryMachine(CacheMachine):
    async def opened(self, clock: FakeClock) -> Sequence[MemoryCache[int]]:
        return [MemoryCache()]


class RedisMachine(CacheMachine):
    """Three processes; one has next to no room near. Their connections break at any time."""

    url: ClassVar[str]

    async def opened(self, clock: FakeClock) -> Sequence[RedisCache[int]]:
        namespace = token_hex(6)
        self._links = [
            RedisLink(
                self.url,
                clock=SystemClock(),
                observer=FakeObserver(),
                chance=Random(1).random,  # noqa: S311 - seeded on purpose
                timeout_s=5.0,
            )
            for _ in range(3)
        ]
        return [
            RedisCache(link, NUMBERS, clock=clock, namespace=namespace, most=most)
            for link, most in zip(self._links, (100, 100, 1), strict=True)
        ]

    async def trouble(self) -> None:
        await self._links[0].command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

    def teardown(self) -> None:
        self.all_say_the_same()
        for link in self._links:
            self._run(link.close())
        self._loop.close()


TestMemoryMachine = MemoryMachine.TestCase
TestMemoryMachine.settings = EFFORT

TestRedisMachine = RedisMachine.TestCase
TestRedisMachine.settings = EFFORT


@pytest.fixture(autouse=True, scope="module")
def _a_server_is_there(server: PrivateServer) -> None:
    RedisMachine.url = server.url
