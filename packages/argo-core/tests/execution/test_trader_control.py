"""What operators ask for: halt, resume, flatten; each answered, whatever happens."""

import asyncio
from decimal import Decimal

import pytest

from argo_core.errors import InvalidInput, JournalError
from argo_core.events import TradingStateChanged
from argo_core.execution.inbox import MOST_ORDERS
from argo_core.testing.trading_stage import quote_of
from argo_core.trading.fact import CauseRaised, ExitWanted
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import Cause, TradingState

D = Decimal


async def test_a_halt_denies_entries_and_is_kept_over_a_restart(pit):
    await pit.price("AAPL", "100")
    assert await pit.wish(pit.trader.halt(" a storm ")) is None
    assert pit.trader.book.causes[Cause.OPERATOR][1] == "a storm"
    await pit.restart()
    assert pit.trader.book.state is TradingState.HALTED
    await pit.price("AAPL", "100")
    await pit.signal()
    assert pit.orders(Leg.ENTRY) == []


async def test_a_halt_cancels_entries_and_keeps_protection(pit):
    await pit.buy("AAPL")
    await pit.price("MSFT", "100")
    await pit.signal("MSFT")
    await pit.wish(pit.trader.halt("a storm"))
    assert {one.symbol for one in pit.at_broker()} == {"AAPL"}
    assert pit.orders(Leg.ENTRY, Status.CANCELLED)
    assert pit.trader.book.quantity("AAPL") == 49


async def test_a_second_halt_changes_nothing(pit):
    await pit.wish(pit.trader.halt("a storm"))
    await pit.wish(pit.trader.halt("another"))
    assert [one.why for one in pit.facts(CauseRaised)][1:] == ["a storm"]
    assert [one.after for one in pit.said(TradingStateChanged)][-1] is TradingState.HALTED


async def test_resume_takes_a_halt_back(pit):
    await pit.wish(pit.trader.halt("a storm"))
    assert await pit.wish(pit.trader.resume("it is over")) == ()
    assert pit.trader.book.state is TradingState.ACTIVE
    assert pit.said(TradingStateChanged)[-1].why == "it is over"


async def test_resume_says_what_stands_nevertheless(pit):
    await pit.price("NVDA", "100")
    pit.broker.sneak("NVDA", "5", "100")
    await pit.wait(61)
    await pit.wish(pit.trader.halt("a storm"))
    assert await pit.wish(pit.trader.resume("it is over")) == (Cause.DRIFT,)
    assert pit.trader.book.state is TradingState.REDUCING


async def test_resume_where_nothing_stands_is_fine(pit):
    assert await pit.wish(pit.trader.resume("to be sure")) == ()


async def test_flatten_halts_and_closes_everything(pit):
    await pit.buy("AAPL")
    await pit.buy("MSFT")
    assert await pit.wish(pit.trader.flatten("enough")) == ("AAPL", "MSFT")
    assert pit.trader.book.state is TradingState.HALTED
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET] * 2
    await pit.price("AAPL", "100")
    await pit.price("MSFT", "100")
    assert pit.trader.book.held() == {}


async def test_flatten_where_nothing_is_held_halts_all_the_same(pit):
    assert await pit.wish(pit.trader.flatten("enough")) == ()
    assert pit.trader.book.state is TradingState.HALTED


async def test_one_symbol_is_flattened_and_the_rest_goes_on(pit):
    await pit.buy("AAPL")
    await pit.buy("MSFT")
    assert await pit.wish(pit.trader.flatten("enough", "AAPL")) == ("AAPL",)
    await pit.price("AAPL", "100")
    assert pit.trader.book.held().keys() == {"MSFT"}
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_what_an_entry_brings_after_flatten_is_closed_too(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    pit.broker.holding = True
    pit.broker.quote("AAPL", "99.95", "100.05")
    assert await pit.wish(pit.trader.flatten("enough")) == ("AAPL",)
    pit.broker.heal()
    await pit.wait(1)
    await pit.price("AAPL", "100")
    assert pit.trader.book.held() == {}
    assert pit.broker.house.positions() == ()


async def test_an_entry_alone_is_flattened_by_its_symbol(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    assert await pit.wish(pit.trader.flatten("enough", "AAPL")) == ("AAPL",)
    assert pit.at_broker() == ()


async def test_what_is_not_held_cannot_be_flattened(pit):
    with pytest.raises(InvalidInput, match="nothing is held of AAPL"):
        await pit.wish(pit.trader.flatten("enough", "AAPL"))
    assert pit.facts(ExitWanted) == []
    assert pit.trader.failed is None


@pytest.mark.parametrize("wish", ["halt", "resume", "flatten"])
async def test_without_a_reason_nothing_is_done(pit, wish):
    with pytest.raises(InvalidInput, match="reason"):
        await getattr(pit.trader, wish)("  ")


async def test_a_wish_is_carried_out_though_its_asker_went_away(pit):
    asking = asyncio.ensure_future(pit.trader.halt("a storm"))
    refused = asyncio.ensure_future(pit.trader.flatten("enough", "AAPL"))
    await asyncio.sleep(0)  # noqa: TID251 - lets them ask, and takes no time
    asking.cancel()
    refused.cancel()
    await pit.clock.settle()
    assert (pit.trader.failed, pit.trader.is_over) == (None, False)
    assert pit.trader.book.state is TradingState.HALTED


async def test_a_wish_does_not_wait_for_all_that_a_slow_broker_has_to_do(pit):
    await pit.buy("AAPL")
    await pit.buy("MSFT")
    pit.broker.seconds = 10
    flatten = asyncio.ensure_future(pit.trader.flatten("enough"))
    await pit.clock.advance(5)
    asking = asyncio.ensure_future(pit.trader.halt("a storm"))
    await pit.clock.advance(6)
    assert asking.done()
    pit.broker.seconds = 0
    await pit.clock.advance(30)
    assert await flatten == ("AAPL", "MSFT")
    assert {one.leg for one in pit.trader.book.open_orders()} == {Leg.EXIT}


async def test_only_so_many_wishes_wait(pit):
    pit.broker.seconds = 10
    await pit.wait(61)
    every = [asyncio.ensure_future(pit.trader.halt("a storm")) for _ in range(MOST_ORDERS + 1)]
    await pit.clock.settle()
    assert [one.done() for one in every] == [False] * MOST_ORDERS + [True]
    with pytest.raises(InvalidInput, match="wishes wait"):
        await every[-1]
    pit.broker.seconds = 0
    await pit.clock.advance(30)
    assert await asyncio.gather(*every[:-1]) == [None] * MOST_ORDERS


async def test_a_wish_after_the_end_is_refused(pit):
    await pit.trader.stop()
    assert pit.trader.is_over
    with pytest.raises(JournalError, match="it was ended"):
        await pit.trader.halt("a storm")


async def test_a_wish_that_waits_at_the_end_is_refused(pit):
    pit.broker.seconds = 10
    await pit.clock.advance(61)
    asking = asyncio.ensure_future(pit.trader.halt("a storm"))
    stopping = asyncio.ensure_future(pit.trader.stop())
    await pit.clock.advance(6)
    await stopping
    with pytest.raises(JournalError, match="trading has stopped"):
        await asking


async def test_it_ends_within_seconds_though_the_broker_hangs(pit):
    await pit.buy()
    pit.broker.seconds = 1_000
    await pit.clock.advance(61)
    stopping = asyncio.ensure_future(pit.trader.stop())
    await pit.clock.advance(6)
    assert stopping.done()
    assert pit.trader.is_over
    # What is there stays there, protected as it is.
    assert len(pit.at_broker()) == 2


async def test_at_the_end_nothing_new_is_begun(pit):
    await pit.buy()
    await pit.wait(1)
    calls = len(pit.broker.calls)
    pit.trader.observe(quote_of("AAPL", D(97), pit.clock.now()))
    await pit.trader.stop()
    assert len(pit.broker.calls) == calls
    assert pit.facts(ExitWanted) == []


async def test_what_was_never_opened_is_stopped_and_settled_at_once(pit):
    other = pit.unopened()
    await other.stop()
    await other.settled()
    other.abandon()
    assert not other.is_over
    with pytest.raises(JournalError, match="it was ended"):
        await other.halt("a storm")
