"""What may be held of a symbol, of a sector and in all: at each limit, just inside and outside."""

from decimal import Decimal

import pytest

from argo_core.market.instrument import Symbol
from argo_core.testing.risk_cases import A, a_market, a_proposal, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Side
from argo_core.trading.risk.exposure import exposures
from argo_core.trading.risk.judge import evaluate
from argo_core.trading.views import OpenOrder

B, C, D = Symbol("B"), Symbol("C"), Symbol("D")


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


def holding(**shares):
    """Shares at a mark of 100."""
    return {
        "positions": {Symbol(name): Decimal(held) for name, held in shares.items()},
        "marks": {Symbol(name): Decimal(100) for name in shares},
    }


def order(symbol, side, remaining, price="100", *, opens=True):
    return OpenOrder(symbol, side, Decimal(remaining), Decimal(price), opens)


def value_of(account, symbol=A):
    return {each.symbol: each.value for each in exposures(account)}.get(symbol)


def test_what_is_held_counts_at_its_mark_whichever_way():
    account = an_account(**holding(A="3", B="-4"))
    assert value_of(account, A) == 300
    assert value_of(account, B) == 400


def test_what_remains_of_an_entry_counts_beside_what_it_filled():
    account = an_account(**holding(A="3"), orders=(order(A, Side.BUY, 7, "101"),))
    assert value_of(account) == 300 + 707


def test_stop_and_target_of_a_position_add_nothing():
    legs = (order(A, Side.SELL, 3, opens=False), order(A, Side.SELL, 3, "110", opens=False))
    assert value_of(an_account(**holding(A="3"), orders=legs)) == 300


def test_the_legs_that_wait_for_an_entry_add_nothing():
    orders = (order(A, Side.BUY, 3), order(A, Side.SELL, 3, "98", opens=False))
    assert value_of(an_account(orders=orders)) == 300


def test_an_order_that_goes_the_positions_way_adds_whatever_it_says_of_itself():
    account = an_account(**holding(A="3"), orders=(order(A, Side.BUY, 2, opens=False),))
    assert value_of(account) == 500


def test_an_order_that_was_filled_is_nothing_at_stake():
    assert exposures(an_account(orders=(order(A, Side.BUY, 0),))) == ()


def test_entries_on_both_sides_count_both():
    both = (order(A, Side.BUY, 1), order(A, Side.SELL, 2))
    assert value_of(an_account(orders=both)) == 300


def test_a_position_that_is_gone_is_nothing_at_stake():
    assert exposures(an_account(**holding(A="0"))) == ()


@pytest.mark.parametrize(
    ("quantity", "account", "margin", "denial"),
    [
        pytest.param("100", {}, "0", None, id="10 % of equity"),
        pytest.param("101", {}, "-100", Denial.SYMBOL_EXPOSURE, id="a share more"),
        pytest.param("60", holding(A="40"), "0", None, id="together with what is held"),
        pytest.param("61", holding(A="40"), "-100", Denial.SYMBOL_EXPOSURE, id="one more"),
        pytest.param("60", holding(A="-40"), "0", None, id="held the other way adds as well"),
        pytest.param(
            "60", {"orders": (order(A, Side.BUY, "40"),)}, "0", None, id="together with orders"
        ),
        pytest.param(
            "60",
            {"orders": (order(A, Side.BUY, "41"),)},
            "-100",
            Denial.SYMBOL_EXPOSURE,
            id="one more on order",
        ),
        pytest.param("100", holding(B="900"), "0", None, id="other symbols are of no concern"),
        pytest.param(
            "1", {"equity": "0"}, "-100", Denial.SYMBOL_EXPOSURE, id="nothing fits in no equity"
        ),
    ],
)
def test_a_symbol_is_at_most_a_tenth_of_equity(quantity, account, margin, denial):
    result = said("symbol_exposure", {"quantity": quantity}, account)
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    ("quantity", "account", "margin", "denial"),
    [
        pytest.param("50", holding(B="200", C="50"), "25000", None, id="their sectors are others"),
        pytest.param(
            "50",
            holding(B="200", C="50") | {"sectors": {B: "tech", C: "tech"}},
            "0",
            None,
            id="30 % of equity",
        ),
        pytest.param(
            "51",
            holding(B="200", C="50") | {"sectors": {B: "tech", C: "tech"}},
            "-100",
            Denial.SECTOR_EXPOSURE,
            id="a share more",
        ),
        pytest.param(
            "50",
            holding(B="200")
            | {"sectors": {B: "tech", C: "tech"}, "orders": (order(C, Side.BUY, "51"),)},
            "-100",
            Denial.SECTOR_EXPOSURE,
            id="with what is on order",
        ),
    ],
)
def test_a_sector_is_at_most_30_percent_of_equity(quantity, account, margin, denial):
    result = said("sector_exposure", {"quantity": quantity}, account)
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_symbols_of_which_nobody_knows_the_sector_are_one_sector():
    account = holding(B="200", C="60")
    result = said("sector_exposure", {"quantity": "50"}, account, {"sector": "unknown"})
    assert result.denial is Denial.SECTOR_EXPOSURE
    assert result.margin == -1_000


def test_the_markets_sector_of_the_symbol_is_the_one_that_counts():
    account = holding(B="250") | {"sectors": {A: "energy", B: "tech"}}
    assert said("sector_exposure", {"quantity": "50"}, account).margin == 0


@pytest.mark.parametrize(
    ("quantity", "account", "margin", "denial"),
    [
        pytest.param("100", holding(B="400", C="-500"), "0", None, id="all of equity"),
        pytest.param("101", holding(B="400", C="-500"), "-100", Denial.GROSS_EXPOSURE, id="more"),
        pytest.param(
            "100",
            holding(B="400") | {"orders": (order(C, Side.BUY, "500"),)},
            "0",
            None,
            id="orders included",
        ),
    ],
)
def test_all_that_is_held_is_at_most_equity(quantity, account, margin, denial):
    result = said("gross_exposure", {"quantity": quantity}, account)
    assert result.margin == Decimal(margin)
    assert result.denial is denial


def test_what_has_no_mark_lets_nothing_be_opened():
    account = holding(B="1", C="1") | {"marks": {C: Decimal(100)}}
    result = said("gross_exposure", account=account)
    assert result.denial is Denial.MARK_MISSING
    assert result.margin is None
    assert result.inputs["without_mark"] == "B"
    assert said("symbol_exposure", account=account).denial is None
    assert said("sector_exposure", account=account).denial is None
    unknown = said("sector_exposure", account=account, market={"sector": "unknown"})
    assert unknown.denial is Denial.MARK_MISSING


@pytest.mark.parametrize(
    ("account", "margin", "denial"),
    [
        pytest.param({}, "2", None, id="the first"),
        pytest.param(holding(B="1", C="1"), "0", None, id="the third of three"),
        pytest.param(holding(B="1", C="1", D="1"), "-1", Denial.POSITIONS, id="a fourth"),
        pytest.param(holding(A="1", B="1", C="1"), "0", None, id="one that is held"),
        pytest.param(
            holding(B="1", C="1") | {"orders": (order(D, Side.BUY, "1"),)},
            "-1",
            Denial.POSITIONS,
            id="an entry that waits is a position already",
        ),
        pytest.param(holding(B="1", C="1", D="0"), "0", None, id="one that ended"),
    ],
)
def test_so_many_positions_and_no_more(account, margin, denial):
    result = said("positions", account=account, limits={"positions": 3})
    assert result.margin == Decimal(margin)
    assert result.denial is denial


@pytest.mark.parametrize(
    ("power", "orders", "margin", "denial"),
    [
        pytest.param("1000", (), "0", None, id="all of it"),
        pytest.param("999.99", (), "-0.01", Denial.BUYING_POWER, id="a cent less"),
        pytest.param("1500", (order(B, Side.BUY, "5"),), "0", None, id="what is on order is spent"),
        pytest.param(
            "1500", (order(B, Side.BUY, "6"),), "-100", Denial.BUYING_POWER, id="and more than that"
        ),
        pytest.param(
            "1000", (order(B, Side.SELL, "6", opens=False),), "0", None, id="an exit costs nothing"
        ),
    ],
)
def test_buying_power_pays_for_all_orders(power, orders, margin, denial):
    result = said("buying_power", account={"buying_power": power, "orders": orders})
    assert result.margin == Decimal(margin)
    assert result.denial is denial
