"""What was noticed in data, and the documented rule that answered it."""

from enum import StrEnum

from attrs import frozen

from argo_core.market.instrument import Symbol


class Defect(StrEnum):
    """Kinds of flaws in bars; what is done about each stands in `docs/reference/backtest.md`."""

    UNSORTED = "unsorted"
    DUPLICATED = "duplicated"
    CONFLICTING = "conflicting"
    NOT_A_NUMBER = "not_a_number"
    NOT_POSITIVE = "not_positive"
    TOO_LARGE = "too_large"
    OUTSIDE_RANGE = "outside_range"
    TOO_FINE = "too_fine"
    NO_VOLUME = "no_volume"
    GAP = "gap"
    LATE_START = "late_start"
    EARLY_END = "early_end"
    JUMP = "jump"
    LEAP = "leap"
    HALF_DAY = "half_day"
    OUT_OF_SESSION = "out_of_session"
    CLOSING_PRINT = "closing_print"
    RENAMED = "renamed"
    SPLIT_ADJUSTED = "split_adjusted"


@frozen
class Finding:
    """A `defect` of one symbol, or of all where it is None: how often, where first, what was done.

    `first` is the ISO date or moment of the first case; `rule` says in a sentence what was done.
    """

    defect: Defect
    symbol: Symbol | None
    count: int
    first: str
    rule: str
