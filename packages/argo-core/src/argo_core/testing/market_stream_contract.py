"""The promises of `MarketStream`, as tests. Inherit, and give the fixture `world`."""
# ruff: noqa: S101 - a contract is made of assertions

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, timedelta
from decimal import Decimal
from typing import Protocol

from argo_core.market.halt import Halt
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Clock, MarketStream
from argo_core.trading.broker_view import StreamGap
from argo_core.trading.ticks import Tick

SKEW = timedelta(seconds=5)

# A stream over a socket on a busy machine is not slower than that.
_PATIENCE_S = 20
# How long one look lasts before the market is made to move again.
_LOOK_S = 0.05


class MarketWorld(Protocol):
    """A stream made for `first`, `second` and `third`, in a small market of its own.

    It carries the quotes of two symbols at a time. Prices come from here alone.
    """

    @property
    def stream(self) -> MarketStream:
        """The stream under test."""
        ...

    @property
    def symbols(self) -> tuple[Symbol, Symbol, Symbol]:
        """Those that it was made for."""
        ...

    @property
    def clock(self) -> Clock:
        """The clock that the stream and its vendor go by; `pass_s` moves it."""
        ...

    async def pass_s(self, seconds: float) -> None:
        """Let that many seconds pass."""
        ...

    def quote(self, symbol: Symbol, bid: Decimal, ask: Decimal) -> None:
        """A new quote, of this moment."""
        ...

    def halt(self, symbol: Symbol) -> None:
        """The exchange stops the trading of it."""
        ...

    def resume(self, symbol: Symbol) -> None:
        """Trading of it goes on."""
        ...

    def break_off(self) -> None:
        """The connection breaks, and nothing is kept for later."""
        ...


class Hearing:
    """What a stream has told so far."""

    def __init__(self, world: MarketWorld) -> None:
        self.heard: list[Tick] = []
        self._world = world
        self._moved = 0
        self._news = asyncio.Event()

    @property
    def quotes(self) -> list[Quote]:
        return [one for one in self.heard if isinstance(one, Quote)]

    @property
    def halts(self) -> list[Halt]:
        return [one for one in self.heard if isinstance(one, Halt)]

    @property
    def gaps(self) -> list[StreamGap]:
        return [one for one in self.heard if isinstance(one, StreamGap)]

    def take(self, tick: Tick) -> None:
        """It was told."""
        self.heard.append(tick)
        self._news.set()

    async def until(
        self, condition: Callable[[], object], nudge: Callable[[], None] | None = None
    ) -> None:
        """Go on until it holds, with a `nudge` and a second passing before each look."""
        async with asyncio.timeout(_PATIENCE_S):
            while not condition():
                if nudge is not None:
                    nudge()
                self._news.clear()
                await self._world.pass_s(1)
                with suppress(TimeoutError):
                    async with asyncio.timeout(_LOOK_S):
                        await self._news.wait()

    def move(self, symbol: Symbol) -> Callable[[], None]:
        """Moves the quote of the symbol."""

        def moved() -> None:
            self._moved += 1
            bid = Decimal(100 + self._moved)
            self._world.quote(symbol, bid, bid + Decimal("0.10"))

        return moved

    def told(self, symbol: Symbol) -> Callable[[], bool]:
        """Whether a quote of it has come."""
        return lambda: any(one.symbol == symbol for one in self.quotes)


@asynccontextmanager
async def hearing(world: MarketWorld) -> AsyncIterator[Hearing]:
    """Hear the stream within the block, from its first gap on."""
    found = Hearing(world)

    async def hear() -> None:
        async for tick in world.stream.ticks():
            found.take(tick)

    task = asyncio.create_task(hear())
    try:
        await found.until(lambda: found.gaps)
        yield found
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class MarketStreamContract:
    """A class of tests for one implementation of `MarketStream`."""

    async def test_a_stream_begins_with_a_gap(self, world: MarketWorld) -> None:
        assert not world.stream.connected
        async with hearing(world) as ears:
            assert isinstance(ears.heard[0], StreamGap)
            assert world.stream.connected
        assert not world.stream.connected

    async def test_quotes_of_what_is_watched_are_told(self, world: MarketWorld) -> None:
        first, *_ = world.symbols
        world.stream.watch((first,))
        async with hearing(world) as ears:
            await ears.until(ears.told(first), ears.move(first))
        quote = ears.quotes[0]
        assert quote.bid is not None
        assert quote.ask == quote.bid + Decimal("0.10")
        assert quote.price == quote.bid + Decimal("0.05")
        assert quote.at.tzinfo is UTC
        assert quote.at <= quote.fetched_at + SKEW
        assert quote.feed

    async def test_quotes_of_others_are_not_told(self, world: MarketWorld) -> None:
        first, second, _ = world.symbols
        world.stream.watch((first,))
        async with hearing(world) as ears:
            ears.move(second)()
            await ears.until(ears.told(first), ears.move(first))
        assert {one.symbol for one in ears.quotes} == {first}

    async def test_what_is_watched_changes_while_it_runs(self, world: MarketWorld) -> None:
        first, second, _ = world.symbols
        world.stream.watch((first,))
        async with hearing(world) as ears:
            await ears.until(ears.told(first), ears.move(first))
            world.stream.watch((second,))
            await ears.until(ears.told(second), ears.move(second))
            ears.heard.clear()
            ears.move(first)()
            await ears.until(ears.told(second), ears.move(second))
        assert {one.symbol for one in ears.quotes} == {second}

    async def test_of_more_than_it_can_carry_the_first_are_watched(
        self, world: MarketWorld
    ) -> None:
        first, second, third = world.symbols
        world.stream.watch((third, second, first))
        async with hearing(world) as ears:
            await ears.until(ears.told(third), ears.move(third))
            ears.move(first)()
            await ears.until(ears.told(second), ears.move(second))
        assert {one.symbol for one in ears.quotes} == {second, third}

    async def test_what_it_was_not_made_for_is_left_out(self, world: MarketWorld) -> None:
        first, *_ = world.symbols
        world.stream.watch((Symbol("ZZZZZ"), Symbol("ZZZZY"), first))
        async with hearing(world) as ears:
            await ears.until(ears.told(first), ears.move(first))

    async def test_halts_and_their_ends_are_told_of_what_is_not_watched(
        self, world: MarketWorld
    ) -> None:
        *_, third = world.symbols
        async with hearing(world) as ears:
            world.halt(third)
            await ears.until(lambda: ears.halts)
            world.resume(third)
            await ears.until(lambda: ears.halts[1:])
        assert [(one.symbol, one.halted) for one in ears.halts] == [(third, True), (third, False)]
        assert ears.halts[0].reason
        assert ears.halts[0].at.tzinfo is UTC

    async def test_after_a_break_there_is_a_gap_and_it_goes_on(self, world: MarketWorld) -> None:
        first, second, _ = world.symbols
        world.stream.watch((first,))
        async with hearing(world) as ears:
            await ears.until(ears.told(first), ears.move(first))
            world.break_off()
            await ears.until(lambda: ears.gaps[1:])
            ears.heard.clear()
            await ears.until(ears.told(first), ears.move(first))
            world.halt(second)
            await ears.until(lambda: ears.halts)

    async def test_whoever_is_slow_is_told_the_newest(self, world: MarketWorld) -> None:
        first, second, _ = world.symbols
        world.stream.watch((first, second))
        ticks = world.stream.ticks()
        heard = Hearing(world)
        async with asyncio.timeout(_PATIENCE_S):
            heard.take(await anext(ticks))
            while not heard.told(first)():
                heard.move(first)()
                heard.take(await anext(ticks))
            for _ in range(5):
                heard.move(first)()
                await world.pass_s(1)
            heard.move(second)()
            rest = [await anext(ticks)]
            while not any(isinstance(one, Quote) and one.symbol == second for one in rest):
                rest.append(await anext(ticks))
        await ticks.aclose()
        assert isinstance(rest[-1], Quote)
        bids = [one.bid for one in rest if isinstance(one, Quote) and one.symbol == first]
        assert bids == sorted(bids, key=lambda bid: bid or 0)

    async def test_it_can_be_heard_again_after_it_was_closed(self, world: MarketWorld) -> None:
        first, *_ = world.symbols
        world.stream.watch((first,))
        for _ in range(2):
            async with hearing(world) as ears:
                await ears.until(ears.told(first), ears.move(first))
