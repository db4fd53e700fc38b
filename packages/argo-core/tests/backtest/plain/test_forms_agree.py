"""The compiled step and the plain objects tell the same of every account, to the unit."""

from hypothesis import given, settings

from argo_core.backtest.plain.walk import trade_plainly
from argo_core.backtest.trading import trade
from argo_core.testing.random_markets import Market, markets


@settings(max_examples=5 * settings().max_examples)
@given(markets())
def test_both_forms_agree_on_every_fill_and_on_the_account_after_every_row(market: Market) -> None:
    plain = trade_plainly(market.panel, market.verdicts, market.plan)
    assert trade(market.panel, market.verdicts, market.plan) == plain
