"""How many shares an entry takes, and what bound them."""

from decimal import Decimal

import pytest
from attrs import evolve
from hypothesis import assume, given
from hypothesis import strategies as st

from argo_core.market.instrument import Symbol
from argo_core.testing.risk_cases import A, a_market, a_proposal, a_quote, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Side
from argo_core.trading.risk.judge import evaluate
from argo_core.trading.sizing import size
from argo_core.trading.views import OpenOrder

B, C = Symbol("B"), Symbol("C")
WIDE = RiskLimits(
    order_cap=Decimal(10**9),
    order_share=Decimal(1),
    adv_share=Decimal(1),
    symbol_share=Decimal(1),
    sector_share=Decimal(1),
)


def sized(proposal=None, account=None, market=None, limits=WIDE):
    return size(
        a_proposal(**(proposal or {})),
        an_account(**(account or {})),
        a_market(**(market or {})),
        limits,
        NOON,
    )


@pytest.mark.parametrize(
    ("stop", "quantity"),
    [
        pytest.param("98", "250", id="500 at 2 a share"),
        pytest.param("97", "166", id="whole shares, rounded down"),
        pytest.param("99", "500", id="a nearer stop takes more"),
    ],
)
def test_half_a_percent_of_equity_is_at_risk(stop, quantity):
    sizing = sized({"stop": stop})
    assert sizing.quantity == Decimal(quantity)
    assert sizing.bound_by == "risk_per_trade"
    assert sizing.denial is None


@pytest.mark.parametrize(
    ("rule", "quantity", "account", "market", "limits"),
    [
        ("order_value", 50, {}, {}, evolve(WIDE, order_share=Decimal("0.05"))),
        ("order_value", 49, {}, {}, evolve(WIDE, order_cap=Decimal(4_999))),
        ("liquidity", 100, {}, {"adv": "1000000"}, evolve(WIDE, adv_share=Decimal("0.01"))),
        ("liquidity", 0, {}, {"adv": None}, WIDE),
        ("symbol_exposure", 100, {}, {}, evolve(WIDE, symbol_share=Decimal("0.1"))),
        (
            "sector_exposure",
            20,
            {
                "positions": {B: Decimal(130)},
                "marks": {B: Decimal(100)},
                "sectors": {B: "tech"},
                "orders": (OpenOrder(C, Side.BUY, Decimal(1), Decimal(100), opens=True),),
            },
            {},
            evolve(WIDE, sector_share=Decimal("0.15")),
        ),
        (
            "gross_exposure",
            20,
            {
                "positions": {B: Decimal(900)},
                "marks": {B: Decimal(100)},
                "orders": (OpenOrder(C, Side.BUY, Decimal(80), Decimal(100), opens=True),),
            },
            {},
            WIDE,
        ),
        ("gross_exposure", 0, {"positions": {B: Decimal(1)}}, {}, WIDE),
        (
            "gross_exposure",
            0,
            {"positions": {B: Decimal(1001)}, "marks": {B: Decimal(100)}},
            {},
            WIDE,
        ),
        (
            "buying_power",
            13,
            {
                "buying_power": "1400",
                "orders": (OpenOrder(C, Side.BUY, Decimal(1), Decimal(100), opens=True),),
            },
            {},
            WIDE,
        ),
        ("risk_per_trade", 0, {"equity": "0"}, {}, WIDE),
    ],
)
def test_each_limit_can_bind(rule, quantity, account, market, limits):
    sizing = sized({}, account, market, limits)
    assert sizing.bound_by == rule
    assert sizing.quantity == sizing.caps[rule] == quantity
    assert sizing.quantity == min(sizing.caps.values())


def test_what_a_proposal_says_of_its_size_is_of_no_concern():
    assert sized({"quantity": "1"}) == sized({"quantity": "100000"})


@pytest.mark.parametrize("stop", [None, "100", "101"])
def test_without_a_stop_that_loses_there_is_no_size(stop):
    sizing = sized({"stop": stop})
    assert sizing.quantity == 0
    assert sizing.denial is Denial.TOO_SMALL


def test_less_than_a_share_is_too_small_and_the_certificate_says_so():
    sizing = sized({"limit": "100", "stop": "98"}, {"equity": "399"})
    assert sizing.denial is Denial.TOO_SMALL
    results = evaluate(a_proposal(quantity=sizing.quantity), an_account(), a_market(), WIDE, NOON)
    assert Denial.TOO_SMALL in {one.denial for one in results}


def cents(low, high):
    return st.integers(low, high).map(lambda amount: Decimal(amount) / 100)


NAMES = st.sampled_from([A, B, C])


@st.composite
def accounts(draw):
    """Some room is left in most of them."""
    orders = st.builds(
        OpenOrder,
        symbol=NAMES,
        side=st.sampled_from(Side),
        remaining=st.integers(0, 20).map(Decimal),
        price=cents(1, 30_000),
        opens=st.booleans(),
    )
    return an_account(
        equity=draw(cents(1_000_000, 100_000_000)),
        buying_power=draw(cents(1_000_000, 100_000_000)),
        positions=draw(st.dictionaries(NAMES, st.integers(-40, 40).map(Decimal))),
        marks={name: draw(cents(1, 30_000)) for name in (A, B, C)},
        sectors=draw(st.dictionaries(NAMES, st.sampled_from(["tech", "food"]))),
        orders=tuple(draw(st.lists(orders, max_size=3))),
    )


@st.composite
def entries(draw):
    side, limit = draw(st.sampled_from(Side)), draw(cents(1, 30_000))
    stop = max(limit - draw(cents(1, 500)) * side.sign, Decimal("0.01"))
    return a_proposal(side=side, limit=limit, stop=stop)


@st.composite
def markets(draw):
    mid, cent = draw(cents(2, 30_000)), Decimal("0.01")
    quote = a_quote(str(mid - cent), str(mid + cent), str(mid))
    return a_market(quote=quote, adv=draw(cents(1_000_000, 10_000_000_000)))


LIMITS = st.sampled_from([RiskLimits(), WIDE])


@given(entries(), accounts(), markets(), LIMITS)
def test_a_sized_entry_passes_every_rule_that_bounds_its_size(entry, account, market, limits):
    sizing = size(entry, account, market, limits, NOON)
    assume(sizing.quantity)
    sized = evolve(entry, quantity=sizing.quantity)
    results = evaluate(sized, account, market, limits, NOON)
    assert [one.denial for one in results if one.rule in sizing.caps] == [None] * 7


@given(entries(), accounts(), markets(), LIMITS)
def test_one_share_more_is_too_much_for_the_rule_that_bound(entry, account, market, limits):
    sizing = size(entry, account, market, limits, NOON)
    more = evolve(entry, quantity=sizing.quantity + 1)
    denied = {
        one.rule for one in evaluate(more, account, market, limits, NOON) if one.denial is not None
    }
    if sizing.bound_by == "risk_per_trade" and entry.stop != entry.limit:
        # The rule itself forgives a tick of rounding, the sizing does not.
        at_risk = more.quantity * abs(entry.limit - entry.stop)
        assert at_risk > limits.risk_per_trade * account.equity
    else:
        assert sizing.bound_by in denied
