"""What earlier entries said that later ones must agree with, and where to look it up."""

from collections.abc import Iterable
from typing import Protocol

from attrs import frozen

from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.opening import revealed_signal


@frozen
class StrategyState:
    """A strategy after an entry of it."""

    next_seq: int = 0
    disclosure: str | None = None
    """`open` or `delayed`; None before it was registered."""

    is_retired: bool = False


@frozen
class Said:
    """What a signal says that its outcome must repeat."""

    signal_id: str
    symbol: str
    direction: str | None = None
    """None where an outcome says it of a signal that is still sealed."""


@frozen
class Decision:
    """A `signal` entry, or the `commit` to one."""

    index: int
    strategy: str
    seq: int
    decided_us: int
    commitment: str | None = None
    """Of a commit, in hexadecimal."""

    signal: Said | None = None
    """What it says; None while no `reveal` entry has shown it, whatever is known otherwise."""

    outcome: Said | None = None
    """What the outcome says of it; None while there is none."""


class Earlier(Protocol):
    """What the entries before one said; a database, or a `Standing`."""

    def strategy(self, name: str) -> StrategyState:
        """The state of a strategy; the default one if nothing was heard of it."""
        ...

    def decision(self, index: int) -> Decision | None:
        """The signal or commit at an index; None if something else is there, or nothing."""
        ...

    def index_of(self, signal_id: str) -> int | None:
        """The index of the signal, or of the revealed commit, that has this id."""
        ...


@frozen
class Needs:
    """What must be looked up to follow some entries, so that it can be had in one go."""

    strategies: frozenset[str]
    decisions: frozenset[int]
    signal_ids: frozenset[str]


def needs(entries: Iterable[Entry]) -> Needs:
    """What following these entries will look up of those before them.

    Raises:
        Malformed: what a reveal among them shows is no entry.
        Refuted: it is no signal.
    """
    strategies, decisions, signal_ids = set(), set(), set()
    for entry in entries:
        strategies.add(entry.strategy)
        if entry.kind == "signal":
            signal_ids.add(entry.text("id"))
        elif entry.kind == "reveal":
            decisions.add(entry.number("commit_index"))
            signal_ids.add(revealed_signal(entry).text("id"))
        elif entry.kind == "outcome":
            decisions.add(entry.number("signal_index"))
    return Needs(frozenset(strategies), frozenset(decisions), frozenset(signal_ids))


class Standing:
    """What some entries changed, on top of what was known before them.

    `strategies` and `decisions` hold only what is new or other than before: after a batch, they
    are what to write down.
    """

    def __init__(self, earlier: Earlier | None = None) -> None:
        self._earlier = earlier
        self.strategies: dict[str, StrategyState] = {}
        self.decisions: dict[int, Decision] = {}
        self._indices: dict[str, int] = {}

    def strategy(self, name: str) -> StrategyState:
        known = self.strategies.get(name)
        if known is None and self._earlier is not None:
            return self._earlier.strategy(name)
        return known or StrategyState()

    def decision(self, index: int) -> Decision | None:
        known = self.decisions.get(index)
        if known is None and self._earlier is not None:
            return self._earlier.decision(index)
        return known

    def index_of(self, signal_id: str) -> int | None:
        known = self._indices.get(signal_id)
        if known is None and self._earlier is not None:
            return self._earlier.index_of(signal_id)
        return known

    def keep(self, strategy: str, state: StrategyState, decision: Decision | None) -> None:
        """Take in what following an entry led to."""
        self.strategies[strategy] = state
        if decision is not None:
            self.decisions[decision.index] = decision
            if decision.signal is not None:
                self._indices[decision.signal.signal_id] = decision.index
