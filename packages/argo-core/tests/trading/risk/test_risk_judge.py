"""All rules at once: what a certificate says of an order, and the margins without one."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argo_core.errors import InvalidInput
from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.session import Phase
from argo_core.testing.risk_cases import A, a_market, a_proposal, an_account
from argo_core.testing.strategies import NOON
from argo_core.trading.denial import Denial
from argo_core.trading.limits import RULES_VERSION, RiskLimits
from argo_core.trading.order import Side
from argo_core.trading.risk.judge import evaluate, judge, margins, sector_margins, symbol_margins
from argo_core.trading.risk.table import RULES
from argo_core.trading.state import TradingState
from argo_core.trading.views import Closed, OpenOrder, Placed

B = Symbol("B")
NAMES = [rule.name for rule in RULES]
ID = "O" * 32


def judged(proposal=None, account=None, market=None):
    return judge(
        ID,
        a_proposal(**(proposal or {})),
        an_account(**(account or {})),
        a_market(**(market or {})),
        RiskLimits(),
        NOON,
    )


def holding(quantity):
    return {"positions": {A: Decimal(quantity)}, "marks": {A: Decimal(100)}}


def test_a_calm_entry_is_allowed_with_every_rules_word():
    certificate = judged()
    assert certificate.allowed
    assert certificate.denials == ()
    assert [one.rule for one in certificate.results] == NAMES
    assert not any(one.skipped for one in certificate.results)


def test_a_certificate_names_its_order_its_time_and_its_rules():
    certificate = judged()
    assert certificate.order_id == ID
    assert (certificate.symbol, certificate.side) == (A, Side.BUY)
    assert certificate.quantity == 10
    assert certificate.at == NOON
    assert certificate.version == RULES_VERSION
    assert certificate.signal_id == "s-1"


def test_a_certificate_shows_what_each_rule_saw():
    (result,) = [one for one in judged().results if one.rule == "order_value"]
    assert dict(result.inputs) == {
        "value": "1000",
        "quantity": "10",
        "equity": "100000",
        "order_share": "0.05",
        "order_cap": "50000",
    }
    assert result.limit == "5000"
    assert result.margin == 4_000


def test_every_reason_is_told_and_each_of_them_once():
    certificate = judged(
        {"quantity": "600", "decided_at": None},
        {"state": TradingState.HALTED},
        {"quote": None, "adv": None, "phase": Phase.CLOSED},
    )
    assert certificate.denials == (
        Denial.STATE,
        Denial.SESSION_CLOSED,
        Denial.QUOTE_MISSING,
        Denial.SIGNAL_OLD,
        Denial.RISK_PER_TRADE,
        Denial.ORDER_VALUE,
        Denial.LIQUIDITY_UNKNOWN,
        Denial.SYMBOL_EXPOSURE,
        Denial.SECTOR_EXPOSURE,
    )
    assert not certificate.allowed


@pytest.mark.parametrize("state", TradingState)
@pytest.mark.parametrize(("held", "side"), [("10", Side.SELL), ("-10", Side.BUY)])
def test_what_only_shrinks_a_position_is_allowed_whatever_else_is_wrong(state, held, side):
    certificate = judged(
        {
            "side": side,
            "quantity": "10",
            "opens": False,
            "stop": None,
            "decided_at": None,
            "asset_class": AssetClass.CRYPTO,
        },
        holding(held)
        | {
            "state": state,
            "equity": "-1",
            "opened": "0",
            "high": "0",
            "buying_power": "-1",
            "placed": (Placed(NOON, A, opens=True),) * 300,
            "closed": (Closed(NOON, A, stopped=True),) * 5,
            "orders": (OpenOrder(A, side, Decimal(9), Decimal(100), opens=True),),
        },
        {"quote": None, "session": None, "phase": Phase.CLOSED, "adv": None, "halted": True},
    )
    assert certificate.allowed
    assert [one.rule for one in certificate.results] == NAMES
    assert [one.rule for one in certificate.results if not one.skipped] == ["closing"]
    assert {one.margin for one in certificate.results} == {None}


def test_an_account_has_margins_without_an_order():
    stops = (Closed(NOON - timedelta(hours=1), B, stopped=True),)
    account = an_account(
        equity="99000",
        positions={A: Decimal(10)},
        marks={A: Decimal(100)},
        orders=(OpenOrder(B, Side.BUY, Decimal(5), Decimal(100), opens=True),),
        placed=(Placed(NOON, B, opens=True),),
        closed=stops,
    )
    found = {one.rule: one.margin for one in margins(account, RiskLimits(), NOON)}
    assert found == {
        "state": None,
        "gross_exposure": Decimal(97_500),
        "positions": 8,
        "buying_power": Decimal(99_500),
        "rate_minute": 9,
        "rate_day": 199,
        "stopped_out": 1,
        "daily_loss": 1_000,
        "drawdown": 9_000,
    }


def test_margins_say_what_is_broken_already():
    account = an_account(state=TradingState.HALTED, equity="90000", buying_power="-1")
    broken = {one.rule for one in margins(account, RiskLimits(), NOON) if one.denial}
    assert broken == {"state", "buying_power", "daily_loss", "drawdown"}


def test_each_symbol_and_each_sector_has_its_margin():
    account = an_account(
        positions={A: Decimal(90), B: Decimal(-5)},
        marks={A: Decimal(100)},
        sectors={A: "tech"},
        orders=(OpenOrder(Symbol("C"), Side.BUY, Decimal(5), Decimal(100), opens=True),),
    )
    symbols = symbol_margins(account, RiskLimits(), NOON)
    assert {name: one.margin for name, one in symbols.items()} == {
        "A": 1_000,
        "B": None,
        "C": 9_500,
    }
    assert symbols[B].denial is Denial.MARK_MISSING
    sectors = sector_margins(account, RiskLimits(), NOON)
    assert {name: one.margin for name, one in sectors.items()} == {"tech": 21_000, "unknown": None}
    assert {one.rule for one in symbols.values()} == {"symbol_exposure"}
    assert {one.rule for one in sectors.values()} == {"sector_exposure"}


def amounts(*texts):
    return st.sampled_from(texts).map(Decimal)


ACCOUNTS = st.builds(
    an_account,
    state=st.sampled_from(TradingState),
    equity=amounts("-1", "0", "90000", "97000", "98000", "100000"),
    opened=amounts("-1", "0", "100000"),
    high=amounts("0", "100000"),
    flows=amounts("0", "1000"),
    buying_power=amounts("-1", "1000", "100000"),
    positions=st.dictionaries(st.sampled_from([A, B]), amounts("-10", "0", "10")),
    marks=st.dictionaries(st.sampled_from([A, B]), amounts("100", "1000")),
    placed=st.lists(st.builds(Placed, st.just(NOON), st.sampled_from([A, B]), st.booleans())).map(
        tuple
    ),
    closed=st.lists(st.builds(Closed, st.just(NOON), st.sampled_from([A, B]), st.booleans())).map(
        tuple
    ),
)
PROPOSALS = st.builds(
    a_proposal,
    side=st.sampled_from(Side),
    quantity=amounts("0", "0.5", "5", "10", "50", "1000"),
    opens=st.booleans(),
    stop=st.none() | amounts("98", "102"),
)
MARKETS = st.builds(
    a_market,
    phase=st.sampled_from(Phase),
    adv=st.none() | amounts("0", "100000", "10000000"),
    halted=st.booleans(),
)
# At their limits these deny, as the others do beyond theirs.
UP_TO = {"daily_loss", "drawdown"}


@given(PROPOSALS, ACCOUNTS, MARKETS)
def test_an_order_is_denied_if_and_only_if_a_rule_says_so(proposal, account, market):
    certificate = judge(ID, proposal, account, market, RiskLimits(), NOON)
    said = [one.denial for one in certificate.results if one.denial]
    assert certificate.allowed == (not said)
    assert set(certificate.denials) == set(said)
    assert len(certificate.denials) == len(set(said))


@given(PROPOSALS, ACCOUNTS, MARKETS)
def test_all_rules_speak_always_in_the_same_order(proposal, account, market):
    results = evaluate(proposal, account, market, RiskLimits(), NOON)
    assert [one.rule for one in results] == NAMES


@given(PROPOSALS, ACCOUNTS, MARKETS)
def test_the_sign_of_a_margin_is_the_rules_word(proposal, account, market):
    results = evaluate(proposal, account, market, RiskLimits(), NOON)
    for one in (*results, *margins(account, RiskLimits(), NOON)):
        if one.margin is not None:
            at_limit = one.margin == 0 and one.rule in UP_TO
            assert (one.denial is not None) == (one.margin < 0 or at_limit), one


@given(PROPOSALS, ACCOUNTS, MARKETS)
def test_a_rule_denies_with_its_own_codes_only(proposal, account, market):
    for rule, one in zip(
        RULES, evaluate(proposal, account, market, RiskLimits(), NOON), strict=True
    ):
        assert one.denial is None or one.denial in rule.denials


@pytest.mark.parametrize(
    ("make", "name", "value"),
    [
        *((a_proposal, "quantity", text) for text in ("-1", "NaN", "Infinity", "1e15")),
        *((a_proposal, "limit", text) for text in ("0", "-1", "NaN", "1e15")),
        *((a_proposal, "stop", text) for text in ("0", "-1", "NaN", "1e15")),
        *((a_proposal, "target", text) for text in ("0", "-1", "NaN", "1e15")),
        (a_proposal, "decided_at", NOON.replace(tzinfo=None)),
        (a_proposal, "horizon_s", -1),
        *((a_market, "adv", text) for text in ("-1", "NaN", "1e15")),
        *((an_account, "equity", text) for text in ("NaN", "-Infinity", "1e15")),
        *((an_account, name, "NaN") for name in ("opened", "flows", "high", "buying_power")),
        (an_account, "positions", {A: Decimal("NaN")}),
        (an_account, "marks", {A: Decimal(0)}),
        (an_account, "marks", {A: Decimal("NaN")}),
    ],
)
def test_no_rule_ever_meets_what_is_no_number(make, name, value):
    with pytest.raises(InvalidInput, match=name):
        make(**{name: value})


@pytest.mark.parametrize(
    ("remaining", "price"), [("-1", "1"), ("NaN", "1"), ("1", "0"), ("1", "NaN"), ("1", "1e15")]
)
def test_an_open_order_is_of_numbers_too(remaining, price):
    with pytest.raises(InvalidInput):
        OpenOrder(A, Side.BUY, Decimal(remaining), Decimal(price), opens=True)


def test_limits_are_of_sane_numbers():
    for name, value in (
        ("risk_per_trade", Decimal(11)),
        ("order_cap", Decimal(0)),
        ("positions", 0),
        ("cooldown", timedelta(seconds=-1)),
        ("daily_loss_halt", Decimal("0.019")),
    ):
        with pytest.raises(InvalidInput, match=name):
            RiskLimits(**{name: value})
