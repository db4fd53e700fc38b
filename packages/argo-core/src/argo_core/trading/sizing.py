"""How many shares an entry takes: what the stop may cost, cut down to what the limits leave."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from attrs import evolve, frozen

from argo_core.trading.denial import Denial
from argo_core.trading.limits import RiskLimits
from argo_core.trading.risk.case import Case, case_of, reference
from argo_core.trading.risk.exposure import exposures, reserves, total
from argo_core.trading.risk.order_rules import stop_distance
from argo_core.trading.views import AccountView, MarketView, Proposal

_NONE = Decimal(0)


@frozen
class Sizing:
    """Whole shares, and the rule that left no more. `caps` is what each rule alone would allow.

    `denial` is TOO_SMALL where that is less than one share, else None.
    """

    quantity: Decimal
    bound_by: str
    caps: Mapping[str, Decimal]

    @property
    def denial(self) -> Denial | None:
        return None if self.quantity else Denial.TOO_SMALL


def size(
    proposal: Proposal,
    account: AccountView,
    market: MarketView,
    limits: RiskLimits,
    now: datetime,
) -> Sizing:
    """The size of an entry; the proposal's own quantity says nothing.

    Money at risk between limit and stop is `risk_per_trade` of equity (fixed fractional sizing);
    what cannot be known, such as a position's worth without a mark, leaves no room. An entry of
    this size passes every rule that the caps are named for.

    Raises:
        InvalidInput: a quote is of another symbol, or `now` is not aware UTC.
    """
    case = case_of(evolve(proposal, quantity=_NONE), account, market, limits, now)
    price = reference(proposal, market)
    caps = {"risk_per_trade": _at_risk(case)}
    caps |= {rule: _whole(room, price) for rule, room in _rooms(case).items()}
    bound_by = min(caps, key=lambda rule: caps[rule])
    return Sizing(caps[bound_by], bound_by, caps)


def _at_risk(case: Case) -> Decimal:
    proposal = case.proposal
    distance = stop_distance(proposal.side, proposal.limit, proposal.stop)
    if distance is None:
        return _NONE
    return _whole(case.share(case.limits.risk_per_trade), distance)


def _rooms(case: Case) -> dict[str, Decimal | None]:
    """What is left under each limit in quote currency, None where nobody knows."""
    account, limits, adv = case.account, case.limits, case.market.adv
    everything = exposures(account, case.added)
    symbol = [each for each in everything if each.symbol == case.proposal.symbol]
    sector = [each for each in everything if each.sector == case.market.sector]
    return {
        "order_value": min(limits.order_cap, case.share(limits.order_share)),
        "liquidity": None if adv is None else limits.adv_share * adv,
        "symbol_exposure": _left(case.share(limits.symbol_share), total(symbol)),
        "sector_exposure": _left(case.share(limits.sector_share), total(sector)),
        "gross_exposure": _left(case.share(limits.gross_share), total(everything)),
        "buying_power": account.buying_power - reserves(account),
    }


def _left(limit: Decimal, used: Decimal | None) -> Decimal | None:
    return None if used is None else limit - used


def _whole(room: Decimal | None, each: Decimal) -> Decimal:
    # Floor division is exact, where a quotient might be rounded up to the next share.
    return room // each if room is not None and room > 0 else _NONE
