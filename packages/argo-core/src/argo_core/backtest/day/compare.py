"""A live log against the backtest of its day: signal by signal, and why the first one differs."""

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Final

from attrs import field, frozen

from argo_core.backtest.day.inputs import Member, different, different_inputs
from argo_core.backtest.day.result import Day, DaySignal, Look, Moment
from argo_core.consensus.reasons import Direction
from argo_core.ledger.canonical import Fields, decode
from argo_core.ledger.entry import decode_entry
from argo_core.market.instrument import Symbol

# What of a signal says how it was put and where it stands, and not what was decided. Inputs name
# the profile, so that of another profile their hash says nothing.
_PUT_SO: Final = frozenset({"seq", "reasoning", "reasoning_source", "profile", "inputs_sha256"})
# What of a registration is about the run.
_OF_THE_RUN: Final = frozenset({"seq", "decided_us", "config_sha256", "code_sha256"})


@frozen
class LiveSignal:
    """A signal of a live log at `index`, where it has `entry`.

    `body` are its bytes, None while nobody may see what a commit commits to; `capsule` those of
    its inputs, None where they are not at hand.
    """

    index: int
    entry: bytes = field(repr=False)
    body: bytes | None = field(default=None, repr=False)
    capsule: bytes | None = field(default=None, repr=False)

    @property
    def decided_us(self) -> int:
        """When it was decided, in microseconds since 1970."""
        return decode_entry(self.entry if self.body is None else self.body).decided_us

    @property
    def moment(self) -> Moment | None:
        """Symbol and time, None while that is not shown."""
        if self.body is None:
            return None
        return _moment(self.body)


def _moment(body: bytes) -> Moment:
    entry = decode_entry(body)
    return Symbol(entry.text("symbol")), entry.decided_us


class Verdict(StrEnum):
    """How a signal of the log and one of the backtest stand to each other.

    At another place it is where only its number in the record differs, because of what differs
    before it.
    """

    SAME = "same"
    MOVED = "same, at another place"
    DIFFERENT = "different"
    ONLY_IN_LOG = "only in the log"
    ONLY_IN_BACKTEST = "only in the backtest"
    SEALED = "not revealed"


@frozen
class Pair:
    """A signal of either or both; `symbol` is None while it is not revealed and nobody decided so.

    Of a difference `inputs` are the first of its reasons: what the two were made of; None where the
    log's inputs are not at hand. `members` are those of the signals. `look` is what the backtest
    decided at the moment of a signal that only the log has.
    """

    verdict: Verdict
    decided_us: int
    symbol: Symbol | None
    live: LiveSignal | None
    tried: DaySignal | None
    inputs: tuple[Member, ...] | None = None
    members: tuple[Member, ...] = ()
    look: Look | None = None

    @property
    def direction(self) -> Direction | None:
        """Which way it goes, or would have gone."""
        if self.tried is not None:
            return self.tried.signal.direction
        if self.live is None or self.live.body is None:
            return None
        return Direction(decode_entry(self.live.body).text("direction"))


@frozen
class Comparison:
    """Every signal of both in order of time, and what differs between the two registrations."""

    pairs: tuple[Pair, ...]
    settings: tuple[Member, ...]

    @property
    def counts(self) -> Mapping[Verdict, int]:
        """How many there are of each verdict."""
        found = Counter(one.verdict for one in self.pairs)
        return {verdict: found[verdict] for verdict in Verdict}

    @property
    def differences(self) -> tuple[Pair, ...]:
        """What is not the same, in order of time; what is not revealed is neither."""
        return tuple(one for one in self.pairs if one.verdict not in {Verdict.SAME, Verdict.SEALED})

    @property
    def first(self) -> Pair | None:
        """The first difference; what only stands at another place follows from others."""
        moved = sorted(self.differences, key=lambda one: one.verdict is Verdict.MOVED)
        return next(iter(moved), None)

    @property
    def first_input(self) -> tuple[Pair | None, Member] | None:
        """The first input that differs, and the signal it belongs to; None if none is known.

        A setting was there before any signal. Otherwise it is the first in time that is on record
        in both: of what only the backtest has, the log says nothing.
        """
        if self.settings:
            return None, self.settings[0]
        return next(((one, one.inputs[0]) for one in self.differences if one.inputs), None)


def moments(live: Iterable[LiveSignal]) -> frozenset[Moment]:
    """What a run has to look at, to be compared with these."""
    return frozenset(one.moment for one in live if one.moment is not None)


def compare(live: Sequence[LiveSignal], day: Day, registration: bytes) -> Comparison:
    """The log's signals of the day against those of `day`, which was run to look at `moments`.

    `registration` is the strategy's entry that was in force in the log. As it was recorded, equal
    means equal to the byte. Otherwise places in the log, words and the profile's name do not count.

    Raises:
        InvalidInput: an entry or a capsule is damaged.
    """
    by_moment = {one.moment: one for one in live if one.moment is not None}
    hidden: dict[int, deque[LiveSignal]] = {}
    for one in live:
        if one.moment is None:
            hidden.setdefault(one.decided_us, deque()).append(one)
    pairs, left = list[Pair](), list[DaySignal]()
    for tried in day.signals:
        shown = by_moment.pop(tried.moment, None)
        if shown is None:
            left.append(tried)
        else:
            pairs.append(_pair(shown, tried, day))
    for tried in left:
        # Of a commit nothing is known but its time; those of one time stand in the same order.
        commits = hidden.get(tried.moment[1])
        if commits:
            pairs.append(_sealed(commits.popleft(), tried, day))
        else:
            pairs.append(Pair(Verdict.ONLY_IN_BACKTEST, *tried.moment[::-1], None, tried))
    pairs += [_only_in_log(one, day) for one in by_moment.values()]
    # As it was recorded, a commit that nothing was decided for is one too many.
    alone = Verdict.ONLY_IN_LOG if day.as_recorded else Verdict.SEALED
    pairs += [
        Pair(alone, one.decided_us, None, one, None) for each in hidden.values() for one in each
    ]
    return Comparison(tuple(sorted(pairs, key=_place)), _settings(registration, day.registration))


def _place(pair: Pair) -> tuple[int, str]:
    return pair.decided_us, pair.symbol or ""


def _pair(live: LiveSignal, tried: DaySignal, day: Day) -> Pair:
    symbol, decided_us = tried.moment
    members = _differing(live.body or b"", tried.body, exact=day.as_recorded)
    if not members:
        return Pair(Verdict.SAME, decided_us, symbol, live, tried)
    if {one.name for one in members} == {"seq"}:
        return Pair(Verdict.MOVED, decided_us, symbol, live, tried, members=members)
    inputs = None if live.capsule is None else different_inputs(live.capsule, tried.capsule)
    return Pair(Verdict.DIFFERENT, decided_us, symbol, live, tried, inputs, members)


def _sealed(live: LiveSignal, tried: DaySignal, day: Day) -> Pair:
    """With the engine's key the very commitment is made again; without it nobody can tell."""
    symbol, decided_us = tried.moment
    if not (day.keyed and day.as_recorded):
        return Pair(Verdict.SEALED, decided_us, symbol, live, tried)
    members = different(decode(live.entry), decode(tried.entry))
    verdict = Verdict.DIFFERENT if members else Verdict.SAME
    return Pair(verdict, decided_us, symbol, live, tried, members=members)


def _only_in_log(live: LiveSignal, day: Day) -> Pair:
    symbol, decided_us = _moment(live.body or b"")
    look = day.looks.get((symbol, decided_us))
    inputs = None
    if look is not None and live.capsule is not None:
        inputs = different_inputs(live.capsule, look.capsule)
    return Pair(Verdict.ONLY_IN_LOG, decided_us, symbol, live, None, inputs, (), look)


def _differing(live: bytes, tried: bytes, *, exact: bool) -> tuple[Member, ...]:
    if live == tried:
        return ()
    found = different(decode(live), decode(tried))
    return found if exact else tuple(one for one in found if one.name not in _PUT_SO)


def _settings(live: bytes, tried: bytes) -> tuple[Member, ...]:
    return different(_lasting(decode(live)), _lasting(decode(tried)))


def _lasting(members: Fields) -> Fields:
    return {name: value for name, value in members.items() if name not in _OF_THE_RUN}
