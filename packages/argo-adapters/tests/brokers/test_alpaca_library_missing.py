"""What an operator is told who has not installed alpaca-py."""

from importlib.util import find_spec

import pytest

from argo_adapters.brokers.alpaca.broker import AlpacaBroker
from argo_adapters.brokers.alpaca.settings import AlpacaBrokerSettings
from argo_adapters.http.open_turnstile import OpenTurnstile
from argo_core.errors import InvalidSetting
from argo_core.testing.fake_clock import FakeClock


@pytest.mark.skipif(find_spec("alpaca") is not None, reason="alpaca-py is installed")
async def test_a_missing_library_is_named_with_the_extra_that_brings_it() -> None:
    settings = AlpacaBrokerSettings("key", "secret")
    with pytest.raises(InvalidSetting, match=r"install argo-adapters\[alpaca\]"):
        AlpacaBroker(settings, FakeClock(), turnstile=OpenTurnstile())
