"""Every form of the bar backtest; what one does, all do."""

import pytest

from argo_core.backtest.plain.walk import trade_plainly
from argo_core.backtest.trading import trade
from argo_core.testing.random_markets import Form


@pytest.fixture(params=[trade_plainly, trade], ids=["plain", "step"])
def form(request: pytest.FixtureRequest) -> Form:
    chosen: Form = request.param
    return chosen
