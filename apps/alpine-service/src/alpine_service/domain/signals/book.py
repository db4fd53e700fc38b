"""The published record, folded as it grows: whole numbers only, so no order of adding matters.

What is kept grows with days, strategies and sources, not with signals.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from attrs import Factory, define

from alpine_service.domain.signals.counted import Counted, Opinion
from alpine_service.domain.signals.day import day_of

BIN_BP = 1_000
BINS = 10
PPM = 1_000_000


@define
class DayBucket:
    """The signals of one strategy whose outcomes ended on one day. Returns are in basis points.

    `gains_bp` is the sum of the returns above zero, `squared` the sum of all squares.
    """

    count: int = 0
    hits: int = 0
    total_bp: int = 0
    gains_bp: int = 0
    squared: int = 0
    best_bp: int | None = None
    worst_bp: int | None = None

    def add(self, return_bp: int, times: int = 1) -> None:
        """Add signals of that return; `times` is 1 or more."""
        self.count += times
        self.hits += times * (return_bp > 0)
        self.total_bp += times * return_bp
        self.gains_bp += times * max(return_bp, 0)
        self.squared += times * return_bp**2
        self.best_bp = _most((self.best_bp, return_bp))
        self.worst_bp = _least((self.worst_bp, return_bp))

    def merge(self, other: "DayBucket") -> None:
        self.count += other.count
        self.hits += other.hits
        self.total_bp += other.total_bp
        self.gains_bp += other.gains_bp
        self.squared += other.squared
        self.best_bp = _most((self.best_bp, other.best_bp))
        self.worst_bp = _least((self.worst_bp, other.worst_bp))


@define
class ConfidenceBin:
    """Signals of about the same size of confidence; `confidence_bp` is the sum of the sizes."""

    count: int = 0
    hits: int = 0
    confidence_bp: int = 0

    def merge(self, other: "ConfidenceBin") -> None:
        self.count += other.count
        self.hits += other.hits
        self.confidence_bp += other.confidence_bp


@define
class SourceTally:
    """What one source said in signals that count.

    `signals` list it. `judged` are those in which it pointed somewhere and the price moved, and
    `agreed` those of them in which it moved there. `share_ppm` is the sum over all of its share of
    the contributions, in millionths.
    """

    signals: int = 0
    judged: int = 0
    agreed: int = 0
    share_ppm: int = 0

    def merge(self, other: "SourceTally") -> None:
        self.signals += other.signals
        self.judged += other.judged
        self.agreed += other.agreed
        self.share_ppm += other.share_ppm


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
        self._day(day_of(counted.at_us)).add(counted.return_bp)
        size = abs(counted.confidence_bp or 0)
        one = self.bins[bin_of(size)]
        one.merge(ConfidenceBin(1, int(counted.return_bp > 0), size))
        moved = _sign(counted.return_bp) * (-1 if counted.direction == "SELL" else 1)
        whole = sum(abs(each.phi_bp) for each in counted.opinions)
        for opinion in counted.opinions:
            tally = self.sources.setdefault(opinion.source, SourceTally())
            tally.merge(_judge(opinion, moved, whole))

    def add_overdue(self, day: date, return_bp: int, times: int) -> None:
        """Add commits that were due on a day, each counted as that return."""
        self._day(day).add(return_bp, times)
        self.overdue += times

    def merge(self, other: "StrategyBook") -> None:
        for day, bucket in other.days.items():
            self._day(day).merge(bucket)
        for mine, theirs in zip(self.bins, other.bins, strict=True):
            mine.merge(theirs)
        for source, tally in other.sources.items():
            self.sources.setdefault(source, SourceTally()).merge(tally)
        self.overdue += other.overdue

    def _day(self, day: date) -> DayBucket:
        return self.days.setdefault(day, DayBucket())


class Book:
    """All strategies' resolved signals. Who adds sees to it that each is added once."""

    def __init__(self) -> None:
        self._strategies: dict[str, StrategyBook] = {}

    def add(self, counted: Iterable[Counted]) -> None:
        """Add resolved signals, in whatever order. Not overdue ones, which may yet be revealed."""
        for each in counted:
            self._strategies.setdefault(each.strategy, StrategyBook()).add(each)

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


def _judge(opinion: Opinion, moved: int, whole_bp: int) -> SourceTally:
    """One signal's part of a source's tally; `moved` is the sign of the price's move."""
    pointed = _sign(opinion.strength_e4)
    share = (2 * abs(opinion.phi_bp) * PPM + whole_bp) // (2 * whole_bp) if whole_bp else 0
    return SourceTally(
        signals=1,
        judged=int(pointed * moved != 0),
        agreed=int(pointed * moved > 0),
        share_ppm=share,
    )


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)


def _most(values: Iterable[int | None]) -> int | None:
    return max((value for value in values if value is not None), default=None)


def _least(values: Iterable[int | None]) -> int | None:
    return min((value for value in values if value is not None), default=None)
