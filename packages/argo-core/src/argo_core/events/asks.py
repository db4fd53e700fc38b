"""Asks of vendors: answered, failed, spared, and what was known already."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.market.instrument import Symbol


@frozen
class SourceAnswered:
    """A guarded vendor ask succeeded: `items` answers, `missing` symbols without one."""

    source: SourceName
    at: datetime
    seconds: float
    calls: int
    usd: Decimal
    items: int
    missing: int


@frozen
class SourceFailed:
    """A guarded vendor ask failed; `error` is the class in the error tree, `problem` its text."""

    source: SourceName
    at: datetime
    seconds: float
    calls: int
    usd: Decimal
    error: str
    problem: str


@frozen
class AskSpared:
    """The gate found that no answer could change the outcome of these `symbols`."""

    source: SourceName
    at: datetime
    symbols: int


@frozen
class CacheLooked:
    """Before an ask, so many symbols were looked up: `fresh` need no ask, the others do."""

    source: SourceName
    at: datetime
    fresh: int
    stale: int
    missed: int


@frozen
class ReasoningFormed:
    """Words for a signal came: `source` says from whom, or "fallback" and the `problem`."""

    symbol: Symbol
    at: datetime
    source: str
    problem: str = ""


AskEvent = SourceAnswered | SourceFailed | AskSpared | CacheLooked | ReasoningFormed
