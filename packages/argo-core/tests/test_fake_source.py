import asyncio
from datetime import timedelta

import pytest

from argo_core.consensus.opinion import GROK
from argo_core.errors import VendorUnavailable
from argo_core.market.instrument import instrument
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_source import FakeSource
from argo_core.testing.source_contract import SourceCase, SourceContract

APPLE, BITCOIN, NOBODY = instrument("AAPL"), instrument("BTC/USD"), instrument("ZZZZ")


class TestFakeSourceKeepsThePromises(SourceContract):
    @pytest.fixture
    def case(self) -> SourceCase:
        source = FakeSource(GROK)
        source.say("AAPL", 0.5)
        source.say("BTC/USD", -1.0)

        def fail() -> None:
            source.failing = VendorUnavailable(GROK, "away")

        return SourceCase(source, (APPLE, BITCOIN), NOBODY, lambda: BEGINNING, fail)


async def test_it_says_what_it_was_told_and_remembers_who_was_asked() -> None:
    source = FakeSource(GROK)
    source.say("AAPL", 0.25, as_of=BEGINNING)
    later = BEGINNING + timedelta(minutes=1)
    answer = await source.opinions((APPLE, NOBODY), later)
    assert [(o.symbol, o.strength, o.as_of) for o in answer.items] == [("AAPL", 0.25, BEGINNING)]
    source.forget("AAPL")
    assert not (await source.opinions((APPLE,), later)).items
    assert source.asked == [("AAPL", "ZZZZ"), ("AAPL",)]


async def test_an_ask_takes_its_seconds_on_the_clock() -> None:
    clock = FakeClock()
    source = FakeSource(GROK, clock=clock)
    source.say("AAPL", 0.25)
    source.seconds = 3.0
    asking = asyncio.ensure_future(source.opinions((APPLE,), clock.now()))
    await clock.advance(2.5)
    assert not asking.done()
    await clock.advance(0.5)
    await clock.settle()
    assert (await asking).items
