"""The rules' verdict on an order, and how the account stands by them without one."""

from collections.abc import Mapping
from datetime import datetime

from argo_core.market.instrument import Symbol
from argo_core.trading.certificate import Certificate, RuleResult
from argo_core.trading.limits import RULES_VERSION, RiskLimits
from argo_core.trading.risk.case import Standing, case_of
from argo_core.trading.risk.exposure import exposures
from argo_core.trading.risk.exposure_rules import of_sector, of_symbol
from argo_core.trading.risk.rule import named
from argo_core.trading.risk.table import RULES
from argo_core.trading.views import AccountView, MarketView, Proposal


def judge(  # noqa: PLR0917 - the order's name, and then as `evaluate`.
    order_id: str,
    proposal: Proposal,
    account: AccountView,
    market: MarketView,
    limits: RiskLimits,
    now: datetime,
) -> Certificate:
    """All rules' words on the order, to be kept whether they allow it or not.

    Raises:
        InvalidInput: a quote is of another symbol, or `now` is not aware UTC.
    """
    return Certificate(
        order_id,
        proposal.symbol,
        proposal.side,
        proposal.quantity,
        now,
        RULES_VERSION,
        evaluate(proposal, account, market, limits, now),
        proposal.signal_id,
    )


def evaluate(
    proposal: Proposal,
    account: AccountView,
    market: MarketView,
    limits: RiskLimits,
    now: datetime,
) -> tuple[RuleResult, ...]:
    """Every rule's word, always all of them in the table's order.

    Raises:
        InvalidInput: a quote is of another symbol, or `now` is not aware UTC.
    """
    case = case_of(proposal, account, market, limits, now)
    return tuple(rule.result(case) for rule in RULES)


def margins(account: AccountView, limits: RiskLimits, now: datetime) -> tuple[RuleResult, ...]:
    """How the account stands by the rules that are about all of it, as if nothing was ordered."""
    standing = Standing(account, limits, now)
    return tuple(named(rule.name, rule.standing(standing)) for rule in RULES if rule.standing)


def symbol_margins(
    account: AccountView, limits: RiskLimits, now: datetime
) -> Mapping[Symbol, RuleResult]:
    """What is left of each symbol's limit, for all that are held or on order."""
    standing = Standing(account, limits, now)
    names = (each.symbol for each in exposures(account))
    return {name: named("symbol_exposure", of_symbol(standing, name)) for name in names}


def sector_margins(
    account: AccountView, limits: RiskLimits, now: datetime
) -> Mapping[str, RuleResult]:
    """The same for each sector."""
    standing = Standing(account, limits, now)
    names = sorted({each.sector for each in exposures(account)})
    return {name: named("sector_exposure", of_sector(standing, name)) for name in names}
