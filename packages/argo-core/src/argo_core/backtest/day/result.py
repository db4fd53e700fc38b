"""What came of playing a recorded day once more."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from attrs import field, frozen

from argo_core.backtest.day.paper import PaperDay
from argo_core.backtest.recording import About
from argo_core.consensus.profile import Profile
from argo_core.consensus.reasons import Direction, Reason
from argo_core.engine.outcomes import Resolved
from argo_core.engine.picture import Outcome
from argo_core.market.instrument import Symbol
from argo_core.market.moment import to_micros
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade

Moment = tuple[Symbol, int]
"""A symbol, and when it was decided on: microseconds since 1970 UTC."""


@frozen
class DaySignal:
    """A signal at the `index` it has in the record of this run.

    `body` are its canonical bytes, `entry` what the record has in its place: the body itself, or a
    commit to it. `capsule` are the bytes of its inputs.
    """

    index: int
    signal: Signal
    body: bytes = field(repr=False)
    entry: bytes = field(repr=False)
    capsule: bytes = field(repr=False)

    @property
    def moment(self) -> Moment:
        """Symbol and time."""
        return self.signal.symbol, to_micros(self.signal.decided_at)


@frozen
class Look:
    """A decision at a moment that was asked for, with the bytes of what it was made of."""

    outcome: Outcome
    direction: Direction
    reason: Reason
    confidence_bp: int
    capsule: bytes = field(repr=False)


@frozen
class Day:
    """A recorded day, decided anew with `profile`.

    `as_recorded` says that nothing was changed, so that everything has to be as it was live, and
    `keyed` that commitments are made with the engine's own key. `registration` is the strategy's
    entry of this run, `recorded_registration` that of the live one, None where the live log had not
    taken it; it is at the index `first`. `cycles` were decided from `begins` on, and what was
    decided until `ends` was offered to the log, too. `outcomes` count the decisions and `reasons`
    why there was none to publish. `looks` are the moments asked for. `recorded_trades` are those of
    the live account, `paper` is what was traded here, None where nothing was to be.
    """

    about: About
    profile: Profile
    as_recorded: bool
    keyed: bool
    inputs: int
    first: int
    registration: bytes = field(repr=False)
    recorded_registration: bytes | None = field(repr=False)
    begins: datetime | None
    ends: datetime | None
    cycles: int
    signals: tuple[DaySignal, ...]
    resolved: tuple[Resolved, ...]
    outcomes: Mapping[Outcome, int]
    reasons: Mapping[Reason, int]
    looks: Mapping[Moment, Look]
    recorded_trades: tuple[Trade, ...]
    paper: PaperDay | None

    @property
    def sha256(self) -> str:
        """Names the result: how often was decided, signals to the byte, outcomes, every trade."""
        told = sha256(self.registration)
        told.update(repr((self.cycles, sorted(self.reasons.items()))).encode())
        for one in self.signals:
            told.update(one.body)
        for each in self.resolved:
            told.update(repr((each.index, each.outcome)).encode())
        for trade in self.paper.trades if self.paper else ():
            told.update(repr(trade).encode())
        return told.hexdigest()

    def count(self, direction: Direction) -> int:
        """How many signals went that way."""
        return Counter(one.signal.direction for one in self.signals)[direction]
