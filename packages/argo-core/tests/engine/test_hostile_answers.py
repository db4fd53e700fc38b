"""A source or a feed that breaks every promise of its port: the beat goes on without it."""

import asyncio
import gc
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import attrs
import pytest

from argo_core.consensus.opinion import MASSIVE, SONAR, Fact, Opinion, SourceName
from argo_core.consensus.reasons import Direction
from argo_core.engine.loop import run
from argo_core.errors import VendorThrottled, VendorUnavailable
from argo_core.events import BeatMissed, CycleFinished, SourceFailed
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.ports import Answer, Missing
from argo_core.resilience.budget import Amount

NO_NUMBER = float("nan")
LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


def opinion(symbol: str, now: datetime, **changes: object) -> Opinion:
    """A buy like everybody's, so that it would end up in a signal."""
    words = {"as_of": now, "strength": 1.0, "rule": "hostile-1", "facts": ()} | changes
    return Opinion(MASSIVE, Symbol(symbol), horizon_s=3_600, raw_sha256="e" * 64, **words)


def facts(now: datetime, value: str, count: int = 1) -> tuple[Fact, ...]:
    return tuple(Fact("noise", value, "", now) for _ in range(count))


def raising(error: BaseException) -> Callable[..., object]:
    def answer(asked: Sequence[Instrument], now: datetime) -> object:
        raise error

    return answer


def saying(*opinions: Callable[[datetime], object]) -> Callable[..., object]:
    def answer(asked: Sequence[Instrument], now: datetime) -> object:
        return Answer(tuple(one(now) for one in opinions))

    return answer


# Nothing of these may count: the source is absent, or what it said is dropped.
WORTHLESS_OPINIONS = {
    "nothing": lambda asked, now: None,
    "a list": lambda asked, now: [],
    "items that are none": lambda asked, now: Answer(None),
    "items of another type": lambda asked, now: Answer(("BUY", None, 1, b"")),
    "a quote": lambda asked, now: Answer((price("AZO", now),)),
    "missing that is a number": lambda asked, now: Answer((), missing=7),
    "calls that are words": lambda asked, now: Answer((), calls="many"),
    "a cost that is no number": lambda asked, now: Answer((), usd=Decimal("NaN")),
    "a cancellation of its own": raising(asyncio.CancelledError()),
    "a timeout of its own": raising(TimeoutError()),
    "a group of errors": raising(ExceptionGroup("both", [ValueError(), OSError()])),
    "a stop of iteration": raising(StopAsyncIteration()),
    "a refusal for ever": raising(VendorThrottled("massive", "no", retry_after_s=float("inf"))),
    "a refusal for no number": raising(
        VendorThrottled("massive", "no", retry_after_s=float("nan"))
    ),
    "a refusal that costs words": raising(VendorUnavailable("massive", "no", usd="much")),
    "another source's name": saying(lambda now: attrs.evolve(opinion("AZO", now), source=SONAR)),
    "a symbol nobody asked about": saying(lambda now: opinion("ZZZZ9", now)),
    "the future": saying(lambda now: opinion("AZO", now + timedelta(seconds=6))),
    "ten thousand strangers": lambda asked, now: Answer(
        tuple(opinion(f"Z{number}", now) for number in range(10_000))
    ),
}

# These are opinions by every rule, however odd; they may count, and must not break anything.
ODD_OPINIONS = {
    "long ago": saying(lambda now: opinion("AZO", LONG_AGO)),
    "ten thousand times the same": lambda asked, now: Answer((opinion("AZO", now),) * 10_000),
    "facts without end": saying(lambda now: opinion("AZO", now, facts=facts(now, "9", 10_000))),
    "a fact of a megabyte": saying(lambda now: opinion("AZO", now, facts=facts(now, "9" * 10**6))),
    "facts of ten kilobytes": saying(
        lambda now: opinion("AZO", now, facts=facts(now, "9" * 10_000, 12))
    ),
    "a rule in Greek": saying(lambda now: opinion("AZO", now, rule="κανών")),
    "a rule of a megabyte": saying(lambda now: opinion("AZO", now, rule="r" * 10**6)),
    "missing without end": lambda asked, now: Answer(
        (), missing=tuple(Missing(Symbol("AZO"), "why" * 99) for _ in range(10_000))
    ),
}


def price(symbol: str, now: datetime, **changes: object) -> Quote:
    words = {"price": Decimal("3.14"), "at": now, "fetched_at": now, "feed": "hostile"} | changes
    return Quote(Symbol(symbol), **words)


def pricing(*quotes: Callable[[datetime], object]) -> Callable[..., object]:
    return saying(*quotes)


WORTHLESS_PRICES = {
    "nothing": lambda asked, now: None,
    "items of another type": lambda asked, now: Answer(("3.14", None)),
    "an opinion": lambda asked, now: Answer((opinion("AZO", now),)),
    "a cancellation of its own": raising(asyncio.CancelledError()),
    "a refusal for ever": raising(VendorThrottled("alpaca", "no", retry_after_s=float("inf"))),
    "a symbol nobody asked about": pricing(lambda now: price("ZZZZ9", now)),
    "the future": pricing(lambda now: price("AZO", now + timedelta(seconds=6))),
    "less than two ticks": pricing(lambda now: price("AZO", now, price=Decimal("0.019"))),
}
ODD_PRICES = {
    "long ago": pricing(lambda now: price("AZO", LONG_AGO)),
    "fetched tomorrow": pricing(lambda now: price("AZO", now, fetched_at=now + timedelta(days=1))),
    "between ticks": pricing(lambda now: price("AZO", now, price=Decimal("3100.0000001"))),
    "of all digits": pricing(lambda now: price("AZO", now, price=Decimal(10) ** 40)),
    "of a hundred decimals": pricing(
        lambda now: price("AZO", now, price=3100 + Decimal(10) ** -27)
    ),
    "a feed in Greek": pricing(lambda now: price("AZO", now, feed="πηγή")),
    "a feed of a megabyte": pricing(lambda now: price("AZO", now, feed="f" * 10**6)),
}


class Hostile:
    """Satisfies `OpinionSource` and `Quotes` in name only."""

    model = "hostile-1"

    def __init__(self, name: SourceName, world: object, answer: Callable[..., object]) -> None:
        self.name = name
        self.asks = 0
        self._clock = world.clock
        self._answer = answer

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        return Amount(calls=1)

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> object:
        self.asks += 1
        return self._answer(asked, now)

    async def quotes(self, asked: Sequence[Instrument]) -> object:
        self.asks += 1
        return self._answer(asked, self._clock.now())


async def beaten(world, beats=20):
    """Run the loop for that many beats; no cycle fails, no task's error is lost."""
    lost = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: lost.append(context))
    engine = world.engine()
    await engine.start()
    until = world.clock.now() + timedelta(seconds=5 * beats)
    beating = asyncio.create_task(
        run(engine, world.clock, world.observer, asyncio.Event(), until=until)
    )
    await world.clock.advance(5 * beats + 1)
    assert beating.done()
    assert await beating == beats
    await engine.stop()
    gc.collect()
    assert lost == []
    assert all(event.usd.is_finite() for event in world.observer.of(SourceFailed))
    assert world.observer.of(BeatMissed) == []
    assert len(world.observer.of(CycleFinished)) == beats
    return engine


async def directions(world):
    entries = [decode_entry(one.data) for one in await world.log.entries(0, 1000)]
    return {e.text("direction") for e in entries if e.kind == "signal"}


@pytest.mark.parametrize("what", WORTHLESS_OPINIONS)
async def test_a_source_that_answers_nonsense_is_not_heard(world, what):
    hostile = Hostile(MASSIVE, world, WORTHLESS_OPINIONS[what])
    world.sources[MASSIVE] = hostile
    engine = await beaten(world)
    assert hostile.asks > 1
    assert all(MASSIVE not in held for held in engine.known.opinions.values())
    # The other three agree strongly enough without it.
    assert await directions(world) == {Direction.BUY}


@pytest.mark.parametrize("what", ODD_OPINIONS)
async def test_a_source_that_answers_oddly_breaks_nothing(world, what):
    hostile = Hostile(MASSIVE, world, ODD_OPINIONS[what])
    world.sources[MASSIVE] = hostile
    await beaten(world)
    assert hostile.asks > 1


@pytest.mark.parametrize("what", WORTHLESS_PRICES)
async def test_a_feed_that_answers_nonsense_leaves_it_to_the_fallback(world, what):
    hostile = Hostile(world.feeds[0].name, world, WORTHLESS_PRICES[what])
    world.feeds[0] = hostile
    engine = await beaten(world)
    assert hostile.asks > 1
    assert {quote.feed for quote in engine.known.quotes.values()} == {"yfinance"}
    assert await directions(world) == {Direction.BUY}


@pytest.mark.parametrize("what", ODD_PRICES)
async def test_a_feed_that_answers_oddly_breaks_nothing(world, what):
    hostile = Hostile(world.feeds[0].name, world, ODD_PRICES[what])
    world.feeds[0] = hostile
    await beaten(world)
    assert hostile.asks > 1
