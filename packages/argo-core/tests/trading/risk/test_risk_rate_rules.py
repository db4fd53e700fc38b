"""How fast may be traded: each rule at its limit, just inside and just outside."""

from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.market.instrument import Symbol
from argo_core.testing.risk_cases import A, a_market, a_proposal, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.judge import evaluate
from argo_core.trading.views import Closed, Placed

MICROSECOND = timedelta(microseconds=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
B = Symbol("B")


def said(rule, limits=None, **account):
    results = evaluate(
        a_proposal(), an_account(**account), a_market(), RiskLimits(**(limits or {})), NOON
    )
    (result,) = [one for one in results if one.rule == rule]
    return result


def sent(count, ago, symbol=A, *, opens=True):
    return (Placed(NOON - ago, symbol, opens),) * count


def closed(*agos, symbol=A, stopped=True):
    return tuple(Closed(NOON - ago, symbol, stopped) for ago in agos)


@pytest.mark.parametrize(
    ("rule", "window", "limit", "denial"),
    [
        ("rate_minute", MINUTE, 10, Denial.RATE_MINUTE),
        ("rate_symbol", MINUTE, 2, Denial.RATE_SYMBOL),
        ("rate_day", DAY, 200, Denial.RATE_DAY),
    ],
)
class TestRates:
    def test_the_last_order_of_the_window_may_be_sent(self, rule, window, limit, denial):
        result = said(rule, placed=sent(limit - 1, timedelta(0)))
        assert result.margin == 0
        assert result.denial is None

    def test_one_more_may_not(self, rule, window, limit, denial):
        result = said(rule, placed=sent(limit, timedelta(0)))
        assert result.margin == -1
        assert result.denial is denial

    def test_an_order_counts_until_its_window_is_over(self, rule, window, limit, denial):
        assert said(rule, placed=sent(limit, window - MICROSECOND)).denial is denial
        assert said(rule, placed=sent(limit, window)).margin == limit - 1

    def test_exits_and_protection_count_as_well(self, rule, window, limit, denial):
        assert said(rule, placed=sent(limit, timedelta(0), opens=False)).denial is denial

    def test_an_order_ahead_of_the_clock_counts(self, rule, window, limit, denial):
        assert said(rule, placed=sent(limit, -DAY)).denial is denial


def test_orders_of_other_symbols_count_for_the_account_alone():
    others = sent(9, timedelta(0), B)
    assert said("rate_symbol", placed=others).margin == 1
    assert said("rate_minute", placed=others).margin == 0


@pytest.mark.parametrize(
    ("ago", "stopped", "margin", "denial"),
    [
        pytest.param(15 * MINUTE, False, "0", None, id="a quarter of an hour after an exit"),
        pytest.param(15 * MINUTE - MICROSECOND, False, "-0.000001", Denial.COOLDOWN, id="before"),
        pytest.param(60 * MINUTE, True, "0", None, id="an hour after a stop"),
        pytest.param(60 * MINUTE - MICROSECOND, True, "-0.000001", Denial.COOLDOWN, id="sooner"),
    ],
)
def test_a_symbol_rests_after_its_position_ended(ago, stopped, margin, denial):
    result = said("cooldown", closed=closed(ago, stopped=stopped))
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_the_longest_wait_counts_not_the_latest_end():
    ends = closed(50 * MINUTE) + closed(14 * MINUTE, stopped=False)
    assert said("cooldown", closed=ends).margin == -600


def test_another_symbols_end_is_no_reason_to_wait():
    result = said("cooldown", closed=closed(timedelta(0), symbol=B))
    assert result.denial is None
    assert result.margin is None


@pytest.mark.parametrize(
    ("agos", "margin", "denial"),
    [
        pytest.param((), "2", None, id="no stop"),
        pytest.param((HOUR,), "1", None, id="one stop"),
        pytest.param((3 * HOUR, HOUR), "0", None, id="two stops: the next begins a rest"),
        pytest.param((3 * HOUR, 2 * HOUR, HOUR), "-1", Denial.STOPPED_OUT, id="three of them"),
        pytest.param(
            (4 * HOUR, 3 * HOUR, 2 * HOUR, HOUR), "-2", Denial.STOPPED_OUT, id="four of them"
        ),
        pytest.param(
            (24 * HOUR + HOUR, 2 * HOUR, HOUR), "-1", Denial.STOPPED_OUT, id="within a day exactly"
        ),
        pytest.param(
            (25 * HOUR + MICROSECOND, 2 * HOUR, HOUR), "0", None, id="within more than a day"
        ),
        pytest.param((6 * HOUR, 5 * HOUR, 4 * HOUR), "0", None, id="four hours have passed"),
        pytest.param(
            (6 * HOUR, 5 * HOUR, 4 * HOUR - MICROSECOND),
            "-1",
            Denial.STOPPED_OUT,
            id="four hours have not quite passed",
        ),
        pytest.param(
            (27 * HOUR, 26 * HOUR, 3 * HOUR),
            "-1",
            Denial.STOPPED_OUT,
            id="the first was more than a day ago, and they were within one",
        ),
        pytest.param(
            (7 * HOUR, 6 * HOUR, 5 * HOUR, HOUR),
            "-2",
            Denial.STOPPED_OUT,
            id="a fourth after the rest begins another",
        ),
    ],
)
def test_three_stops_within_a_day_are_followed_by_a_rest_of_four_hours(agos, margin, denial):
    result = said("stopped_out", closed=closed(*agos, symbol=B))
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_exits_are_no_stops():
    ends = closed(HOUR, HOUR, HOUR, symbol=B, stopped=False)
    assert said("stopped_out", closed=ends).margin == 2


def test_one_stop_may_be_enough_for_a_rest():
    result = said("stopped_out", {"stops": 1}, closed=closed(HOUR, symbol=B))
    assert result.denial is Denial.STOPPED_OUT
    assert result.inputs["rest_until"] == (NOON + 3 * HOUR).isoformat()
    assert said("stopped_out", {"stops": 1}).margin == 0
