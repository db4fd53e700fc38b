"""What is counted of many signals at once: sums of whole numbers, which can be added up again."""

from collections.abc import Callable

from attrs import define


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

    @classmethod
    def of(cls, return_bp: int, times: int = 1) -> "DayBucket":
        """So many signals of that return, 1 or more."""
        return cls(
            times,
            times * (return_bp > 0),
            times * return_bp,
            times * max(return_bp, 0),
            times * return_bp**2,
            return_bp,
            return_bp,
        )

    def merge(self, other: "DayBucket") -> None:
        self.count += other.count
        self.hits += other.hits
        self.total_bp += other.total_bp
        self.gains_bp += other.gains_bp
        self.squared += other.squared
        self.best_bp = _one_of(max, self.best_bp, other.best_bp)
        self.worst_bp = _one_of(min, self.worst_bp, other.worst_bp)


@define
class ConfidenceBin:
    """Signals of about the same size of confidence; `confidence_bp` is the sum of the sizes."""

    count: int = 0
    hits: int = 0
    confidence_bp: int = 0

    def add(self, size_bp: int, *, hit: bool) -> None:
        self.count += 1
        self.hits += hit
        self.confidence_bp += size_bp

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

    def add(self, pointed: int, moved: int, share_ppm: int) -> None:
        """Add a signal in which it pointed up (1), down (-1) or nowhere, and the price moved so."""
        self.signals += 1
        self.judged += pointed * moved != 0
        self.agreed += pointed * moved > 0
        self.share_ppm += share_ppm

    def merge(self, other: "SourceTally") -> None:
        self.signals += other.signals
        self.judged += other.judged
        self.agreed += other.agreed
        self.share_ppm += other.share_ppm


def _one_of(pick: Callable[[int, int], int], one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return pick(one, other)
