"""When the journal fails, trading stops with an alarm, and nothing is half done."""

import asyncio
from decimal import Decimal

import pytest

from argo_core.codec.trading import read_fact
from argo_core.consensus.reasons import Direction
from argo_core.errors import JournalError
from argo_core.events import TradingAlarm
from argo_core.testing.fake_broker import Fault
from argo_core.trading.fact import Intended
from argo_core.trading.order import Leg, OrderType, Status
from argo_core.trading.state import TradingState

D = Decimal


def stopped(pit, kind="JournalError"):
    """It is over, and one alarm says so."""
    alarms = [one.problem for one in pit.said(TradingAlarm) if "has stopped" in one.problem]
    return pit.trader.is_over and len(alarms) == 1 and f"has stopped: {kind}" in alarms[0]


async def test_an_entry_that_was_not_written_down_is_not_sent(pit):
    await pit.price("AAPL", "100")
    pit.journal.fail_before = True
    await pit.signal()
    assert stopped(pit)
    assert isinstance(pit.trader.failed, JournalError)
    assert pit.calls("submit") == []
    assert pit.trader.book.orders == {}


async def test_an_entry_that_may_have_been_written_down_is_not_sent_but_looked_for_later(pit):
    await pit.price("AAPL", "100")
    pit.journal.fail_after = True
    await pit.signal()
    assert stopped(pit)
    assert pit.calls("submit") == []
    await pit.restart()
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.status is Status.INTENDED
    # It is not found twice, so it is sent for the first time, under its id, and not for long.
    await pit.wait(3)
    assert pit.calls("order") == [entry.id] * 2
    assert pit.calls("submit") == [entry.id]
    await pit.wait(6)
    assert pit.orders(Leg.ENTRY, Status.CANCELLED)


@pytest.mark.parametrize("how", ["fail_before", "fail_after"])
async def test_an_answer_that_cannot_be_written_down_is_heard_again_after_a_restart(pit, how):
    await pit.price("AAPL", "100")
    append = pit.journal.append

    async def once_intended(facts):
        written = await append(facts)
        if any(isinstance(one, Intended) for one in facts):
            setattr(pit.journal, how, True)
        return written

    pit.journal.append = once_intended
    await pit.signal()
    assert stopped(pit)
    assert len(pit.at_broker()) == 3
    await pit.restart()
    (entry,) = pit.orders(Leg.ENTRY)
    assert entry.status is Status.WORKING
    assert pit.calls("submit") == [entry.id]
    await pit.price("AAPL", "100")
    assert pit.trader.book.quantity("AAPL") == 49
    assert pit.trader.book.state is TradingState.ACTIVE


async def test_a_cancel_that_was_not_written_down_is_not_asked_for(pit):
    await pit.buy()
    append = pit.journal.append

    async def once_wanted(facts):
        written = await append(facts)
        pit.journal.fail_before = True
        return written

    pit.journal.append = once_wanted
    await pit.signal(direction=Direction.SELL)
    assert stopped(pit)
    assert pit.calls("cancel") == []
    assert {one.type for one in pit.at_broker()} == {OrderType.STOP, OrderType.LIMIT}
    await pit.restart()
    assert [one.type for one in pit.at_broker()] == [OrderType.MARKET]


@pytest.mark.parametrize("how", ["fail_before", "fail_after"])
async def test_a_fill_that_cannot_be_written_down_is_found_after_a_restart(pit, how):
    await pit.price("AAPL", "100")
    await pit.signal()
    setattr(pit.journal, how, True)
    await pit.price("AAPL", "100")
    assert stopped(pit)
    await pit.restart()
    assert pit.trader.book.quantity("AAPL") == 49
    assert pit.trader.book.state is TradingState.ACTIVE
    assert len(pit.orders(Leg.STOP, Status.WORKING)) == 1


@pytest.mark.parametrize("how", ["fail_before", "fail_after"])
async def test_a_wish_that_cannot_be_written_down_is_refused(pit, how):
    setattr(pit.journal, how, True)
    with pytest.raises(JournalError, match="trading has stopped"):
        await pit.wish(pit.trader.halt("a storm"))
    assert stopped(pit)
    with pytest.raises(JournalError, match="trading has stopped: it was told to fail"):
        await pit.trader.resume("it is over")


async def test_wishes_that_wait_behind_a_failure_are_refused(pit):
    pit.journal.fail_before = True
    every = [asyncio.ensure_future(pit.trader.halt("a storm")) for _ in range(3)]
    await pit.clock.settle()
    said = await asyncio.gather(*every, return_exceptions=True)
    assert [type(one) for one in said] == [JournalError] * 3


async def test_a_journal_that_cannot_be_read_opens_nothing(pit):
    pit.journal.fail_after = True
    with pytest.raises(JournalError):
        await pit.wish(pit.trader.halt("a storm"))
    other = pit.unopened()
    with pytest.raises(JournalError, match="open it again"):
        await other.open()
    with pytest.raises(JournalError):
        await other.history("any")
    await other.stop()


async def test_what_was_not_foreseen_stops_trading_with_an_alarm(pit):
    await pit.buy()
    positions = pit.broker.positions

    async def broken():
        await positions()
        raise ZeroDivisionError("an adapter's mistake")

    pit.broker.positions = broken
    await pit.wait(61)
    assert stopped(pit, "ZeroDivisionError")
    assert isinstance(pit.trader.failed, ZeroDivisionError)
    assert len(pit.at_broker()) == 2
    with pytest.raises(JournalError, match="an adapter's mistake"):
        await pit.trader.halt("a storm")


async def test_a_wish_that_runs_into_what_was_not_foreseen_is_answered(pit):
    def broken(symbol=None):
        raise ZeroDivisionError("a mistake of ours")

    pit.trader.book.open_orders = broken
    with pytest.raises(JournalError, match="a mistake of ours"):
        await pit.wish(pit.trader.flatten("enough", "AAPL"))
    assert stopped(pit, "ZeroDivisionError")


async def test_a_long_journal_is_read_in_pages(pit, monkeypatch):
    await pit.buy()
    monkeypatch.setattr("argo_core.execution.bookkeeper.PAGE", 3)
    before = pit.trader.book.positions
    await pit.restart()
    assert pit.trader.book.positions == before
    assert pit.trader.book.number == len(pit.journal.lines)


async def test_an_orders_history_is_every_fact_about_it(pit):
    await pit.buy()
    (entry,) = pit.orders(Leg.ENTRY)
    numbers = [one.number for one in await pit.trader.history(entry.id)]
    facts = [read_fact(pit.journal.lines[one - 1]) for one in numbers]
    assert [type(one).__name__ for one in facts][:3] == ["Judged", "Intended", "Told"]


async def test_a_refused_cancel_of_what_cannot_be_looked_at_is_an_alarm(pit):
    await pit.price("AAPL", "100")
    await pit.signal()
    pit.broker.fail(Fault.REFUSED, 1, "cancel")
    pit.broker.fail(Fault.AWAY_BEFORE, 1, "order")
    await pit.wait(6)
    assert "no answer" in pit.said(TradingAlarm)[-1].problem
    await pit.wait(11)
    assert pit.at_broker() == ()
