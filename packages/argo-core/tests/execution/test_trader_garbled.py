"""What a broker cannot mean is never written down, so every later start can read the journal."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from attrs import evolve

from argo_core.events import TradingAlarm
from argo_core.execution.trader import Trader
from argo_core.market.instrument import Symbol
from argo_core.testing.fake_broker import FakeBroker
from argo_core.trading.broker_view import (
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Execution,
    Split,
)
from argo_core.trading.drift import DriftKind
from argo_core.trading.fact import Flowed, SplitApplied, Told
from argo_core.trading.order import Leg, OrderType, Side, Status

D = Decimal
AAPL, ZZZZ = Symbol("AAPL"), Symbol("ZZZZ")
HUGE = D(10) ** 16
Change = Callable[[BrokerOrder], BrokerOrder]


def leg(entry: BrokerOrder, **more: object) -> BrokerOrder:
    """A leg that the broker says to belong to that entry."""
    told = BrokerOrder(
        *("a-leg", "b-leg", entry.symbol, Side.SELL, OrderType.LIMIT, D(5)),
        Status.WORKING,
        entry.at,
        limit=D(110),
        parent=entry.broker_id,
    )
    return evolve(told, **more)


GARBLED: dict[str, Change] = {
    "a limit without its price": lambda one: leg(one, limit=None),
    "a stop without its price": lambda one: leg(one, type=OrderType.STOP),
    "nothing ordered": lambda one: leg(one, quantity=D(0)),
    "no number": lambda one: leg(one, quantity=D("NaN")),
    "a negative price": lambda one: leg(one, limit=D(-1)),
    "no name": lambda one: leg(one, id=""),
    "a long name": lambda one: leg(one, id="x" * 10_000),
    "a strange name": lambda one: leg(one, id="Hälfte"),
    "a dear one": lambda one: evolve(one, filled=one.filled + 1, average=HUGE),
    "many shares": lambda one: evolve(one, filled=HUGE, quantity=HUGE),
}


async def bought(pit) -> BrokerOrder:
    await pit.buy()
    await pit.wait(2)
    (entry,) = pit.orders(Leg.ENTRY)
    return await pit.broker.order(entry.id)


async def read_again(pit) -> Trader:
    """What the journal has can be read, and trading goes on."""
    trader = await pit.restart()
    await pit.wait(61)
    assert (trader.failed, trader.is_ready) == (None, True)
    return trader


@pytest.mark.parametrize("name", GARBLED)
async def test_a_message_that_cannot_be_ends_nothing_now_or_later(pit, name):
    garbled = GARBLED[name](await bought(pit))
    written = len(pit.facts(Told))
    pit.broker.say(BrokerUpdate(garbled))
    await pit.wait(1)
    assert len(pit.facts(Told)) == written
    assert pit.said(TradingAlarm)
    await read_again(pit)


@pytest.mark.parametrize("name", GARBLED)
async def test_a_list_that_cannot_be_is_read_again(pit, monkeypatch, name):
    garbled = GARBLED[name](await bought(pit))
    whole = FakeBroker.orders

    async def orders(self, since=None):
        return (*await whole(self, since), garbled)

    with monkeypatch.context() as broken:
        broken.setattr(FakeBroker, "orders", orders)
        await pit.wait(61)
        assert pit.trader.failed is None
    await read_again(pit)


@pytest.mark.parametrize("more", [{}, {"type": OrderType.MARKET, "limit": None}])
async def test_a_leg_of_another_symbol_is_somebody_elses_order(pit, monkeypatch, more):
    stranger = leg(await bought(pit), symbol=ZZZZ, **more)
    whole = FakeBroker.orders

    async def orders(self, since=None):
        return (*await whole(self, since), stranger)

    monkeypatch.setattr(FakeBroker, "orders", orders)
    pit.broker.say(BrokerUpdate(stranger))
    await pit.wait(61)
    assert [one.kind for one in pit.trader.differences] == [DriftKind.UNKNOWN_ORDER]
    assert "a-leg" not in pit.trader.book.orders


async def test_a_fill_of_our_order_in_another_symbol_is_not_ours(pit):
    said = await bought(pit)
    pit.broker.say(BrokerUpdate(evolve(said, symbol=ZZZZ, filled=said.filled + 1)))
    await pit.wait(1)
    assert pit.trader.book.quantity(AAPL) == said.filled


async def test_an_execution_that_cannot_be_is_not_taken_in(pit):
    said = await bought(pit)
    more = evolve(said, filled=said.filled + 1, quantity=said.quantity + 1)
    pit.broker.say(BrokerUpdate(more, Execution("one", D(1), D(0), said.at)))
    await pit.wait(1)
    assert pit.trader.book.quantity(AAPL) == said.filled


@pytest.mark.parametrize("name", ["cash", "equity", "last_equity", "buying_power"])
async def test_an_account_that_nobody_has_is_not_written_down(pit, monkeypatch, name):
    whole = FakeBroker.account

    async def account(self):
        return evolve(await whole(self), **{name: HUGE})

    pit.trader.abandon()
    pit.journal = type(pit.journal)()
    with monkeypatch.context() as broken:
        broken.setattr(FakeBroker, "account", account)
        await pit.begin()
        assert pit.trader.book.account is None
    await read_again(pit)


async def test_a_position_of_no_number_is_not_compared(pit, monkeypatch):
    whole = FakeBroker.positions

    async def positions(self):
        return (*await whole(self), BrokerPosition(ZZZZ, D("NaN"), D(1)))

    with monkeypatch.context() as broken:
        broken.setattr(FakeBroker, "positions", positions)
        await pit.wait(61)
    assert any("not reconciled" in one.problem for one in pit.said(TradingAlarm))
    await read_again(pit)


async def test_money_that_nobody_has_does_not_come_in(pit, monkeypatch):
    whole = FakeBroker.flows

    async def flows(self, since):
        return (*await whole(self, since), CashFlow("much", pit.clock.now(), HUGE))

    with monkeypatch.context() as broken:
        broken.setattr(FakeBroker, "flows", flows)
        await pit.wait(61)
    assert pit.facts(Flowed) == []
    await read_again(pit)


@pytest.mark.parametrize("ratio", [(D(10) ** 6, D(1)), (D(1), D(10) ** 6), (D(0), D(1))])
async def test_a_split_that_cannot_be_is_not_applied(pit, ratio):
    await pit.buy()
    new, old = ratio
    day = pit.clock.now() + timedelta(days=1)
    pit.broker.announced.append(Split(AAPL, day.replace(hour=0, minute=0), new, old))
    pit.trader.abandon()
    await pit.clock.advance(86_400)
    await pit.restart()
    assert pit.facts(SplitApplied) == []
    assert pit.trader.failed is None
    assert any("the day is not prepared" in one.problem for one in pit.said(TradingAlarm))
