"""All that a rule may look at: the account as it stands, and the order that would add to it."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.market.moment import aware
from argo_core.trading.limits import RiskLimits
from argo_core.trading.order import Side
from argo_core.trading.views import AccountView, MarketView, Proposal


@frozen
class Added:
    """What an order would add to the account: up to `value` in quote currency in one symbol."""

    symbol: Symbol
    sector: str
    value: Decimal


@frozen
class Standing:
    """The account at `now` under `limits`, with `added` or as it is."""

    account: AccountView
    limits: RiskLimits
    now: datetime
    added: Added | None = None

    def __attrs_post_init__(self) -> None:
        aware("now", self.now)

    def share(self, share: Decimal) -> Decimal:
        """That share of equity; not above zero where there is none, so that nothing fits in."""
        return share * self.account.equity


@frozen(kw_only=True)
class Case(Standing):
    """An order and its market on top of that."""

    proposal: Proposal
    market: MarketView

    def __attrs_post_init__(self) -> None:
        super().__attrs_post_init__()
        for quote in (self.market.quote, self.market.second):
            if quote is not None and quote.symbol != self.proposal.symbol:
                problem = f"it is of {quote.symbol}, the order of {self.proposal.symbol}"
                raise InvalidInput("quote", problem, "judge an order by its own market")

    @property
    def held(self) -> Decimal:
        return self.account.positions.get(self.proposal.symbol, Decimal(0))

    @property
    def shrinks(self) -> bool:
        """Whether the order can do nothing but shrink the position, at most to nothing."""
        if self.proposal.opens or self.held * self.proposal.side.sign >= 0:
            return False
        return 0 < self.proposal.quantity <= abs(self.held)

    @property
    def value(self) -> Decimal:
        return self.proposal.quantity * reference(self.proposal, self.market)


def case_of(
    proposal: Proposal,
    account: AccountView,
    market: MarketView,
    limits: RiskLimits,
    now: datetime,
) -> Case:
    """The case of an order.

    Raises:
        InvalidInput: a quote is of another symbol, or `now` is not aware UTC.
    """
    value = proposal.quantity * reference(proposal, market)
    added = Added(proposal.symbol, market.sector, value)
    return Case(account, limits, now, added, proposal=proposal, market=market)


def reference(proposal: Proposal, market: MarketView) -> Decimal:
    """The most that one share of the order can be worth when it is filled.

    What is bought costs no more than its limit. What is sold short may bring more than its limit,
    so it counts at the middle of the quote where that is higher.
    """
    if proposal.side is Side.BUY or market.mid is None:
        return proposal.limit
    return max(proposal.limit, market.mid)
