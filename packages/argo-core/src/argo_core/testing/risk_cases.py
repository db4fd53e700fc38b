"""An order that every risk rule allows, on a calm noon; tests change what they are about."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from attrs import evolve

from argo_core.market.instrument import AssetClass, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session
from argo_core.testing.strategies import NOON
from argo_core.trading.order import Side
from argo_core.trading.state import TradingState
from argo_core.trading.views import AccountView, MarketView, Proposal

A = Symbol("A")

SESSION = Session(
    pre=NOON - timedelta(hours=8),
    open=NOON - timedelta(hours=2, minutes=30),
    close=NOON + timedelta(hours=4),
    post=NOON + timedelta(hours=8),
)


def a_quote(
    bid: str | None = "99.99",
    ask: str | None = "100.01",
    price: str = "100",
    *,
    at: datetime = NOON,
    symbol: str = A,
    feed: str = "alpaca:iex",
) -> Quote:
    """A price of 100 and two cents around it, of this very moment."""
    return Quote(
        symbol=Symbol(symbol),
        price=Decimal(price),
        at=at,
        fetched_at=NOON,
        feed=feed,
        bid=None if bid is None else Decimal(bid),
        ask=None if ask is None else Decimal(ask),
    )


_PROPOSAL = Proposal(
    symbol=A,
    asset_class=AssetClass.STOCK,
    side=Side.BUY,
    quantity=Decimal(10),
    limit=Decimal(100),
    opens=True,
    stop=Decimal(98),
    signal_id="s-1",
    decided_at=NOON - timedelta(seconds=10),
    horizon_s=3_600,
)

_ACCOUNT = AccountView(
    state=TradingState.ACTIVE,
    equity=Decimal(100_000),
    opened=Decimal(100_000),
    flows=Decimal(0),
    high=Decimal(100_000),
    buying_power=Decimal(100_000),
)

_MARKET = MarketView(
    quote=a_quote(),
    phase=Phase.REGULAR,
    session=SESSION,
    second=a_quote(None, None, feed="yfinance"),
    adv=Decimal(10_000_000),
    sector="tech",
)


def a_proposal(**changes: Any) -> Proposal:
    """Ten shares to buy at 100 with a stop at 98; money may be given as text."""
    return evolve(_PROPOSAL, **_decimals(changes, ("quantity", "limit", "stop", "target")))


def an_account(**changes: Any) -> AccountView:
    """100,000 that nothing was done with."""
    names = ("equity", "opened", "flows", "high", "buying_power")
    return evolve(_ACCOUNT, **_decimals(changes, names))


def a_market(**changes: Any) -> MarketView:
    """Ten millions a day at 100."""
    return evolve(_MARKET, **_decimals(changes, ("adv",)))


def _decimals(changes: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {
        name: Decimal(value) if name in names and value is not None else value
        for name, value in changes.items()
    }
