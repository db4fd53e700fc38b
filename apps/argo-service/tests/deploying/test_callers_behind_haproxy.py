"""Through a real HAProxy with the shipped configuration callers are told apart."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from aiohttp import ClientError, ClientSession, TCPConnector

from argo_adapters.clocks.system import SystemClock
from argo_service.config.tree import Api

PATIENCE_S = 30.0
CLOCK = SystemClock()


@pytest.fixture
def api() -> Api:
    """As the shipped settings have it."""
    return Api(trusted_proxies=("127.0.0.1",))


async def left(url: str, address: str, **headers: str) -> str:
    """What the proxy's answer says is left to who asks from that address."""
    deadline = CLOCK.monotonic() + PATIENCE_S
    async with ClientSession(connector=TCPConnector(local_addr=(address, 0))) as session:
        while True:
            try:
                async with session.get(f"{url}/api/v1/signals", headers=headers) as answer:
                    if answer.status == 200:
                        return answer.headers["RateLimit"].split(";")[1]
            except ClientError:
                pass
            assert CLOCK.monotonic() < deadline, "the proxy does not answer"
            await CLOCK.sleep(0.05)


async def test_each_caller_has_an_allowance_of_its_own(
    station: Any, behind_proxy: Callable[[int], AbstractContextManager[str]]
) -> None:
    # The proxy asks whether it is ready.
    await station.cycle()
    proxy = behind_proxy(station.client.port)
    url = await asyncio.to_thread(proxy.__enter__)
    try:
        assert await left(url, "127.0.0.2") == "r=599"
        assert await left(url, "127.0.0.3") == "r=599"
        assert await left(url, "127.0.0.2") == "r=598"
        # What a client says of itself the proxy writes over.
        forged = {"X-Forwarded-For": "192.0.2.1"}
        assert await left(url, "127.0.0.2", **forged) == "r=597"
    finally:
        await asyncio.to_thread(proxy.__exit__, None, None, None)
