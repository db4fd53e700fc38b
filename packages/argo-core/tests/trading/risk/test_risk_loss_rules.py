"""Losses that hold trading back: each at its limit, just inside and just outside."""

from decimal import Decimal

import pytest

from argo_core.errors import InvalidInput
from argo_core.testing.risk_cases import a_market, a_proposal, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.judge import evaluate
from argo_core.trading.risk.losses import losses
from argo_core.trading.state import TABLE, Cause, Relief, TradingState, relieved, state_of


def said(rule, **account):
    results = evaluate(a_proposal(), an_account(**account), a_market(), RiskLimits(), NOON)
    (result,) = [one for one in results if one.rule == rule]
    return result


def standing(**account):
    return {cause for cause, _ in losses(an_account(**account), RiskLimits())}


@pytest.mark.parametrize(
    ("account", "margin", "denial"),
    [
        pytest.param({}, "2000", None, id="nothing was lost"),
        pytest.param({"equity": "98000.01"}, "0.01", None, id="nearly 2 %"),
        pytest.param({"equity": "98000"}, "0", Denial.DAILY_LOSS, id="2 %"),
        pytest.param({"equity": "97999.99"}, "-0.01", Denial.DAILY_LOSS, id="more"),
        pytest.param({"equity": "108000", "flows": "10000"}, "0", Denial.DAILY_LOSS, id="deposit"),
        pytest.param({"equity": "90000", "flows": "-10000"}, "2000", None, id="withdrawal"),
        pytest.param({"opened": "0"}, None, Denial.DAILY_LOSS, id="nothing at the close before"),
        pytest.param({"opened": "-1"}, None, Denial.DAILY_LOSS, id="less than nothing then"),
    ],
)
def test_a_day_may_lose_less_than_2_percent(account, margin, denial):
    result = said("daily_loss", **account)
    assert result.margin == (None if margin is None else Decimal(margin))
    assert result.denial is denial


@pytest.mark.parametrize(
    ("account", "margin", "denial"),
    [
        pytest.param({}, "10000", None, id="at the highest"),
        pytest.param({"equity": "90000.01"}, "0.01", None, id="nearly a tenth"),
        pytest.param({"equity": "90000"}, "0", Denial.DRAWDOWN, id="a tenth"),
        pytest.param({"equity": "89999.99"}, "-0.01", Denial.DRAWDOWN, id="more"),
        pytest.param({"equity": "110000"}, "20000", None, id="above what is remembered"),
        pytest.param({"high": "0"}, None, Denial.DRAWDOWN, id="there never was anything"),
    ],
)
def test_less_than_a_tenth_of_the_highest_equity_may_be_lost(account, margin, denial):
    result = said("drawdown", **account)
    assert result.margin == (None if margin is None else Decimal(margin))
    assert result.denial is denial


@pytest.mark.parametrize(
    ("account", "causes"),
    [
        ({}, set()),
        ({"equity": "98000.01"}, set()),
        ({"equity": "98000"}, {Cause.DAILY_LOSS}),
        ({"equity": "97000.01"}, {Cause.DAILY_LOSS}),
        ({"equity": "97000"}, {Cause.DAILY_LOSS, Cause.DAILY_LOSS_HARD}),
        ({"equity": "90000", "opened": "90000"}, {Cause.DRAWDOWN}),
        ({"equity": "90000.01", "opened": "90000"}, set()),
        ({"equity": "0"}, {Cause.DAILY_LOSS, Cause.DAILY_LOSS_HARD, Cause.DRAWDOWN}),
        ({"opened": "0", "high": "0"}, set()),
    ],
)
def test_losses_are_causes_once_they_reach_their_limits(account, causes):
    assert standing(**account) == causes


def test_a_loss_is_told_with_its_numbers():
    ((cause, why),) = losses(an_account(equity="97500", flows="100"), RiskLimits())
    assert cause is Cause.DAILY_LOSS
    assert why == (
        "loss 2600, equity 97500, opened 100000, flows 100, share 0.02; the limit is 2000"
    )


def test_a_days_loss_reduces_until_the_next_session_and_more_of_it_halts():
    assert state_of([Cause.DAILY_LOSS]) is TradingState.REDUCING
    assert relieved(Cause.DAILY_LOSS, Relief.NEXT_SESSION)
    assert state_of([Cause.DAILY_LOSS, Cause.DAILY_LOSS_HARD]) is TradingState.HALTED


def test_out_of_a_halt_leads_an_operator_alone():
    halting = {cause for cause, rule in TABLE.items() if rule.state is TradingState.HALTED}
    assert halting == {Cause.DAILY_LOSS_HARD, Cause.DRAWDOWN, Cause.OPERATOR}
    for cause in halting:
        assert [relief for relief in Relief if relieved(cause, relief)] == [Relief.OPERATOR]


def test_every_cause_has_its_line_and_none_leaves_trading_as_it_is():
    assert set(TABLE) == set(Cause)
    assert TradingState.ACTIVE not in {rule.state for rule in TABLE.values()}
    assert state_of([]) is TradingState.ACTIVE


@pytest.mark.parametrize("name", ["risk_per_trade", "order_cap", "gross_share"])
@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
def test_a_limit_is_a_positive_number(name, value):
    with pytest.raises(InvalidInput, match=name):
        RiskLimits(**{name: Decimal(value)})
