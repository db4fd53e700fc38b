import pytest

from argo_core.consensus.opinion import GROK
from argo_core.errors import VendorUnavailable
from argo_core.resilience.queue import Urgency
from argo_core.testing.fake_turnstile import FakeTurnstile, Passed


async def test_who_passes_is_remembered_with_what_ended_it() -> None:
    turnstile, error = FakeTurnstile(), VendorUnavailable(GROK, "down")
    async with turnstile.call(Urgency.REFRESH, 2.0) as passage:
        passage.heard(3.0)
        assert turnstile.passed[0].open
    with pytest.raises(VendorUnavailable) as caught:
        async with turnstile.call(Urgency.BACKFILL, 1.0):
            raise error
    assert caught.value is error
    assert turnstile.passed == [
        Passed(Urgency.REFRESH, 2.0, [(3.0, 0)], None, open=False),
        Passed(Urgency.BACKFILL, 1.0, [], error, open=False),
    ]


async def test_while_closed_nobody_passes() -> None:
    turnstile = FakeTurnstile()
    turnstile.closed = VendorUnavailable(GROK, "not asked", calls=0)
    with pytest.raises(VendorUnavailable) as caught:
        async with turnstile.call(Urgency.REFRESH, 2.0):
            raise AssertionError("nobody gets in")
    assert caught.value is turnstile.closed
    assert turnstile.passed == []
