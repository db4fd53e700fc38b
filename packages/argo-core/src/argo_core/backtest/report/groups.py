"""Trades gathered by what they have in common: the reason of their end, or their symbol."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from decimal import Decimal
from typing import TypeVar

from attrs import frozen

from argo_core.backtest.trades import BarTrade
from argo_core.market.instrument import Symbol

STILL_OPEN = "still open"

_Key = TypeVar("_Key", bound=Hashable)


@frozen
class Group:
    """`count` trades of one `name`: `won` of them earned something, all together `pnl` dollars."""

    name: str
    count: int
    won: int
    pnl: Decimal


def reason(trade: BarTrade) -> str:
    """Why it ended: the reasons of its exits in words, or that it has not."""
    told = [one.name.lower() for one in trade.reasons]
    return " + ".join([*told, STILL_OPEN] if trade.open else told)


def by_reason(trades: Sequence[BarTrade]) -> tuple[Group, ...]:
    """By the reason of their end, the most frequent first."""
    groups = [_group(name, some) for name, some in _split(trades, reason).items()]
    return tuple(sorted(groups, key=lambda one: (-one.count, one.name)))


def by_symbol(trades: Sequence[BarTrade]) -> tuple[Group, ...]:
    """By symbol, what earned most first."""
    groups = [_group(name, some) for name, some in _split(trades, _symbol).items()]
    return tuple(sorted(groups, key=lambda one: (-one.pnl, one.name)))


def most_traded(trades: Sequence[BarTrade], most: int) -> tuple[Symbol, ...]:
    """The symbols that were traded most often, ties by name."""
    counts = {name: len(some) for name, some in _split(trades, _symbol).items()}
    return tuple(sorted(counts, key=lambda name: (-counts[name], name))[:most])


def _symbol(trade: BarTrade) -> Symbol:
    return trade.symbol


def _split(
    trades: Sequence[BarTrade], key: Callable[[BarTrade], _Key]
) -> dict[_Key, list[BarTrade]]:
    found: dict[_Key, list[BarTrade]] = defaultdict(list)
    for one in trades:
        found[key(one)].append(one)
    return found


def _group(name: str, some: Sequence[BarTrade]) -> Group:
    won = sum(one.pnl > 0 for one in some)
    return Group(name, len(some), won, sum((one.pnl for one in some), Decimal(0)))
