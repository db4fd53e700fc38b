"""The step as machine code and the plain objects tell the same, on many more random markets."""

import pytest
from hypothesis import given, settings

from argo_core.backtest.kernel.compiled import COMPILED
from argo_core.backtest.plain.walk import trade_plainly
from argo_core.backtest.trading import trade
from argo_core.testing.random_markets import Market, markets

pytestmark = pytest.mark.oracle
pytest.importorskip("numba", reason="numba is not installed")


@settings(max_examples=500)
@given(markets())
def test_the_compiled_step_agrees_on_every_fill_and_every_row(market: Market) -> None:
    assert COMPILED
    plain = trade_plainly(market.panel, market.verdicts, market.plan)
    assert trade(market.panel, market.verdicts, market.plan) == plain
