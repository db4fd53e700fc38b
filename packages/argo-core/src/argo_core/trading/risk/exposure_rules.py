"""How much may be held of a symbol, of a sector and in all, counting what open orders would add."""

from collections.abc import Iterable
from decimal import Decimal

from argo_core.market.instrument import Symbol
from argo_core.trading.denial import Denial
from argo_core.trading.risk.case import Case, Standing
from argo_core.trading.risk.exposure import (
    Exposure,
    exposures,
    reserves,
    total,
)
from argo_core.trading.risk.finding import Finding, Shown, holds, within


def symbol(case: Case) -> Finding:
    return of_symbol(case, case.proposal.symbol)


def of_symbol(standing: Standing, symbol: Symbol) -> Finding:
    """One symbol's exposure against its limit."""
    share = standing.limits.symbol_share
    everything = exposures(standing.account, standing.added)
    return _bounded(
        standing,
        [each for each in everything if each.symbol == symbol],
        share,
        Denial.SYMBOL_EXPOSURE,
        symbol=symbol,
        symbol_share=share,
    )


def sector(case: Case) -> Finding:
    return of_sector(case, case.market.sector)


def of_sector(standing: Standing, sector: str) -> Finding:
    """One sector's exposure; symbols of which nobody knows the sector are one sector."""
    share = standing.limits.sector_share
    everything = exposures(standing.account, standing.added)
    return _bounded(
        standing,
        [each for each in everything if each.sector == sector],
        share,
        Denial.SECTOR_EXPOSURE,
        sector=sector,
        sector_share=share,
    )


def gross(standing: Standing) -> Finding:
    share = standing.limits.gross_share
    everything = exposures(standing.account, standing.added)
    return _bounded(standing, everything, share, Denial.GROSS_EXPOSURE, gross_share=share)


def positions(standing: Standing) -> Finding:
    """A symbol counts from the order on that would open it."""
    names = [each.symbol for each in exposures(standing.account, standing.added)]
    limit = Decimal(standing.limits.positions)
    return within(Decimal(len(names)), limit, Denial.POSITIONS, positions=" ".join(names))


def buying_power(standing: Standing) -> Finding:
    """What is left when all that is open has been paid for, and this order."""
    account, added = standing.account, standing.added
    reserved = reserves(account)
    value = Decimal(0) if added is None else added.value
    return within(
        reserved + value,
        account.buying_power,
        Denial.BUYING_POWER,
        buying_power=account.buying_power,
        reserved=reserved,
        value=value,
    )


def _bounded(
    standing: Standing,
    parts: Iterable[Exposure],
    share: Decimal,
    denial: Denial,
    **inputs: Shown,
) -> Finding:
    parts = tuple(parts)
    value, limit = total(parts), standing.share(share)
    if value is None:
        unknown = " ".join(each.symbol for each in parts if each.value is None)
        return holds(False, Denial.MARK_MISSING, limit, without_mark=unknown, **inputs)
    equity = standing.account.equity
    return within(value, limit, denial, exposure=value, equity=equity, **inputs)
