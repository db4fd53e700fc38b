"""The paper broker on a file: its port's promises, and that nothing acknowledged is ever lost."""

import asyncio
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, closing
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from argo_adapters.brokers.paper import PaperBroker
from argo_core.errors import BrokerAway, BrokerRefused, InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Broker
from argo_core.testing.broker_contract import BrokerContract
from argo_core.testing.broker_world import (
    AAPL,
    MSFT,
    BrokerWorld,
    found,
    held,
    limit,
    listening,
    market,
    stop,
)
from argo_core.testing.fake_clock import FakeClock
from argo_core.trading.broker_view import Split, StreamGap
from argo_core.trading.order import Bracket, Side, Status
from argo_core.trading.paper.settings import PaperSettings

D = Decimal
BUY, SELL = Side.BUY, Side.SELL
PLENTY = D(1_000_000)
SCRIPT = Path(__file__).with_name("trade_until_killed.py")


class PaperWorld:
    """The broker on its file, and the clock that it shares with its market."""

    fees = True
    rations = True

    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.settings = PaperSettings()
        self.stack = AsyncExitStack()
        self.paper: PaperBroker

    async def open(self) -> None:
        opened = PaperBroker.open(self.path, self.clock, self.settings)
        self.paper = await self.stack.enter_async_context(opened)

    @property
    def broker(self) -> Broker:
        return self.paper

    @property
    def capital(self) -> Decimal:
        return self.settings.capital

    def now(self) -> datetime:
        return self.clock.now()

    async def quote(
        self, symbol: Symbol, bid: Decimal, ask: Decimal, at_most: Decimal | None = None
    ) -> None:
        now = self.now()
        quote = Quote(symbol, (bid + ask) / 2, now, now, "test", bid, ask)
        shares = PLENTY if at_most is None else at_most
        await self.paper.observe([quote], {symbol: shares / self.settings.participation})

    async def settle(self) -> None:
        # What was done is told before the call returns, and listeners need a turn to hear it.
        await self.clock.settle()

    async def pass_s(self, seconds: float) -> None:
        await self.clock.advance(seconds)

    async def restart(self) -> None:
        await self.stack.aclose()
        await self.open()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "paper.db"


@pytest.fixture
async def paper(path: Path) -> AsyncIterator[PaperWorld]:
    world = PaperWorld(path)
    async with world.stack:
        await world.open()
        yield world


class TestPaperBroker(BrokerContract):
    @pytest.fixture
    async def world(self, paper: PaperWorld) -> BrokerWorld:
        return paper


async def test_reopening_resumes_exactly_after_every_step(paper: PaperWorld) -> None:
    async def told() -> object:
        broker, long_ago = paper.paper, paper.now() - timedelta(days=1)
        return (
            await broker.orders(long_ago),
            await broker.positions(),
            await broker.account(),
            await broker.flows(long_ago),
        )

    async def enter() -> None:
        await paper.quote(AAPL, D("101.90"), D("102.10"))
        request = limit("entry", BUY, 10, "101", bracket=Bracket(D(95), D(110)))
        await paper.broker.submit(request)

    async def order_for_the_day() -> None:
        await paper.quote(MSFT, D("50.90"), D("51.10"))
        await paper.broker.submit(market("day", BUY, 1, MSFT))

    async def deposit() -> None:
        await paper.paper.deposit(D(500))

    async def close_day() -> None:
        await paper.paper.close_day()

    async def quote(bid: str, at_most: int) -> None:
        await paper.quote(AAPL, D(bid), D(bid) + D("0.20"), D(at_most))

    steps: list[Callable[[], Awaitable[None]]] = [
        enter,
        lambda: quote("99.90", 3),
        lambda: quote("100.90", 3),
        deposit,
        lambda: quote("99.90", 10),
        lambda: quote("110.10", 4),
        close_day,
        order_for_the_day,
        close_day,
        lambda: quote("90.00", 1),
        lambda: quote("96.00", 10),
    ]
    for step in steps:
        await step()
        before = await told()
        await paper.restart()
        assert await told() == before
        await paper.pass_s(1)
    assert await paper.broker.positions() == ()
    stops = [
        one
        for one in await paper.broker.orders(paper.now() - timedelta(days=1))
        if one.stop is not None
    ]
    # It was cut to what the target had left, triggered before a restart, and sold after it.
    (sold,) = stops
    assert (sold.quantity, sold.average) == (D(6), D(95))


async def test_a_second_broker_on_the_same_account_is_refused(paper: PaperWorld) -> None:
    with pytest.raises(BrokerAway, match="locked"):
        async with PaperBroker.open(paper.path, paper.clock, busy_s=0.05):
            pass


async def test_a_file_of_another_program_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE theirs (x)")
        other.commit()
    with pytest.raises(BrokerAway, match="another program"):
        async with PaperBroker.open(path, FakeClock()):
            pass
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT name FROM sqlite_schema").fetchall() == [("theirs",)]
        assert other.execute("PRAGMA journal_mode").fetchone() == ("delete",)


async def test_what_is_no_account_of_ours_is_not_read(path: Path) -> None:
    async with PaperBroker.open(path, FakeClock()) as broker:
        await broker.deposit(D(1))
    for damage in (b"{", b"{}", b'{"account":"a","cash":"NaN","last_equity":"1"}'):
        with closing(sqlite3.connect(path)) as other:
            other.execute("UPDATE paper SET body = ? WHERE kind = 'money'", [damage])
            other.commit()
        with pytest.raises(BrokerAway, match="not written by this program"):
            async with PaperBroker.open(path, FakeClock()):
                pass


async def test_a_folder_that_is_not_there_is_away(tmp_path: Path) -> None:
    with pytest.raises(BrokerAway, match="unable to open"):
        async with PaperBroker.open(tmp_path / "no" / "paper.db", FakeClock()):
            pass


async def test_two_accounts_never_share_an_id(tmp_path: Path) -> None:
    clock, ids = FakeClock(), set()
    for number in range(2):
        async with PaperBroker.open(tmp_path / f"{number}.db", clock) as broker:
            quote = Quote(AAPL, D(100), clock.now(), clock.now(), "test")
            await broker.observe([quote])
            ids.add((await broker.submit(limit("same", BUY, 1, "90"))).broker_id)
        await clock.advance(1)
    assert len(ids) == 2


async def test_what_could_not_be_written_did_not_happen(
    paper: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    await paper.broker.submit(limit("kept", BUY, 1, "101"))
    assert paper.paper._file is not None

    def full(_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async with listening(paper.broker) as heard:
        with monkeypatch.context() as patched:
            patched.setattr(paper.paper._file, "write", full)
            with pytest.raises(BrokerAway, match="disk is full"):
                await paper.broker.submit(limit("lost", BUY, 1, "90"))
            with pytest.raises(BrokerAway, match="disk is full"):
                await paper.quote(AAPL, D("99.90"), D("100.10"))
        await paper.settle()
        assert [type(one) for one in heard.messages] == [StreamGap]
        assert await paper.broker.order("lost") is None
        assert (await found(paper.broker, "kept")).status is Status.WORKING
        await paper.quote(AAPL, D("99.90"), D("100.10"))
        await paper.settle()
        assert len(heard.executions("kept")) == 1
    assert await held(paper.broker) == {AAPL: 1}


async def test_a_refusal_changes_nothing_and_loses_nothing(paper: PaperWorld) -> None:
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    house = paper.paper._house
    with pytest.raises(BrokerRefused) as caught:
        await paper.broker.submit(market("short", SELL, 1))
    assert caught.value.code == "short_selling"
    with pytest.raises(InvalidInput):
        await paper.paper.deposit(D(0))
    assert paper.paper._house is house


async def test_who_gives_up_waiting_is_away_and_it_is_told_all_the_same(
    paper: PaperWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    file, go_on = paper.paper._file, asyncio.Event()
    assert file is not None
    loop, write = asyncio.get_running_loop(), file.write

    def slow(changes: object) -> None:
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(10)
        write(changes)  # type: ignore[arg-type]

    async with listening(paper.broker) as heard:
        monkeypatch.setattr(file, "write", slow)
        monkeypatch.setattr(paper.paper, "_call_s", 0.05)
        with pytest.raises(BrokerAway, match="no answer within"):
            await paper.broker.submit(limit("one", BUY, 1, "90"))
        await paper.settle()
        assert heard.updates == []
        monkeypatch.undo()
        go_on.set()
        assert (await found(paper.broker, "one")).status is Status.WORKING
        await paper.settle()
        assert [one.order.id for one in heard.updates] == ["one"]


async def test_the_last_price_of_what_nobody_holds_is_not_written(paper: PaperWorld) -> None:
    def rows() -> set[str]:
        assert paper.paper._file is not None
        found = paper.paper._file._db.execute("SELECT key FROM paper WHERE kind = 'quote'")
        return {key for (key,) in found.fetchall()}

    await paper.quote(AAPL, D("99.90"), D("100.10"))
    await paper.quote(MSFT, D("49.90"), D("50.10"))
    assert rows() == set()
    await paper.broker.submit(limit("one", BUY, 1, "90"))
    assert rows() == {"AAPL"}


async def test_announced_splits_are_told_and_applied_once_at_their_day(paper: PaperWorld) -> None:
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    await paper.broker.submit(market("buy", BUY, 10))
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    await paper.broker.submit(stop("stop", SELL, 10, "95"))
    day = datetime(2024, 11, 26, tzinfo=UTC)
    split = Split(AAPL, day, D(4), D(1))
    paper.paper.announced = (split, Split(MSFT, day, D(2), D(1)))
    assert await paper.broker.splits([AAPL], day.date(), day.date()) == (split,)
    early = day.date() - timedelta(days=1)
    assert await paper.broker.splits([AAPL, MSFT], early, early) == ()
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    assert await held(paper.broker) == {AAPL: 10}
    await paper.pass_s(86_400)
    for _ in range(2):
        await paper.paper.observe([])
        (position,) = await paper.broker.positions()
        assert (position.quantity, position.average) == (D(40), D("25.025"))
        await paper.restart()
        paper.paper.announced = (split,)
    # The stop still has its old price, and sells at the new one: whoever holds must see to it.
    await paper.quote(AAPL, D("24.90"), D("25.10"))
    assert (await found(paper.broker, "stop")).average == D("24.90")


async def test_it_has_no_calendar_of_its_own(paper: PaperWorld) -> None:
    day = paper.now().date()
    assert await paper.broker.sessions(day, day) is None


async def test_outside_the_regular_session_orders_wait(paper: PaperWorld) -> None:
    await paper.quote(AAPL, D("99.90"), D("100.10"))
    await paper.broker.submit(market("one", BUY, 1))
    now = paper.now()
    quote = Quote(AAPL, D(100), now, now, "test", D("99.90"), D("100.10"))
    await paper.paper.observe([quote], regular=False)
    assert await held(paper.broker) == {}
    await paper.paper.observe([quote])
    assert await held(paper.broker) == {AAPL: 1}


async def test_money_that_comes_in_is_a_flow(paper: PaperWorld) -> None:
    start = paper.now()
    await paper.pass_s(1)
    flow = await paper.paper.deposit(D(250))
    assert await paper.broker.flows(start) == (flow,)
    assert await paper.broker.flows(paper.now()) == ()
    assert (await paper.broker.account()).cash == paper.capital + 250


async def state_of(path: Path) -> tuple[int, Decimal, Decimal]:
    async with PaperBroker.open(path, FakeClock()) as broker:
        account = await broker.account()
        orders = await broker.orders(datetime(2000, 1, 1, tzinfo=UTC))
        spent = sum((one.filled * (one.average or D(0)) for one in orders), D(0))
        assert account.cash == PaperSettings().capital - spent
        shares = (await held(broker)).get(AAPL, D(0))
        return len(orders), shares, sum((one.filled for one in orders), D(0))


def test_whatever_was_acknowledged_survives_a_kill(path: Path) -> None:
    acknowledged = 0
    for _ in range(3):
        command = [sys.executable, "-W", "error", str(SCRIPT), str(path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as trader:  # noqa: S603 - it is ours
            assert trader.stdout is not None
            said = b"".join(trader.stdout.readline() for _ in range(5))
            trader.kill()
            said += trader.stdout.read()
        lines = said.decode().splitlines(keepends=True)
        whole = [int(line) for line in lines if line.endswith("\n")]
        assert whole[0] > acknowledged
        acknowledged = whole[-1]
    orders, shares, filled = asyncio.run(state_of(path))
    # One more may have been placed that nobody was told of, and filled or not.
    assert acknowledged <= filled <= acknowledged + 1
    assert filled <= orders <= filled + 1
    assert shares == filled
