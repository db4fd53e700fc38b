"""Each rule about the order itself at its limit, just inside and just outside."""

from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.market.instrument import Symbol
from argo_core.testing.risk_cases import A, a_market, a_proposal, a_quote, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Side
from argo_core.trading.risk.judge import evaluate
from argo_core.trading.state import TradingState
from argo_core.trading.views import OpenOrder

MICROSECOND = timedelta(microseconds=1)
B = Symbol("B")


def said(rule, proposal=None, account=None, market=None, limits=None):
    results = evaluate(
        a_proposal(**(proposal or {})),
        an_account(**(account or {})),
        a_market(**(market or {})),
        RiskLimits(**(limits or {})),
        NOON,
    )
    (result,) = [one for one in results if one.rule == rule]
    return result


def holding(quantity, **more):
    return {"positions": {A: Decimal(quantity)}, "marks": {A: Decimal(100)}, **more}


def live(side, symbol=A, *, opens=True):
    return OpenOrder(symbol, side, Decimal(1), Decimal(100), opens)


@pytest.mark.parametrize(
    ("state", "denial"),
    [
        (TradingState.ACTIVE, None),
        (TradingState.REDUCING, Denial.STATE),
        (TradingState.HALTED, Denial.STATE),
    ],
)
def test_a_position_is_opened_while_trading_is_active_only(state, denial):
    assert said("state", account={"state": state}).denial is denial


@pytest.mark.parametrize(
    ("held", "side", "quantity", "denial"),
    [
        pytest.param("10", Side.SELL, "10", None, id="all that is held is sold"),
        pytest.param("10", Side.SELL, "9", None, id="a part of it"),
        pytest.param("10", Side.SELL, "11", Denial.NOT_CLOSING, id="one more, which turns it"),
        pytest.param("10", Side.BUY, "1", Denial.NOT_CLOSING, id="it would grow"),
        pytest.param("-10", Side.BUY, "10", None, id="all that was sold short is bought back"),
        pytest.param("-10", Side.BUY, "11", Denial.NOT_CLOSING, id="one more than that"),
        pytest.param("-10", Side.SELL, "1", Denial.NOT_CLOSING, id="more is sold short"),
        pytest.param("0", Side.SELL, "1", Denial.NOT_CLOSING, id="nothing is held"),
        pytest.param("10", Side.SELL, "0", Denial.NOT_CLOSING, id="nothing is sold"),
    ],
)
def test_what_is_said_to_close_does_nothing_else(held, side, quantity, denial):
    proposal = {"side": side, "quantity": quantity, "opens": False}
    assert said("closing", proposal, holding(held)).denial is denial


def test_an_exit_that_would_turn_a_position_meets_the_entry_rules_too():
    proposal = {"side": Side.SELL, "quantity": "11", "opens": False}
    result = said("state", proposal, holding("10", state=TradingState.HALTED))
    assert result.denial is Denial.STATE


def test_an_opening_order_is_none_that_closes():
    assert said("closing").denial is None


def test_selling_short_is_switched_off():
    result = said("short_selling", {"side": Side.SELL, "stop": "102"})
    assert result.denial is Denial.SHORT_SELLING


def test_selling_short_can_be_switched_on():
    short = {"side": Side.SELL, "stop": "102"}
    result = said("short_selling", short, limits={"short_selling": True})
    assert result.denial is None
    assert result.limit == "allowed"


def test_buying_is_not_selling_short():
    assert said("short_selling").denial is None


@pytest.mark.parametrize(
    ("held", "denial"), [("11", None), ("10", None), ("9", Denial.SHORT_SELLING)]
)
def test_a_sale_is_short_beyond_what_is_held(held, denial):
    sale = {"side": Side.SELL, "stop": "102", "quantity": "10"}
    assert said("short_selling", sale, holding(held)).denial is denial


@pytest.mark.parametrize(
    ("horizon_s", "age", "margin", "denial"),
    [
        pytest.param(3_600, timedelta(minutes=5), "0", None, id="five minutes of an hour"),
        pytest.param(
            3_600,
            timedelta(minutes=5) + MICROSECOND,
            "-0.000001",
            Denial.SIGNAL_OLD,
            id="longer than five minutes",
        ),
        pytest.param(600, timedelta(seconds=150), "0", None, id="a quarter of ten minutes"),
        pytest.param(600, timedelta(seconds=151), "-1", Denial.SIGNAL_OLD, id="more than that"),
        pytest.param(600, timedelta(seconds=-151), "-1", Denial.SIGNAL_OLD, id="in the future"),
        pytest.param(0, timedelta(0), "0", None, id="no horizon, decided now"),
    ],
)
def test_a_signal_is_followed_for_a_quarter_of_its_horizon(horizon_s, age, margin, denial):
    result = said("signal_age", {"horizon_s": horizon_s, "decided_at": NOON - age})
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_an_entry_without_a_signals_time_is_denied():
    assert said("signal_age", {"decided_at": None}).denial is Denial.SIGNAL_OLD


@pytest.mark.parametrize(
    ("quantity", "margin", "denial"),
    [("0", "-1", Denial.TOO_SMALL), ("0.5", "-0.5", Denial.TOO_SMALL), ("1", "0", None)],
)
def test_less_than_a_share_is_too_small(quantity, margin, denial):
    result = said("size", {"quantity": quantity})
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    ("quantity", "stop", "margin", "denial"),
    [
        pytest.param("250", "98", "2.5", None, id="0.5 % of equity, less the tick"),
        pytest.param("251", "98", "0.51", None, id="a share more, within the tick"),
        pytest.param("252", "98", "-1.48", Denial.RISK_PER_TRADE, id="and one beyond it"),
        pytest.param("10000", "99.95", "50", None, id="a near stop forgives a tenth of itself"),
        pytest.param("11112", "99.95", "-0.04", Denial.RISK_PER_TRADE, id="and not more"),
        pytest.param("250", "97.99", "0", None, id="a tick too far for the shares"),
        pytest.param("250", "97.98", "-2.5", Denial.RISK_PER_TRADE, id="two ticks too far"),
    ],
)
def test_a_trade_risks_half_a_percent_of_equity(quantity, stop, margin, denial):
    result = said("risk_per_trade", {"quantity": quantity, "stop": stop})
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    ("side", "stop"),
    [
        pytest.param(Side.BUY, None, id="no stop"),
        pytest.param(Side.BUY, "100", id="a stop at the price"),
        pytest.param(Side.BUY, "101", id="a stop above what is bought"),
        pytest.param(Side.SELL, "99", id="a stop below what is sold"),
    ],
)
def test_an_entry_has_a_stop_where_it_loses(side, stop):
    result = said("risk_per_trade", {"side": side, "stop": stop})
    assert result.denial is Denial.STOP_MISSING


def test_a_short_sale_loses_upwards():
    result = said("risk_per_trade", {"side": Side.SELL, "stop": "102", "quantity": "10"})
    assert result.margin == Decimal("480.10")


@pytest.mark.parametrize(
    ("quantity", "equity", "cap", "margin", "denial"),
    [
        pytest.param("50", "100000", "50000", "0", None, id="5 % of equity"),
        pytest.param("51", "100000", "50000", "-100", Denial.ORDER_VALUE, id="more than that"),
        pytest.param("50", "100000", "5000", "0", None, id="the cap"),
        pytest.param("50", "900000", "4999", "-1", Denial.ORDER_VALUE, id="more than the cap"),
        pytest.param("1", "0", "5000", "-100", Denial.ORDER_VALUE, id="no equity"),
        pytest.param("1", "-2000", "5000", "-200", Denial.ORDER_VALUE, id="less than none"),
    ],
)
def test_an_order_is_worth_no_more_than_one_may_be(quantity, equity, cap, margin, denial):
    limits = {"order_cap": Decimal(cap)}
    result = said("order_value", {"quantity": quantity}, {"equity": equity}, limits=limits)
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_what_is_sold_short_counts_at_the_middle_of_the_quote_where_that_is_higher():
    sale = {"side": Side.SELL, "stop": "102", "quantity": "10"}
    assert said("order_value", sale | {"limit": "99"}).inputs["value"] == "1000"
    assert said("order_value", sale | {"limit": "101"}).inputs["value"] == "1010"
    without = said("order_value", sale | {"limit": "99"}, market={"quote": None})
    assert without.inputs["value"] == "990"


def test_what_is_bought_counts_at_its_limit():
    assert said("order_value", {"limit": "99"}).inputs["value"] == "990"


@pytest.mark.parametrize(
    ("adv", "margin", "denial"),
    [
        pytest.param("100000", "0", None, id="1 %"),
        pytest.param("99999", "-0.01", Denial.ORDER_LIQUIDITY, id="more than 1 %"),
        pytest.param("0", "-1000", Denial.ORDER_LIQUIDITY, id="nothing trades"),
        pytest.param(None, None, Denial.LIQUIDITY_UNKNOWN, id="nobody knows"),
    ],
)
def test_an_order_is_at_most_1_percent_of_a_days_trade(adv, margin, denial):
    result = said("liquidity", market={"adv": adv})
    assert result.margin == (None if margin is None else Decimal(margin))
    assert result.denial is denial


@pytest.mark.parametrize(
    ("account", "margin", "denial"),
    [
        pytest.param({}, "0", None, id="nothing is there"),
        pytest.param({"orders": (live(Side.BUY),)}, "-1", Denial.DUPLICATE, id="a live entry"),
        pytest.param({"orders": (live(Side.SELL),)}, "0", None, id="one on the other side"),
        pytest.param({"orders": (live(Side.BUY, B),)}, "0", None, id="one of another symbol"),
        pytest.param(
            {"orders": (live(Side.BUY, opens=False),)}, "0", None, id="one that does not open"
        ),
        pytest.param(holding("1"), "-1", Denial.DUPLICATE, id="it is held"),
        pytest.param(holding("-1"), "-1", Denial.DUPLICATE, id="it was sold short"),
        pytest.param(
            holding("1", orders=(live(Side.BUY),)), "-2", Denial.DUPLICATE, id="half an entry"
        ),
    ],
)
def test_nothing_is_entered_twice(account, margin, denial):
    result = said("duplicate", account=account)
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_an_order_of_a_quote_without_sides_is_judged_by_its_last_price():
    sale = {"side": Side.SELL, "stop": "102", "limit": "99", "quantity": "10"}
    result = said("order_value", sale, market={"quote": a_quote(None, None, "103")})
    assert result.inputs["value"] == "1030"


@pytest.mark.parametrize(
    ("side", "limit", "target", "denial", "margin"),
    [
        pytest.param(Side.BUY, "100", "100.01", None, "0.01", id="a cent is to be won"),
        pytest.param(Side.BUY, "100", "100", Denial.TARGET_PASSED, "0", id="it is reached"),
        pytest.param(Side.BUY, "100", "99", Denial.TARGET_PASSED, "-1", id="it is passed"),
        pytest.param(Side.SELL, "100", "99.99", None, "0.01", id="a sale wins below"),
        pytest.param(Side.SELL, "100", "100", Denial.TARGET_PASSED, "0", id="a sale that is there"),
    ],
)
def test_an_order_is_priced_where_its_target_is_still_to_be_won(
    side, limit, target, denial, margin
):
    proposal = {"side": side, "limit": Decimal(limit), "target": Decimal(target)}
    found = said("target", proposal)
    assert (found.denial, found.margin) == (denial, Decimal(margin))
    assert found.limit == target


def test_what_has_no_target_cannot_have_passed_it():
    found = said("target", {"target": None})
    assert (found.denial, found.margin, found.limit) == (None, None, "no target")
