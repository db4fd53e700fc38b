"""The engine and whoever trades: every cycle is shown, every trade is on record exactly once."""

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from argo_core.codec.signal import read_signal
from argo_core.codec.trade import trade_entry
from argo_core.engine.engine import Engine
from argo_core.engine.trades_taken_up import CHUNK, trades_taken_up
from argo_core.errors import LogConflict, LogUnavailable
from argo_core.events import SignalPublished
from argo_core.ledger.entry import decode_entry
from argo_core.ledger.record import Batch
from argo_core.market.instrument import Symbol
from argo_core.market.session import Phase
from argo_core.testing.entries import LOG, tiny_quiet
from argo_core.testing.fake_clock import BEGINNING
from argo_core.testing.fake_log import FakeLog
from argo_core.testing.fake_trading import FakeTrading
from argo_core.testing.strategies import NOON
from argo_core.testing.trading_strategies import trades
from argo_core.trading.order import Side
from argo_core.trading.trade import Trade, TradeEvent

AZO, BTC = Symbol("AZO"), Symbol("BTC/USD")
BUY = Trade(
    number=4,
    order_id="order",
    symbol=AZO,
    side=Side.BUY,
    event=TradeEvent.SUBMITTED,
    quantity=Decimal(1),
    broker="paper",
    at=BEGINNING,
)


class Died(BaseException):
    """The process is no more."""


def engine_of(world, trading, **registration):
    engine = world.engine()
    outside = evolve(engine.outside, trading=trading)
    chosen = evolve(world.registration, **registration)
    return Engine(world.profile, world.instruments, outside, chosen)


async def started(world, trading, **registration):
    engine = engine_of(world, trading, **registration)
    await engine.start()
    return engine


async def trades_of(world):
    """The order of each trade on record, by index."""
    entries = [decode_entry(one.data) for one in await world.log.entries(0, 1_000)]
    found = {index: one for index, one in enumerate(entries) if one.kind == "trade"}
    return {index: one.text("order_id") for index, one in found.items()}


async def test_every_cycle_is_shown_with_what_it_published(world):
    trading = FakeTrading()
    engine = await started(world, trading)
    for _ in range(2):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    first, second = trading.pictures
    ((index, signal),) = first.signals
    logged = await world.log.entries(index, index + 1)
    assert read_signal(logged[0].data) == signal
    assert first.quotes.keys() == first.phases.keys() == {AZO, BTC}
    assert first.phases[AZO] is Phase.REGULAR
    assert second.signals == ()
    assert second.at > first.at
    # What was shown does not change behind anybody's back.
    world.feeds[0].price("AZO", "3333.00")
    await engine.cycle(wait=True)
    assert second.quotes[AZO].price == Decimal("3100.00")
    assert trading.pictures[2].quotes[AZO].price == Decimal("3333.00")


async def test_another_feeds_price_is_shown_beside(world):
    trading = FakeTrading()
    engine = await started(world, trading)
    await engine.cycle(wait=True)
    assert trading.pictures[-1].seconds == {}
    engine.known.observe([evolve(engine.known.quotes[AZO], feed="other")], world.clock.now())
    await engine.cycle(wait=True)
    assert {trading.pictures[-1].quotes[AZO].feed, trading.pictures[-1].seconds[AZO].feed} == {
        "alpaca",
        "other",
    }


async def test_a_sealed_signal_is_shown_to_whoever_trades(world):
    trading = FakeTrading()
    engine = await started(world, trading, reveal_after_s=60, reveal_key=bytes(32))
    await engine.cycle(wait=True)
    ((index, signal),) = trading.pictures[0].signals
    assert decode_entry((await world.log.entries(index, index + 1))[0].data).kind == "commit"
    assert signal.symbol == AZO


async def test_a_signal_is_shown_once_the_log_has_it_and_prices_even_if_it_has_not(world):
    trading = FakeTrading()
    engine = await started(world, trading)
    world.log.failing = LogUnavailable("locked")
    cycle = await engine.cycle(wait=True)
    assert cycle.failed is not None
    assert [one.signals for one in trading.pictures] == [()]
    assert trading.pictures[0].quotes[AZO].price == Decimal("3100.00")
    world.log.failing = None
    await engine.cycle(wait=True)
    ((index, _),) = trading.pictures[1].signals
    assert [one.index for one in world.observer.of(SignalPublished)] == [index]


async def test_what_stands_is_shown_at_the_start(world):
    engine = await started(world, FakeTrading())
    await engine.cycle(wait=True)
    await engine.stop()
    trading = FakeTrading()
    await started(world, trading)
    assert [(index, one.symbol) for index, one in trading.standing] == [(1, AZO)]
    another = FakeTrading()
    await started(world, another, strategy="another")
    assert another.standing == []


async def test_trades_are_on_record_once_and_it_is_said_where(world):
    trading = FakeTrading()
    engine = await started(world, trading)
    trading.trade(BUY, evolve(BUY, number=5, order_id="next"))
    for _ in range(3):
        await engine.cycle(wait=True)
        await world.clock.advance(5)
    assert await trades_of(world) == {1: "order", 2: "next"}
    assert trading.indices == {4: 1, 5: 2}


async def test_trades_that_the_log_did_not_take_are_offered_again(world):
    trading = FakeTrading()
    engine = await started(world, trading)
    trading.trade(BUY)
    world.log.failing = LogUnavailable("locked")
    await engine.cycle(wait=True)
    trading.trade(evolve(BUY, number=5, order_id="next"))
    await engine.cycle(wait=True)
    assert trading.indices == {}
    world.log.failing = None
    await engine.cycle(wait=True)
    assert list((await trades_of(world)).values()) == ["order", "next"]
    assert {trading.indices[4]: "order", trading.indices[5]: "next"} == await trades_of(world)


async def test_trades_of_a_batch_that_was_refused_for_good_are_written_by_the_next_run(
    world, monkeypatch
):
    trading = FakeTrading()
    engine = await started(world, trading)
    trading.trade(BUY)

    async def refuse(_batch):
        raise LogConflict("somebody else wrote")

    monkeypatch.setattr(world.log, "append", refuse)
    with pytest.raises(LogConflict):
        await engine.cycle(wait=True)
    monkeypatch.undo()
    assert trading.indices == {}
    again = trading.restarted()
    engine = await started(world, again)
    await engine.cycle(wait=True)
    assert dict.fromkeys(again.indices.values(), "order") == await trades_of(world)


@pytest.mark.parametrize("taken", [False, True])
async def test_a_crash_around_the_append_neither_loses_nor_doubles_a_trade(
    world, monkeypatch, taken
):
    trading = FakeTrading()
    engine = await started(world, trading)
    trading.trade(BUY)
    await engine.cycle(wait=True)
    trading.trade(*(evolve(BUY, number=5 + n, order_id=f"next-{n}") for n in range(3)))
    append = world.log.append

    async def die(batch):
        if taken:
            await append(batch)
        raise Died

    monkeypatch.setattr(world.log, "append", die)
    await world.clock.advance(5)
    with pytest.raises(Died):
        await engine.cycle(wait=True)
    monkeypatch.undo()
    again = trading.restarted()
    engine = await started(world, again)
    # What is there already is told at the start, before anything is decided.
    assert len(again.indices) == (4 if taken else 1)
    await engine.cycle(wait=True)
    on_record = await trades_of(world)
    assert sorted(on_record.values()) == ["next-0", "next-1", "next-2", "order"]
    orders = {4: "order", 5: "next-0", 6: "next-1", 7: "next-2"}
    assert {index: orders[number] for number, index in again.indices.items()} == on_record


async def test_without_anybody_who_trades_nothing_is_different(world):
    engine = await started(world, None)
    await engine.cycle(wait=True)
    assert await trades_of(world) == {}


async def filled(*entries):
    log = FakeLog()
    for start in range(0, len(entries), 500):
        await log.append(Batch(start, entries[start : start + 500]))
    return log


def logged(trade, seq, strategy="alpha"):
    return trade_entry(trade, LOG, strategy, seq, NOON)


async def test_the_end_of_the_record_is_read_and_nothing_before():
    entries = [logged(BUY, 0), tiny_quiet(1, decided_us=1_732_554_000_000_000), logged(BUY, 2)]
    log = await filled(*entries)
    assert await trades_taken_up(log, [BUY], "alpha", 0, 3) == {4: 0}
    assert await trades_taken_up(log, [BUY], "alpha", 1, 3) == {4: 2}
    assert await trades_taken_up(log, [BUY], "alpha", 0, 0) == {}
    assert await trades_taken_up(log, [BUY], "alpha", 3, 3) == {}
    assert await trades_taken_up(log, [BUY], "beta", 0, 3) == {}
    assert await trades_taken_up(log, [], "alpha", 0, 3) == {}


async def test_what_happened_twice_is_two_entries():
    log = await filled(logged(BUY, 0), logged(BUY, 1))
    twice = [BUY, evolve(BUY, number=5), evolve(BUY, number=6)]
    assert await trades_taken_up(log, twice, "alpha", 0, 2) == {4: 0, 5: 1}


async def test_no_trade_is_looked_for_before_the_signal_that_it_names():
    log = await filled(*(tiny_quiet(seq) for seq in range(5)))
    asked = []
    entries = log.entries

    async def noted(start, stop):
        asked.append((start, stop))
        return await entries(start, stop)

    log.entries = noted
    named = [evolve(BUY, signal_index=index) for index in (3, 2)]
    await trades_taken_up(log, named, "alpha", 0, 5)
    assert asked == [(3, 5)]
    await trades_taken_up(log, [*named, BUY], "alpha", 1, 5)
    assert asked[1:] == [(1, 5)]


async def test_a_long_end_is_read_in_pieces():
    count = CHUNK + 20
    fills = [evolve(BUY, number=number, order_id=f"o-{number}") for number in range(count)]
    log = await filled(*(logged(one, seq) for seq, one in enumerate(fills)))
    found = await trades_taken_up(log, fills, "alpha", 0, count)
    assert found == {number: number for number in range(count)}


@given(st.lists(trades(), max_size=6, unique_by=lambda one: one.number), st.data())
async def test_whatever_the_record_has_is_found_and_nothing_else(wanted, data):
    there = data.draw(st.lists(st.sampled_from(wanted), unique_by=id) if wanted else st.just([]))
    log = await filled(*(logged(one, seq) for seq, one in enumerate(there)))
    # A signal's index says where to begin, and here all are from the beginning.
    wanted = [evolve(one, signal_index=None) for one in wanted]
    found = await trades_taken_up(log, wanted, "alpha", 0, len(there))
    assert len(found) == len(there) == len(set(found.values()))
    by_number = {one.number: one for one in wanted}
    for number, index in found.items():
        there_is, is_wanted = there[index], by_number[number]
        assert evolve(there_is, signal_index=None, number=0).order_id == is_wanted.order_id
        assert there_is.event == is_wanted.event
        assert there_is.quantity == is_wanted.quantity
