"""The promises of the port `Reasoner`, as tests. Inherit, and give the fixture `reasoner_case`."""
# ruff: noqa: S101 - a contract is made of assertions

from collections.abc import Callable

import pytest
from attrs import frozen

from argo_core.errors import VendorError
from argo_core.ports import Reasoner
from argo_core.signals.brief import Brief
from argo_core.signals.verifier import verify


@frozen
class ReasonerCase:
    """A reasoner that writes well about `brief`. After `fail` its vendor is away."""

    reasoner: Reasoner
    brief: Brief
    fail: Callable[[], None]


class ReasonerContract:
    """A class of tests for one implementation; `reasoner_case` is its fixture."""

    async def test_one_ask_gives_one_prose(self, reasoner_case: ReasonerCase) -> None:
        answer = await reasoner_case.reasoner.prose(reasoner_case.brief)
        assert len(answer.items) == 1
        assert not answer.missing
        assert answer.calls >= 1

    async def test_good_prose_passes_the_verifier(self, reasoner_case: ReasonerCase) -> None:
        answer = await reasoner_case.reasoner.prose(reasoner_case.brief)
        assert verify(answer.items[0], reasoner_case.brief) == ()

    async def test_an_ask_costs_no_more_than_was_set_aside(
        self, reasoner_case: ReasonerCase
    ) -> None:
        most = reasoner_case.reasoner.most(reasoner_case.brief)
        answer = await reasoner_case.reasoner.prose(reasoner_case.brief)
        assert 0 < answer.usd <= most.usd
        assert 0 < answer.tokens <= most.tokens
        assert answer.calls <= most.calls

    async def test_the_record_knows_who_writes(self, reasoner_case: ReasonerCase) -> None:
        assert reasoner_case.reasoner.name
        assert reasoner_case.reasoner.model

    async def test_a_failing_reasoner_is_an_error_with_its_name(
        self, reasoner_case: ReasonerCase
    ) -> None:
        reasoner_case.fail()
        with pytest.raises(VendorError) as caught:
            await reasoner_case.reasoner.prose(reasoner_case.brief)
        assert caught.value.source == reasoner_case.reasoner.name
        assert caught.value.usd >= 0
