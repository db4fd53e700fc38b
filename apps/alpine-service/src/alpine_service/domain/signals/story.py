"""What entries in a row bring: signals, strategies and events, each entry checked by the rules."""

from collections.abc import Callable, Iterable, Mapping

from attrs import evolve, field, frozen

from alpine_service.domain.feed.entry import Entry
from alpine_service.domain.feed.opening import revealed_signal
from alpine_service.domain.feed.sequence import follow
from alpine_service.domain.feed.standing import Decision, Standing, StrategyState
from alpine_service.domain.signals.event import Audience, NewEvent
from alpine_service.domain.signals.known import Known, is_sealed
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.telling import (
    tell_committed,
    tell_corrected,
    tell_outcome,
    tell_published,
    tell_registered,
    tell_retired,
    tell_revealed,
    tell_trade,
)

OfficialTime = Callable[[int], int | None]
"""The least time, in seconds, at which a witness is known to have vouched for an index."""


@frozen
class Registration:
    """A strategy's registration: the newest one counts."""

    index: int
    disclosure: str
    data: bytes = field(repr=False)
    decided_us: int


class Story:
    """Takes entries in order and gathers what they bring, on top of what was known before.

    `signals` are new ones in their last state; `changed` are earlier ones with a reveal or an
    outcome, of which only the members of these count.
    """

    def __init__(self, origin: str, known: Known, official_s: OfficialTime, at_us: int) -> None:
        self._origin = origin
        self._known = known
        self._official_s = official_s
        self._at_us = at_us
        self._standing = Standing(known)
        self.entries: list[Entry] = []
        self.signals: dict[int, SignalRecord] = {}
        self.changed: dict[int, SignalRecord] = {}
        self.registrations: dict[str, Registration] = {}
        self.retirements: dict[str, int] = {}
        self.events: list[NewEvent] = []

    @property
    def strategies(self) -> Mapping[str, StrategyState]:
        """Strategies of which there was an entry, after their last one."""
        return self._standing.strategies

    def hear(self, entries: Iterable[Entry]) -> None:
        """Take in the next entries.

        Raises:
            Malformed: what a reveal shows is no entry.
            Refuted: an entry contradicts an earlier one, or is another log's.
        """
        for entry in entries:
            step = follow(self._origin, self._standing, entry)
            self._standing.keep(entry.strategy, step.state, step.decision)
            self.entries.append(entry)
            if hear := _HEARD.get(entry.kind):
                hear(self, entry)

    def _strategy(self, entry: Entry) -> None:
        self.registrations[entry.strategy] = Registration(
            entry.index, entry.text("disclosure"), entry.data, entry.decided_us
        )
        self.retirements.pop(entry.strategy, None)
        self.events.append(tell_registered(entry, self._at_us))

    def _retire(self, entry: Entry) -> None:
        self.retirements[entry.strategy] = entry.index
        self.events.append(tell_retired(entry, self._at_us))

    def _signal(self, entry: Entry) -> None:
        official_s = self._official_s(entry.index)
        # Written out, because this is what happens to nearly every entry.
        self.signals[entry.index] = SignalRecord(
            log_index=entry.index,
            strategy=entry.strategy,
            seq=entry.seq,
            decided_us=entry.decided_us,
            disclosure=Disclosure.OPEN,
            official_s=official_s,
            audience=Audience.EVERYBODY,
            signal_id=entry.text("id"),
            symbol=entry.text("symbol"),
            direction=entry.text("direction"),
            confidence_bp=entry.number("confidence_bp"),
            data=entry.data,
        )
        self.events.append(tell_published(entry, official_s, self._at_us))

    def _commit(self, entry: Entry) -> None:
        official_s = self._official_s(entry.index)
        self.signals[entry.index] = SignalRecord(
            entry.index,
            entry.strategy,
            entry.seq,
            entry.decided_us,
            Disclosure.DELAYED,
            official_s,
            commitment=bytes.fromhex(entry.text("commitment")),
            reveal_after_us=entry.number("reveal_after_us"),
        )
        self.events.append(tell_committed(entry, official_s, self._at_us))

    def _reveal(self, entry: Entry) -> None:
        signal = revealed_signal(entry)
        record = self._record(signal.index)
        self.events.append(tell_revealed(record, signal, entry, self._at_us))
        nonce = bytes.fromhex(entry.text("nonce"))
        opened = shown(record, signal, Audience.EVERYBODY)
        self._keep(evolve(opened, nonce=nonce, revealed_index=entry.index))

    def _outcome(self, entry: Entry) -> None:
        record = self._record(entry.number("signal_index"))
        return_bp = entry.number("return_bp") if "return_bp" in entry.members else None
        self._keep(
            evolve(
                record,
                outcome_index=entry.index,
                outcome=entry.data,
                result=entry.text("result"),
                return_bp=return_bp,
            )
        )
        self.events.append(tell_outcome(entry, self._at_us, sealed=is_sealed(record)))

    def _trade(self, entry: Entry) -> None:
        sealed = "signal_index" in entry.members and self._is_sealed(entry.number("signal_index"))
        self.events.append(tell_trade(entry, self._at_us, sealed=sealed))

    def _correct(self, entry: Entry) -> None:
        self.events.append(tell_corrected(entry, self._at_us))

    def _is_sealed(self, index: int) -> bool:
        decision: Decision | None = self._standing.decision(index)
        return decision is not None and decision.signal is None

    def _record(self, index: int) -> SignalRecord:
        return self.signals.get(index) or self.changed.get(index) or self._known.records[index]

    def _keep(self, record: SignalRecord) -> None:
        kept = self.signals if record.log_index in self.signals else self.changed
        kept[record.log_index] = record


def shown(record: SignalRecord, signal: Entry, audience: Audience) -> SignalRecord:
    """A record with what the signal itself says, open to an audience."""
    return evolve(
        record,
        audience=audience,
        signal_id=signal.text("id"),
        symbol=signal.text("symbol"),
        direction=signal.text("direction"),
        confidence_bp=signal.number("confidence_bp"),
        data=signal.data,
    )


_HEARD: Mapping[str, Callable[[Story, Entry], None]] = {
    "strategy": Story._strategy,
    "retire": Story._retire,
    "signal": Story._signal,
    "commit": Story._commit,
    "reveal": Story._reveal,
    "outcome": Story._outcome,
    "trade": Story._trade,
    "correct": Story._correct,
}
