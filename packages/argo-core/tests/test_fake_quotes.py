import asyncio
from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.errors import VendorUnavailable
from argo_core.market.bar import MINUTE, Bar
from argo_core.market.instrument import instrument
from argo_core.testing.fake_clock import BEGINNING, FakeClock
from argo_core.testing.fake_quotes import FAKE, FakeQuotes
from argo_core.testing.quotes_contract import (
    HistoryCase,
    HistoryContract,
    QuotesCase,
    QuotesContract,
)

APPLE, BITCOIN, NOBODY = instrument("AAPL"), instrument("BTC/USD"), instrument("ZZZZ")


class TestFakeQuotesKeepThePromises(QuotesContract):
    @pytest.fixture
    def case(self) -> QuotesCase:
        clock = FakeClock()
        quotes = FakeQuotes(clock)
        quotes.price("AAPL", "205.814", bid="205.80", ask="205.83")
        quotes.price("BTC/USD", "98000", at=BEGINNING - timedelta(seconds=9))

        def fail() -> None:
            quotes.failing = VendorUnavailable(FAKE, "away")

        return QuotesCase(quotes, (APPLE, BITCOIN), NOBODY, clock, fail)


class TestFakeHistoryKeepsThePromises(HistoryContract):
    @pytest.fixture
    def past(self) -> HistoryCase:
        history = FakeQuotes(FakeClock())
        for minute in (3, 0, 2, 1):
            for one in (BITCOIN, APPLE):
                start = BEGINNING + minute * MINUTE
                history.bars.append(Bar(one.symbol, start, 10, 12, 9, 11, 100))

        def fail() -> None:
            history.failing = VendorUnavailable(FAKE, "away")

        span = (BEGINNING, BEGINNING + 4 * MINUTE)
        return HistoryCase(history, (APPLE, BITCOIN), NOBODY, *span, fail)


async def test_it_quotes_what_it_was_told_and_remembers_who_was_asked() -> None:
    quotes = FakeQuotes(FakeClock())
    quotes.price("AAPL", "205.81", bid="205.80")
    (quote,) = (await quotes.quotes((APPLE,))).items
    assert (quote.price, quote.bid, quote.ask) == (Decimal("205.81"), Decimal("205.80"), None)
    quotes.forget("AAPL")
    assert not (await quotes.quotes((APPLE,))).items
    assert quotes.asked == [("AAPL",), ("AAPL",)]


async def test_an_ask_takes_its_seconds_on_the_clock() -> None:
    clock = FakeClock()
    quotes = FakeQuotes(clock)
    quotes.price("AAPL", "205.81")
    quotes.seconds = 3.0
    asking = asyncio.ensure_future(quotes.quotes((APPLE,)))
    await clock.advance(2.5)
    assert not asking.done()
    await clock.advance(0.5)
    (quote,) = (await asking).items
    assert quote.at == quote.fetched_at == BEGINNING + timedelta(seconds=3)
