"""Each rule about the market at its limit, just inside and just outside."""

from datetime import timedelta
from decimal import Decimal

import pytest

from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass
from argo_core.market.session import Phase
from argo_core.testing.risk_cases import SESSION, a_market, a_proposal, a_quote, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.judge import evaluate

MICROSECOND = timedelta(microseconds=1)
AN_HOUR = timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)


def said(rule, *, now=NOON, limits=None, proposal=None, **market):
    results = evaluate(
        a_proposal(**(proposal or {})),
        an_account(),
        a_market(**market),
        RiskLimits(**(limits or {})),
        now,
    )
    (result,) = [one for one in results if one.rule == rule]
    return result


def test_a_stock_is_tradable():
    assert said("tradable").denial is None


def test_a_pair_is_not_tradable_since_it_cannot_have_a_bracket():
    pair = {"asset_class": AssetClass.CRYPTO}
    assert said("tradable", proposal=pair).denial is Denial.NOT_TRADABLE


@pytest.mark.parametrize(
    ("now", "margin", "denial"),
    [
        pytest.param(SESSION.open + FIVE_MINUTES, "0", None, id="five minutes after the open"),
        pytest.param(
            SESSION.open + FIVE_MINUTES - MICROSECOND,
            "-0.000001",
            Denial.SESSION_EDGE,
            id="just before them",
        ),
        pytest.param(SESSION.open, "-300", Denial.SESSION_EDGE, id="at the open"),
        pytest.param(SESSION.close - FIVE_MINUTES, "0", None, id="five minutes before the close"),
        pytest.param(
            SESSION.close - FIVE_MINUTES + MICROSECOND,
            "-0.000001",
            Denial.SESSION_EDGE,
            id="just after them",
        ),
        pytest.param(NOON, "8700", None, id="at noon"),
    ],
)
def test_the_first_and_last_five_minutes_of_the_session_are_left_out(now, margin, denial):
    result = said("session", now=now)
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    ("now", "phase"),
    [
        pytest.param(SESSION.open - AN_HOUR, Phase.PRE, id="before the open"),
        pytest.param(SESSION.close + AN_HOUR, Phase.POST, id="after the close"),
        pytest.param(SESSION.post + AN_HOUR, Phase.CLOSED, id="at night"),
    ],
)
def test_outside_of_the_regular_session_nothing_is_opened(now, phase):
    result = said("session", now=now, phase=phase)
    assert result.denial is Denial.SESSION_CLOSED
    assert result.margin is None


def test_without_a_session_today_the_market_is_closed_whatever_the_phase():
    assert said("session", session=None).denial is Denial.SESSION_CLOSED


def test_a_phase_that_the_sessions_times_contradict_counts_as_closed():
    result = said("session", now=SESSION.close + AN_HOUR)
    assert result.denial is Denial.SESSION_CLOSED


def test_a_symbol_that_the_exchange_halted_is_not_entered():
    assert said("symbol_halted", halted=True).denial is Denial.SYMBOL_HALTED
    assert said("symbol_halted", halted=False).denial is None


@pytest.mark.parametrize(
    ("age", "margin", "denial"),
    [
        pytest.param(timedelta(0), "15", None, id="of now"),
        pytest.param(timedelta(seconds=15), "0", None, id="fifteen seconds old"),
        pytest.param(
            timedelta(seconds=15) + MICROSECOND, "-0.000001", Denial.QUOTE_STALE, id="older"
        ),
        pytest.param(timedelta(seconds=-15), "0", None, id="ahead by fifteen seconds"),
        pytest.param(
            timedelta(seconds=-15) - MICROSECOND,
            "-0.000001",
            Denial.QUOTE_STALE,
            id="so far ahead that it would be fresh for ever",
        ),
    ],
)
def test_the_exchanges_time_of_a_quote_is_of_now(age, margin, denial):
    result = said("quote", quote=a_quote(at=NOON - age))
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    "quote",
    [
        pytest.param(None, id="no price at all"),
        pytest.param(a_quote(bid=None), id="no bid"),
        pytest.param(a_quote(ask=None), id="no ask"),
    ],
)
def test_without_both_sides_of_a_quote_nothing_is_opened(quote):
    assert said("quote", quote=quote).denial is Denial.QUOTE_MISSING
    assert said("spread", quote=quote).denial is Denial.QUOTE_MISSING


@pytest.mark.parametrize(
    ("second", "margin", "denial"),
    [
        pytest.param("100", "0.5", None, id="equal"),
        pytest.param("100.5", "0", None, id="50 bp above"),
        pytest.param("99.5", "0", None, id="50 bp below"),
        pytest.param("100.51", "-0.01", Denial.FEEDS_DIVERGE, id="further above"),
        pytest.param("99.49", "-0.01", Denial.FEEDS_DIVERGE, id="further below"),
    ],
)
def test_two_feeds_agree_within_50_basis_points(second, margin, denial):
    result = said("feeds", second=a_quote(None, None, second))
    assert result.margin == Decimal(margin)
    assert result.denial is denial
    assert result.inputs["compared"] == "yes"


@pytest.mark.parametrize(
    ("quote", "second"),
    [
        pytest.param(a_quote(), None, id="no second feed"),
        pytest.param(None, a_quote(None, None, "1"), id="no first one"),
        pytest.param(
            a_quote(),
            a_quote(None, None, "1", at=NOON - timedelta(minutes=1) - MICROSECOND),
            id="a second one that is older by more than a minute",
        ),
    ],
)
def test_where_nothing_can_be_compared_the_certificate_says_so(quote, second):
    result = said("feeds", quote=quote, second=second)
    assert result.denial is None
    assert result.margin is None
    assert result.inputs["compared"] == "no"


def test_a_second_feed_that_is_a_minute_older_is_still_compared():
    second = a_quote(None, None, "1", at=NOON - timedelta(minutes=1))
    assert said("feeds", second=second).denial is Denial.FEEDS_DIVERGE


@pytest.mark.parametrize(
    ("bid", "ask", "margin", "denial"),
    [
        pytest.param("99.99", "100.01", "0.48", None, id="two cents"),
        pytest.param("99.75", "100.25", "0", None, id="50 bp"),
        pytest.param("99.75", "100.26", "-0.009975", Denial.SPREAD, id="a cent more"),
    ],
)
def test_a_quote_is_no_wider_than_50_basis_points(bid, ask, margin, denial):
    result = said("spread", quote=a_quote(bid, ask))
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    ("limit", "margin", "denial"),
    [
        pytest.param("100", "2", None, id="at the middle"),
        pytest.param("102", "0", None, id="2 % above"),
        pytest.param("98", "0", None, id="2 % below"),
        pytest.param("102.01", "-0.01", Denial.COLLAR, id="further above"),
        pytest.param("97.99", "-0.01", Denial.COLLAR, id="further below"),
    ],
)
def test_a_price_is_within_2_percent_of_the_middle(limit, margin, denial):
    result = said("collar", proposal={"limit": limit})
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_the_last_price_is_the_middle_where_a_side_is_missing():
    quote = a_quote(bid=None, ask="110", price="100")
    assert said("collar", quote=quote, proposal={"limit": "102"}).margin == 0


def test_without_a_price_there_is_no_collar_to_be_within():
    assert said("collar", quote=None).denial is Denial.QUOTE_MISSING


@pytest.mark.parametrize("name", ["quote", "second"])
def test_an_order_is_not_judged_by_another_symbols_market(name):
    with pytest.raises(InvalidInput, match="judge an order by its own market"):
        said("quote", **{name: a_quote(symbol="B")})


def test_now_is_aware():
    with pytest.raises(InvalidInput, match="now"):
        said("quote", now=NOON.replace(tzinfo=None))
