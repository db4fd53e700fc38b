"""The published record, folded as it grows: whole numbers only, so no order of adding matters.

What is kept grows with days, strategies and sources, not with signals.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import Factory, define

from alpine_service.domain.signals.buckets import ConfidenceBin, DayBucket, SourceTally
from alpine_service.domain.signals.counted import Counted
from alpine_service.domain.signals.day import day_of

BIN_BP = 1_000
BINS = 10
PPM = 1_000_000


@define
class StrategyBook:
    """One strategy's signals, or those of all strategies together.

    The resolved ones are in everything. Overdue commits are in the days only, and in `overdue`:
    they have neither a confidence nor sources.
    """

    days: dict[date, DayBucket] = Factory(dict)
    bins: list[ConfidenceBin] = Factory(lambda: [ConfidenceBin() for _ in range(BINS)])
    sources: dict[str, SourceTally] = Factory(dict)
    overdue: int = 0

    def add(self, counted: Counted) -> None:
        """Add a resolved signal, once."""
        self._day(day_of(counted.at_us)).merge(DayBucket.of(counted.return_bp))
        size = abs(counted.confidence_bp or 0)
        self.bins[bin_of(size)].add(size, hit=counted.return_bp > 0)
        moved = _sign(counted.return_bp) * (-1 if counted.direction == "SELL" else 1)
        whole = sum(abs(each.phi_bp) for each in counted.opinions)
        for each in counted.opinions:
            self._source(each.source).add(
                _sign(each.strength_e4), moved, share_ppm(abs(each.phi_bp), whole)
            )

    def add_overdue(self, day: date, return_bp: int, times: int) -> None:
        """Add commits that were due on a day, each counted as that return."""
        self._day(day).merge(DayBucket.of(return_bp, times))
        self.overdue += times

    def merge(self, other: "StrategyBook") -> None:
        for day, bucket in other.days.items():
            self._day(day).merge(bucket)
        for mine, theirs in zip(self.bins, other.bins, strict=True):
            mine.merge(theirs)
        for source, tally in other.sources.items():
            self._source(source).merge(tally)
        self.overdue += other.overdue

    def _day(self, day: date) -> DayBucket:
        return self.days.setdefault(day, DayBucket())

    def _source(self, source: str) -> SourceTally:
        return self.sources.setdefault(source, SourceTally())


class Book:
    """All strategies' resolved signals. Who adds sees to it that each is added once."""

    def __init__(self) -> None:
        self._strategies: dict[str, StrategyBook] = {}

    def add(self, counted: Iterable[Counted]) -> None:
        """Add resolved signals, in whatever order. Not overdue ones, which may yet be revealed."""
        for each in counted:
            if each.strategy not in self._strategies:
                self._strategies[each.strategy] = StrategyBook()
            self._strategies[each.strategy].add(each)

    @property
    def strategies(self) -> Mapping[str, StrategyBook]:
        """Those that have a resolved signal."""
        return self._strategies


def together(books: Iterable[StrategyBook]) -> StrategyBook:
    """A new book of all that is in these."""
    whole = StrategyBook()
    for book in books:
        whole.merge(book)
    return whole


def bin_of(size_bp: int) -> int:
    """The bin of a size of confidence: ten of 1000 bp, the last one with its end."""
    return min(size_bp // BIN_BP, BINS - 1)


def share_ppm(part: int, whole: int) -> int:
    """A share in millionths, rounded; 0 of nothing."""
    return (2 * part * PPM + whole) // (2 * whole) if whole else 0


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
