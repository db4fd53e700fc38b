"""The promises of `Quotes` and `History`, as tests. Inherit, and give the fixture each names."""
# ruff: noqa: S101 - a contract is made of assertions

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import frozen

from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument
from argo_core.ports import Clock, History, Quotes

SKEW = timedelta(seconds=5)
"""How far a vendor's clock may be ahead of ours before its price is from the future."""


@frozen
class QuotesCase:
    """Quotes that has a price of each of `known` and none of `unknown`; after `fail` it is away."""

    quotes: Quotes
    known: tuple[Instrument, ...]
    unknown: Instrument
    clock: Clock
    fail: Callable[[], None]


@frozen
class HistoryCase:
    """History with at least three bars of each of `known` between `since` and `until`."""

    history: History
    known: tuple[Instrument, ...]
    unknown: Instrument
    since: datetime
    until: datetime
    fail: Callable[[], None]


class QuotesContract:
    """A class of tests for one implementation of `Quotes`; `case` is its fixture."""

    async def test_each_known_symbol_has_one_price(self, case: QuotesCase) -> None:
        answer = await case.quotes.quotes(case.known)
        assert sorted(q.symbol for q in answer.items) == sorted(one.symbol for one in case.known)
        assert not answer.missing

    async def test_every_symbol_asked_for_is_answered_or_missing_once(
        self, case: QuotesCase
    ) -> None:
        asked = (*case.known, case.unknown)
        answer = await case.quotes.quotes(asked)
        accounted = [one.symbol for one in answer.items] + [one.symbol for one in answer.missing]
        assert sorted(accounted) == sorted(one.symbol for one in asked)

    async def test_an_unknown_symbol_is_missing_with_a_reason(self, case: QuotesCase) -> None:
        answer = await case.quotes.quotes((*case.known, case.unknown))
        assert [one.symbol for one in answer.missing] == [case.unknown.symbol]
        assert answer.missing[0].problem

    async def test_a_price_lies_on_the_instruments_tick(self, case: QuotesCase) -> None:
        answer = await case.quotes.quotes(case.known)
        grid = {one.symbol: one for one in case.known}
        assert all(q.price == grid[q.symbol].on_tick(q.price) for q in answer.items)

    async def test_a_price_has_the_exchanges_time_ours_and_its_feed(self, case: QuotesCase) -> None:
        before = case.clock.now()
        answer = await case.quotes.quotes(case.known)
        after = case.clock.now()
        for quote in answer.items:
            assert before <= quote.fetched_at <= after
            assert quote.at <= quote.fetched_at + SKEW
            assert quote.feed

    async def test_asking_about_nothing_costs_nothing(self, case: QuotesCase) -> None:
        answer = await case.quotes.quotes(())
        assert not answer.items
        assert not answer.missing
        assert not answer.calls
        assert not answer.usd

    async def test_a_failing_vendor_is_an_error_with_its_name(self, case: QuotesCase) -> None:
        case.fail()
        with pytest.raises(VendorError) as caught:
            await case.quotes.quotes(case.known)
        assert caught.value.source == case.quotes.name


class HistoryContract:
    """A class of tests for one implementation of `History`; `past` is its fixture."""

    async def test_bars_come_sorted_by_symbol_then_time_each_once(self, past: HistoryCase) -> None:
        answer = await past.history.minute_bars(past.known, past.since, past.until)
        keys = [(bar.symbol, bar.start) for bar in answer.items]
        assert keys == sorted(set(keys))
        assert {bar.symbol for bar in answer.items} == {one.symbol for one in past.known}

    async def test_bars_lie_inside_the_span_asked_for(self, past: HistoryCase) -> None:
        answer = await past.history.minute_bars(past.known, past.since, past.until)
        assert all(past.since <= bar.start <= bar.end <= past.until for bar in answer.items)

    async def test_a_bar_that_ends_later_is_left_out(self, past: HistoryCase) -> None:
        whole = await past.history.minute_bars(past.known, past.since, past.until)
        last = max(whole.items, key=lambda bar: bar.end)
        early = last.end - timedelta(seconds=1)
        fewer = await past.history.minute_bars(past.known, past.since, early)
        assert fewer.items
        assert set(fewer.items) == {bar for bar in whole.items if bar.end <= early}

    async def test_a_span_that_starts_inside_a_bar_leaves_it_out(self, past: HistoryCase) -> None:
        whole = await past.history.minute_bars(past.known, past.since, past.until)
        first = min(whole.items, key=lambda bar: bar.start)
        late = first.start + timedelta(seconds=1)
        fewer = await past.history.minute_bars(past.known, late, past.until)
        assert fewer.items
        assert set(fewer.items) == {bar for bar in whole.items if bar.start >= late}

    async def test_a_symbol_without_bars_is_missing(self, past: HistoryCase) -> None:
        asked = (*past.known, past.unknown)
        answer = await past.history.minute_bars(asked, past.since, past.until)
        assert [one.symbol for one in answer.missing] == [past.unknown.symbol]

    async def test_no_bars_of_nothing_cost_nothing(self, past: HistoryCase) -> None:
        answer = await past.history.minute_bars((), past.since, past.until)
        assert (answer.items, answer.missing, answer.calls) == ((), (), 0)

    async def test_a_failing_history_is_an_error_with_its_name(self, past: HistoryCase) -> None:
        past.fail()
        with pytest.raises(VendorError) as caught:
            await past.history.minute_bars(past.known, past.since, past.until)
        assert caught.value.source == past.history.name
