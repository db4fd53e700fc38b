"""The promises of the port `OpinionSource`, as tests. Inherit, and give the fixture `case`."""
# ruff: noqa: S101 - a contract is made of assertions

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from attrs import frozen

from argo_core.errors import VendorError
from argo_core.market.instrument import Instrument
from argo_core.ports import OpinionSource

SKEW = timedelta(seconds=5)
"""How far a vendor's clock may be ahead of ours before its answer is from the future."""


@frozen
class SourceCase:
    """A source that has an opinion on each of `known` and none on `unknown`.

    `now` gives the moment to ask at. After `fail` the vendor is away.
    """

    source: OpinionSource
    known: tuple[Instrument, ...]
    unknown: Instrument
    now: Callable[[], datetime]
    fail: Callable[[], None]


class SourceContract:
    """A class of tests for one implementation; `case` is its fixture."""

    async def test_each_known_symbol_gets_one_opinion_of_this_source(
        self, case: SourceCase
    ) -> None:
        answer = await case.source.opinions(case.known, case.now())
        assert sorted(o.symbol for o in answer.items) == sorted(one.symbol for one in case.known)
        assert {opinion.source for opinion in answer.items} == {case.source.name}
        assert not answer.missing

    async def test_every_symbol_asked_for_is_answered_or_missing_once(
        self, case: SourceCase
    ) -> None:
        asked = (*case.known, case.unknown)
        answer = await case.source.opinions(asked, case.now())
        accounted = [one.symbol for one in answer.items] + [one.symbol for one in answer.missing]
        assert sorted(accounted) == sorted(one.symbol for one in asked)

    async def test_an_unknown_symbol_is_missing_with_a_reason_and_never_neutral(
        self, case: SourceCase
    ) -> None:
        answer = await case.source.opinions((*case.known, case.unknown), case.now())
        assert [one.symbol for one in answer.missing] == [case.unknown.symbol]
        assert answer.missing[0].problem

    async def test_an_opinion_is_never_from_the_future(self, case: SourceCase) -> None:
        now = case.now()
        answer = await case.source.opinions(case.known, now)
        assert all(opinion.as_of <= now + SKEW for opinion in answer.items)

    async def test_asking_about_nothing_costs_nothing(self, case: SourceCase) -> None:
        answer = await case.source.opinions((), case.now())
        assert not answer.items
        assert not answer.missing
        assert not answer.calls
        assert not answer.usd

    async def test_an_ask_says_what_it_cost(self, case: SourceCase) -> None:
        answer = await case.source.opinions(case.known, case.now())
        assert answer.calls >= 1
        assert answer.usd >= 0

    async def test_the_order_asked_in_changes_no_opinion(self, case: SourceCase) -> None:
        now = case.now()
        forwards = await case.source.opinions(case.known, now)
        backwards = await case.source.opinions(case.known[::-1], now)
        strengths = [
            {o.symbol: o.strength for o in answer.items} for answer in (forwards, backwards)
        ]
        assert strengths[0] == strengths[1]

    async def test_the_record_knows_what_formed_the_opinion(self, case: SourceCase) -> None:
        assert case.source.name
        assert case.source.model
        answer = await case.source.opinions(case.known, case.now())
        assert all(opinion.rule for opinion in answer.items)

    async def test_a_failing_vendor_is_an_error_with_its_name(self, case: SourceCase) -> None:
        case.fail()
        with pytest.raises(VendorError) as caught:
            await case.source.opinions(case.known, case.now())
        assert caught.value.source == case.source.name
        assert caught.value.calls >= 0
