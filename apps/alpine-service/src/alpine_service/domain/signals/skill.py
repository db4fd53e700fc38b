"""Whether confidence was worth its size, and each source its place."""

from attrs import frozen

from alpine_service.domain.signals.book import BIN_BP, PPM
from alpine_service.domain.signals.buckets import ConfidenceBin, SourceTally
from alpine_service.domain.signals.performance import wilson


@frozen
class Rate:
    """How many of how many, and the rate with its Wilson interval of 95 %, each from 0 to 1."""

    hits: int
    count: int
    rate: float
    low: float
    high: float


@frozen
class Reliability:
    """Signals with a size of confidence from `low_bp` on and below `high_bp`, the last bin's in it.

    A signal hits with a return above zero.
    """

    low_bp: int
    high_bp: int
    count: int
    mean_confidence_bp: float | None
    hit_rate: Rate | None


@frozen
class SourceSkill:
    """How often a source pointed where the price went.

    `signals` list it; `agreement` is over those where it pointed somewhere and the price moved.
    `mean_share` is its part of the contributions' sizes |phi|, from 0 to 1, the mean over signals.
    """

    source: str
    signals: int
    agreement: Rate | None
    mean_share: float | None


def rate_of(hits: int, count: int) -> Rate | None:
    """None of nothing."""
    if not count:
        return None
    low, high = wilson(hits, count)
    return Rate(hits, count, hits / count, low, high)


def reliability(place: int, one: ConfidenceBin) -> Reliability:
    """Of the bin at its place, 0 for the least confidence."""
    return Reliability(
        place * BIN_BP,
        (place + 1) * BIN_BP,
        one.count,
        one.confidence_bp / one.count if one.count else None,
        rate_of(one.hits, one.count),
    )


def skill(source: str, tally: SourceTally) -> SourceSkill:
    """Of a source's tally."""
    return SourceSkill(
        source,
        tally.signals,
        rate_of(tally.agreed, tally.judged),
        tally.share_ppm / PPM / tally.signals if tally.signals else None,
    )
