"""A small invented tape, and a simulator that plays it on a clock that stands still."""

import json
import math
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import aiohttp
import pytest
from attrs import frozen

from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.simulation import KEY
from argo_core.backtest.tape import Tape
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import Symbol, instrument
from argo_core.market.session import Session
from argo_core.testing.fake_clock import FakeClock

FRIDAY = datetime(2024, 11, 22, 14, 30, tzinfo=UTC)
MONDAY = datetime(2024, 11, 25, 14, 30, tzinfo=UTC)
TRADED_MINUTES = 90
PRICES = {"AAA": 200.0, "BRK.B": 460.0, "BTC/USD": 4_300.0}
# BRK.B trades in every third minute only.
EVERY = {"AAA": 1, "BRK.B": 3, "BTC/USD": 1}


def bars(text: str) -> tuple[Bar, ...]:
    chance, price, found = Random(text), PRICES[text], []  # noqa: S311 - seeded chance is wanted
    for opens in (FRIDAY, MONDAY):
        for number in range(0, TRADED_MINUTES, EVERY[text]):
            close = round(price * (1 + chance.gauss(0, 0.001)), 2)
            high = round(max(price, close) + abs(chance.gauss(0, 0.1)), 2)
            low = round(min(price, close) - abs(chance.gauss(0, 0.1)), 2)
            volume = float(chance.randrange(1, 5_000))
            start = opens + number * MINUTE
            found.append(Bar(Symbol(text), start, price, high, low, close, volume))
            price = close
    return tuple(found)


def session(opens: datetime) -> Session:
    closes = opens + timedelta(hours=6.5)
    return Session(opens - timedelta(hours=5.5), opens, closes, closes + timedelta(hours=4))


@pytest.fixture(scope="session")
def tape() -> Tape:
    return Tape(
        name="invented",
        origin="nowhere",
        licence="none",
        note="made up for tests",
        seed=7,
        instruments=tuple(instrument(each) for each in PRICES),
        sessions=(session(FRIDAY), session(MONDAY)),
        starts=MONDAY,
        ends=MONDAY + timedelta(hours=10.5),
        bars={Symbol(each): bars(each) for each in PRICES},
    )


@pytest.fixture
def clock() -> FakeClock:
    # Forty minutes into Monday, in the third beat of a minute, two seconds past it.
    return FakeClock(MONDAY + timedelta(minutes=40, seconds=12))


@frozen
class Got:
    status: int
    body: bytes
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class Caller:
    """Asks the simulator with the vendor's own way of showing a key."""

    def __init__(self, simulator: Simulator, session: aiohttp.ClientSession) -> None:
        self.simulator = simulator
        self._session = session

    async def get(self, vendor: str, path: str, key: str = KEY, **query: str) -> Got:
        params = query | ({"apikey": key} if vendor == "alpha_vantage" and key else {})
        return await self._ask("GET", vendor, path, key, params=params)

    async def post(self, vendor: str, path: str, body: object, key: str = KEY) -> Got:
        return await self._ask("POST", vendor, path, key, json=body)

    async def follow(self, link: str) -> Got:
        return await self.send("GET", link, {"Authorization": f"Bearer {KEY}"})

    async def _ask(self, method: str, vendor: str, path: str, key: str, **rest: Any) -> Got:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        if vendor == "alpaca":
            headers = {"APCA-API-KEY-ID": key, "APCA-API-SECRET-KEY": key}
        return await self.send(method, self.simulator.url(vendor) + path, headers, **rest)

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        data: bytes | None = None,
        **rest: Any,
    ) -> Got:
        async with self._session.request(
            method, url, headers=headers, data=data, **rest
        ) as response:
            return Got(response.status, await response.read(), response.headers)


Opening = Callable[..., AbstractAsyncContextManager[Caller]]


@pytest.fixture
def opened(tape: Tape, clock: FakeClock) -> Opening:
    """Opens a simulator with what a test wants different."""

    @asynccontextmanager
    async def _opened(clock: FakeClock = clock, **settings: Any) -> AsyncIterator[Caller]:
        app = simulate(tape, clock, **({"latency_scale": math.inf} | settings))
        patience = aiohttp.ClientTimeout(total=5)
        async with serving(app) as simulator, aiohttp.ClientSession(timeout=patience) as session:
            yield Caller(simulator, session)

    return _opened


@pytest.fixture
async def vendors(opened: Opening) -> AsyncIterator[Caller]:
    async with opened() as caller:
        yield caller
