"""The whole service as a process of its own, among simulated vendors and a simulated exchange.

The exchange lives in the test's process, so that it outlives whatever is done to the service.
"""

import asyncio
import json
import math
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import ClientSession
from attrs import define, field, frozen

from argo_adapters.brokers.paper_file import PaperFile
from argo_adapters.clocks.tape import TapeClock
from argo_adapters.simulator.alpaca.trading.house import TradingPlan
from argo_adapters.simulator.app import Simulator, serving, simulate
from argo_adapters.simulator.simulation import KEY
from argo_adapters.sqlite.trading_journal import SqliteTradingJournal
from argo_adapters.tapes.file import shipped
from argo_core.backtest.tape import Tape
from argo_core.trading.book import Book
from argo_core.trading.order import OrderType, Status
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_service.config.trading import Trading
from argo_service.config.tree import Settings
from argo_service.demo.stage import opening
from argo_service.trading.policy import account_of

SPEED: Final = 20.0
PATIENCE_S: Final = 40.0
SCRIPT: Final = Path(__file__).with_name("serve_on_tape.py")
ARGO: Final = (sys.executable, "-m", "argo_service.cli")
VENDORS: Final = ("massive", "alpha_vantage", "grok", "sonar")
KEYS: Final = (
    *(f"ARGO_SOURCES__{name.upper()}__KEY" for name in VENDORS),
    *("ARGO_ALPACA__KEY_ID", "ARGO_ALPACA__SECRET_KEY"),
    *("ARGO_TRADING__ALPACA__KEY_ID", "ARGO_TRADING__ALPACA__SECRET_KEY"),
)
SETTINGS: Final = """
symbols = {symbols}
database = "argo.sqlite3"
listen.port = 0
yfinance.enabled = false
alpaca.base_url = "{alpaca}"
alpaca.limits = {unlimited}
{sources}

trading.enabled = true
trading.broker = "{broker}"
trading.capital = 1000000
trading.entry_patience_s = 60.0
trading.alpaca.base_url = "{exchange}"
trading.alpaca.limits = {unlimited}
# Three seconds of the wall, because the machine may have others to think of.
trading.limits.quote_age_s = 60
"""
BUSY: Final = """
trading.limits.cooldown_s = 0
trading.limits.stop_cooldown_s = 0
trading.limits.stops_rest_s = 0
trading.limits.orders_per_minute = 10000
trading.limits.symbol_orders_per_minute = 10000
trading.limits.orders_per_day = 1000000
consensus.theta_bp = 5200
consensus.horizon_s = 120
consensus.publish_step_bp = 20
"""
NOTHING: Final = Decimal(0)
UNSENT: Final = {Status.INTENDED, Status.LOST}
UNLIMITED: Final = '["100000000/s burst 100000000"]'


@define
class Service:
    """A running `argo serve`."""

    process: asyncio.subprocess.Process
    address: str
    session: ClientSession
    errors: Path

    async def get(self, path: str, status: int = 200) -> Any:
        """What the API answers."""
        async with self.session.get(f"{self.address}/api/v1/{path}") as response:
            body = await response.json(content_type=None)
            assert response.status == status, body
            return body

    async def post(self, path: str, **body: str) -> Any:
        """The same of what is asked of it."""
        async with self.session.post(f"{self.address}/api/v1/{path}", json=body) as response:
            answer = await response.json(content_type=None)
            assert response.status == 200, answer
            return answer

    async def until(self, path: str, condition: Callable[[Any], object]) -> Any:
        """The first answer of which that is so."""

        async def met() -> Any:
            async with self.session.get(f"{self.address}/api/v1/{path}") as response:
                body = await response.json(content_type=None)
                return body if response.status == 200 and condition(body) else None

        return await until(met, self.complaint)

    async def compared(self) -> None:
        """In the first comparison nothing was found to differ, and all that is held is safe."""
        await self.until("trading/account", lambda body: body["ready"])
        body = await self.until("trading/risk", lambda body: body["state"] == "ACTIVE")
        assert body["causes"] == []
        await self.until("trading/positions", all_are_safe)

    def complaint(self) -> str:
        """What it wrote to standard error, for whoever waited in vain."""
        return self.errors.read_text()[-3000:]

    async def stop(self) -> float:
        """Ask it to stop, politely; how many seconds it took."""
        began = time.monotonic()
        self.process.terminate()
        await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        took = time.monotonic() - began
        assert self.process.returncode == 0, self.complaint()
        assert "Traceback" not in self.complaint()
        return took

    async def kill(self) -> None:
        """End it as a power cut does."""
        self.process.kill()
        await asyncio.wait_for(self.process.wait(), PATIENCE_S)
        assert "Traceback" not in self.complaint()


def all_are_safe(body: Any) -> bool:
    """Whether for every position there is a stop for all of it, or it is being closed."""
    return all(
        one["protected"] == one["quantity"] or (one["plan"] and one["plan"]["exit"])
        for one in body["positions"]
    )


async def until(met: Callable[[], Awaitable[Any]], complaint: Callable[[], str]) -> Any:
    """The first answer that is not nothing."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := await met()):
        assert time.monotonic() < deadline, complaint()
        await asyncio.sleep(0.05)
    return found


@frozen
class Kept:
    """What a service that has ended left on the disk: the journal's book, and the log's entries."""

    book: Book
    entries: tuple[dict[str, Any], ...]

    @property
    def earned(self) -> Decimal:
        """What all fills brought and cost, added up by itself."""
        fills = self.book.fills
        return sum((-one.side.sign * one.quantity * one.price - one.fee for one in fills), NOTHING)

    @property
    def executions(self) -> list[str]:
        """Those of the journal."""
        return [str(one.execution_id) for one in self.book.fills]

    def check_paper(self, path: Path) -> None:
        """The paper account's file, read for itself, says the same as our journal."""
        file = PaperFile(path, 1.0)
        try:
            state, book = file.read(), self.book
        finally:
            file.close()
        assert state is not None
        house = PaperHouse(PaperSettings(), state)
        orders = house.orders()
        positions = {one.symbol: one.quantity for one in house.positions()}
        ids = [one.order.id for one in state.orders.values()]
        assert len(set(ids)) == len(ids)
        assert set(ids) <= book.orders.keys()
        assert {book.orders[one].status for one in book.orders.keys() - set(ids)} <= UNSENT
        assert positions == {symbol: one.quantity for symbol, one in book.held().items()}
        assert house.account().cash == book.cash == book.opened + self.earned
        for symbol, quantity in positions.items():
            stops = [
                one.quantity - one.filled
                for one in orders
                if (one.symbol, one.type) == (symbol, OrderType.STOP) and not one.status.is_end
            ]
            opening = any(one.leg.opens for one in book.open_orders(symbol))
            closing = book.holdings[symbol].exit is not None
            assert sum(stops) == quantity or opening or closing

    @property
    def fills(self) -> list[str]:
        """The executions that the record has, and those that wait to be written into it."""
        trades = [one for one in self.entries if one["kind"] == "trade"]
        logged = [str(one["execution_id"]) for one in trades if one["event"] == "filled"]
        waiting = self.book.outbox.waiting.values()
        return logged + [str(one.execution_id) for one in waiting if one.execution_id]


async def kept_at(database: Path, broker: str = "paper") -> Kept:
    """What a log and the journal beside it have."""
    name = "paper" if broker == "paper" else "alpaca-paper"
    account, book = account_of(Settings(), name), Book(name)
    path = Trading().journal_of(database)
    async with SqliteTradingJournal.open(path, account=account) as journal:
        while page := await journal.facts(book.number, 5_000):
            book.apply_all(page)
    return Kept(book, entries_of(database))


def entries_of(database: Path) -> tuple[dict[str, Any], ...]:
    """The log's entries, which may be read while somebody writes."""
    with closing(sqlite3.connect(database)) as connection:
        rows = connection.execute("SELECT data FROM entries ORDER BY idx").fetchall()
    return tuple(json.loads(data) for (data,) in rows)


@define
class World:
    """A tape that plays, its vendors and its exchange, and the folder of the service."""

    tape: Tape
    clock: TapeClock
    simulator: Simulator
    folder: Path
    began: float
    session: ClientSession
    broker: str = "alpaca"
    exchange: str = ""
    services: list[Service] = field(factory=list)

    @property
    def trading(self) -> Any:
        """What the exchange really has, and what may be done to it."""
        return self.simulator.trading

    @property
    def database(self) -> Path:
        return self.folder / "argo.sqlite3"

    def configure(self, more: str = "", symbols: tuple[str, ...] = ("NVR", "BTC/USD")) -> None:
        """Write the settings."""
        sources = "\n".join(
            f'sources.{name}.base_url = "{self.simulator.url(name)}{suffix}"\n'
            f"sources.{name}.limits = {UNLIMITED}"
            for name, suffix in zip(VENDORS, ("", "", "/v1", ""), strict=True)
        )
        text = SETTINGS.format(
            symbols=json.dumps(symbols),
            alpaca=self.simulator.url("alpaca"),
            exchange=self.exchange or self.simulator.url("alpaca"),
            sources=sources,
            broker=self.broker,
            unlimited=UNLIMITED,
        )
        (self.folder / "argo.toml").write_text(text + more)

    def configure_busily(self) -> None:
        """Weak signals count too, nobody rests, and positions are closed after two minutes."""
        self.configure(BUSY, tuple(str(one.symbol) for one in self.tape.instruments))

    def environment(self) -> dict[str, str]:
        plain = dict(os.environ)
        bare = {name: value for name, value in plain.items() if not name.startswith("ARGO_")}
        return bare | {"PYTHONUNBUFFERED": "1"} | dict.fromkeys(KEYS, KEY)

    async def kept(self) -> Kept:
        """Read what is on the disk; no service may be running."""
        return await kept_at(self.database, self.broker)

    def entries(self) -> tuple[dict[str, Any], ...]:
        """The log's entries so far."""
        return entries_of(self.database)

    def replay(self, recording: str) -> None:
        """The recording leads to the very log, trades included."""
        done = subprocess.run(  # noqa: S603 - our own command
            [*ARGO, "replay", recording, "--log", self.database.name],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done
        assert "identical to the recording and argo.sqlite3, byte for byte" in done.stdout

    async def recorded(self, event: str, times: int = 1) -> None:
        """Wait until the record has so many trades of that kind."""

        async def met() -> bool:
            trades = [one for one in self.entries() if one["kind"] == "trade"]
            return sum(one["event"] == event for one in trades) >= times

        await until(met, self.services[-1].complaint)

    async def serve(self, *arguments: str) -> Service:
        """Start the service, and wait until it answers."""
        errors = self.folder / f"errors-{len(self.services)}"
        starts = opening(self.tape, None).isoformat()
        with errors.open("wb") as file:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, str(SCRIPT), starts, repr(self.began), str(SPEED)),
                *("serve", "--quiet", *arguments),
                cwd=self.folder,
                env=self.environment(),
                stdout=asyncio.subprocess.PIPE,
                stderr=file,
            )
        assert process.stdout is not None
        line = (await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)).decode()
        assert "Argo answers on" in line, errors.read_text()
        service = Service(process, line.split()[-1], self.session, errors)
        self.services.append(service)
        return service


@pytest.fixture(scope="session")
def tape() -> Tape:
    """The ordinary day; read here, because the event loop must not wait for a file."""
    return shipped("ordinary-day")


@pytest.fixture
def read_kept() -> Callable[[Path], Awaitable[Kept]]:
    """What reads what somebody left on the disk who traded on paper."""
    return kept_at


@pytest.fixture
def busy() -> str:
    """The settings that lead to many orders."""
    return BUSY


@pytest.fixture
async def world(tape: Tape, tmp_path: Path) -> AsyncIterator[World]:
    """The day from ten o'clock in New York, at twenty times its pace."""
    began = time.monotonic()
    clock = TapeClock(opening(tape, None), SPEED)
    plan = TradingPlan(cash=Decimal(1_000_000), partial_rate=0)
    app = await asyncio.to_thread(
        lambda: simulate(
            tape, clock, latency_scale=math.inf, limits=False, seed=tape.seed, trading=plan
        )
    )
    async with serving(app) as simulator, ClientSession() as session:
        world = World(tape, clock, simulator, tmp_path, began, session)
        world.configure()
        try:
            yield world
        finally:
            for service in world.services:
                if service.process.returncode is None:
                    service.process.kill()
                    await service.process.wait()
