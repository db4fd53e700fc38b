"""How often each source pointed where the price then went, on a line about one half."""

from collections.abc import Sequence

from attrs import frozen

from alpine_service.domain.signals.skill import Rate, SourceSkill
from alpine_service.pages.formats import NOTHING, count, percent, source_name
from alpine_service.pages.performance.tiles import interval

_HALF = 0.5
# How far a line reaches to both sides of one half.
_REACHES = (0.05, 0.1, 0.25, 0.5)


@frozen
class Bar:
    """Places of a rate and its interval, in per cent of the line."""

    rate: float
    low: float
    high: float


@frozen
class SourceRow:
    name: str
    signals: str
    rate: str
    interval: str
    share: str
    bar: Bar | None


@frozen
class SourceTable:
    """`ends` are the rates at both ends of the lines, written out."""

    rows: tuple[SourceRow, ...]
    ends: tuple[str, str]


def sources_of(sources: Sequence[SourceSkill]) -> SourceTable:
    """All lines are as long as the farthest interval needs."""
    rates = [each.agreement for each in sources if each.agreement is not None]
    farthest = max((max(_HALF - each.low, each.high - _HALF) for each in rates), default=_HALF)
    reach = next((each for each in _REACHES if farthest <= each), _HALF)
    return SourceTable(
        tuple(_row(each, reach) for each in sources),
        (percent(_HALF - reach, 0), percent(_HALF + reach, 0)),
    )


def _row(one: SourceSkill, reach: float) -> SourceRow:
    rate = one.agreement
    return SourceRow(
        source_name(one.source),
        count(one.signals),
        NOTHING if rate is None else percent(rate.rate),
        NOTHING if rate is None else interval(rate.low, rate.high),
        percent(one.mean_share, 0),
        None if rate is None else _bar(rate, reach),
    )


def _bar(rate: Rate, reach: float) -> Bar:
    low, middle, high = (
        round(50 + 50 * (each - _HALF) / reach, 2) for each in (rate.low, rate.rate, rate.high)
    )
    return Bar(middle, low, high)
