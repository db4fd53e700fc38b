"""Playing a recording: a fresh desk is told the same, and has to write the same."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, assert_never

from attrs import frozen

from argo_core.engine.desk import Desk
from argo_core.engine.inputs import (
    Decided,
    Failed,
    Input,
    Learned,
    Missed,
    Observed,
    Recovered,
    Settled,
    Started,
    Stopped,
    Traded,
    Warmed,
    Witnessed,
    Worded,
    Written,
)
from argo_core.engine.known import Known
from argo_core.errors import (
    InvalidInput,
    VendorError,
    VendorGarbled,
    VendorRefused,
    VendorThrottled,
    VendorUnavailable,
)
from argo_core.ledger.canonical import Scalar, decode
from argo_core.ledger.record import Batch, LoggedEntry

ABSENT = "(absent)"

_ERRORS = {
    one.__name__: one for one in (VendorUnavailable, VendorThrottled, VendorRefused, VendorGarbled)
}
OfMarkets: TypeAlias = Warmed | Observed | Learned | Recovered | Failed
_Told: TypeAlias = (
    OfMarkets | Started | Witnessed | Traded | Decided | Missed | Worded | Settled | Stopped
)


@frozen
class Difference:
    """The entry at `index` as it was `recorded` and as it is `replayed`; None where it is none."""

    index: int
    recorded: bytes | None
    replayed: bytes | None

    def members(self) -> tuple[tuple[str, str, str], ...]:
        """Name, recorded and replayed value of every member that differs, in order of name."""
        before, after = _members(self.recorded), _members(self.replayed)
        return tuple(
            (name, str(before.get(name, ABSENT)), str(after.get(name, ABSENT)))
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        )


def _members(entry: bytes | None) -> Mapping[str, Scalar]:
    """An entry's members; of one that is damaged its bytes are all there is to say."""
    if entry is None:
        return {}
    try:
        return decode(entry)
    except InvalidInput:
        return {"(bytes)": repr(entry)[2:-1]}


def first_difference(
    first: int, recorded: tuple[bytes, ...], replayed: tuple[bytes, ...]
) -> Difference | None:
    """Where two stretches of entries that both begin at `first` part, None if they are the same."""
    for place in range(max(len(recorded), len(replayed))):
        one = recorded[place] if place < len(recorded) else None
        other = replayed[place] if place < len(replayed) else None
        if one != other:
            return Difference(first + place, one, other)
    return None


class Replay:
    """Tells a fresh `desk` what it is fed, and compares what it writes with what was written."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._begins = self._first = 0
        self._entries: tuple[bytes, ...] = ()

    @property
    def begins(self) -> int:
        """How long the log was when the engine started."""
        return self._begins

    @property
    def unwritten(self) -> int:
        """How many entries the desk wants written of which nobody says that they were."""
        return len(self._entries)

    def play(self, inputs: Iterable[Input]) -> Iterator[LoggedEntry | Difference]:
        """The entries that the desk writes again, as far as they were written.

        The first difference ends it.

        Raises:
            InvalidInput: no engine was ever told this.
        """
        for one in inputs:
            if isinstance(one, Written):
                entries = self._entries if self._first == one.first else ()
                self._entries = ()
                different = first_difference(one.first, one.entries, entries)
                same = entries if different is None else entries[: different.index - one.first]
                for index, data in enumerate(same, one.first):
                    yield LoggedEntry(index, data)
            else:
                different = self._tell(one)
            if different is not None:
                yield different
                return

    def _tell(self, one: _Told) -> Difference | None:
        """Hand one input on; a difference where the desk wrote what the engine did not."""
        match one:
            case Started():
                self._begins = one.size
                self._wants(self._desk.start(one))
            case Witnessed():
                self._desk.witnessed(one)
            case Traded():
                self._desk.traded(one)
            case Decided():
                self._desk.decide(one)
            case Missed():
                self._desk.missed(one)
            case Worded():
                self._wants(self._desk.compose(one).batch)
            case Settled():
                return self._settled(one)
            case Stopped():
                self._wants(self._desk.stop(one))
            case _:
                tell_known(self._desk.known, one)
        return None

    def _wants(self, batch: Batch) -> None:
        self._first, self._entries = batch.first_index, batch.entries

    def _settled(self, one: Settled) -> Difference | None:
        self._desk.settle(one)
        entries, self._entries = self._entries, ()
        # Where the log refused the batch for good, nobody says that its entries were written.
        if one.size is None or not entries:
            return None
        return Difference(self._first, None, entries[0])


def tell_known(known: Known, one: OfMarkets) -> None:
    """Tell what came from a market or about a vendor."""
    match one:
        case Warmed():
            known.warm(one.bars)
        case Observed():
            known.observe(one.quotes, one.at)
        case Learned():
            known.learn(one.source, one.opinions, one.at, one.raws)
        case Recovered():
            known.recover(one.source)
        case Failed():
            kind = _ERRORS.get(one.error, VendorError)
            error = kind(one.source, one.problem, retry_after_s=one.retry_after_s)
            known.fail(one.source, error, one.at)
        case _:
            assert_never(one)
