"""The engine's pure heart: inputs in, batches out, no clock, nothing awaited.

`Engine` feeds it from vendors and the log; a replay feeds it from a recording. Whatever the entries
depend on comes through one of these methods or through `known`, and each hands its input to the
journal first.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import evolve, field, frozen

from argo_core.codec.signal import read_signal
from argo_core.codec.strategy import strategy_entry
from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.decide import decide
from argo_core.engine.disclosures import Disclosures
from argo_core.engine.draft_batch import DraftBatch, Names
from argo_core.engine.inputs import (
    Decided,
    Hidden,
    Journal,
    Missed,
    Settled,
    Started,
    Stopped,
    Traded,
    Witnessed,
    Worded,
    unrecorded,
)
from argo_core.engine.known import Known
from argo_core.engine.outcomes import Outcomes, Resolved
from argo_core.engine.outside import Registration
from argo_core.engine.picture import Decision, Picture
from argo_core.engine.quiet import Quiet
from argo_core.engine.trade_queue import TradeQueue
from argo_core.errors import InvalidInput
from argo_core.ledger.record import Batch
from argo_core.market.instrument import Instrument
from argo_core.signals.outcome import FIRST_TOUCH


@frozen
class Edition:
    """What one cycle wants written: `batch` may be empty, and then nothing is appended.

    `decisions` are the cycle's as they will be known, and `quiet` the silence that goes on. By
    their ids, `indices` are where its signals will be. `resolved` signals will be watched no more;
    what is `shown` was hidden until now, and what is `hidden` will be. `traded` is where the trades
    in it will be, by their numbers.
    """

    batch: Batch
    decisions: tuple[Decision, ...]
    quiet: Quiet | None
    indices: Mapping[str, int]
    resolved: tuple[Resolved, ...] = ()
    shown: tuple[Hidden, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    traded: Mapping[int, int] = field(factory=dict)


class Desk:
    """Give it `Started`, then for each cycle `Decided`, `Worded` and `Settled`; at last `Stopped`.

    Where the decisions are made elsewhere, `look` and `take` stand for `decide`, and `Missed` says
    which were not made in time.

    `known` may be told of prices and opinions at any time. An edition that the log has not taken
    yet has to be settled before the next decision.
    """

    def __init__(
        self,
        profile: Profile,
        instruments: Sequence[Instrument],
        registration: Registration,
        journal: Journal = unrecorded,
    ) -> None:
        self.known = Known(instruments, journal)
        self._profile = profile
        self._registration = registration
        self._journal = journal
        self._names = Names(registration.log, registration.strategy)
        self._size = self._next_seq = 0
        self._quiet: Quiet | None = None
        self._outcomes = Outcomes()
        self._disclosures = Disclosures()
        self._trades = TradeQueue()
        self._decided: tuple[datetime, tuple[Decision, ...]] | None = None
        self._edition: Edition | None = None

    def start(self, started: Started) -> Batch:
        """Take up what stands; the batch that registers the strategy."""
        self._journal(started)
        self._size, self._next_seq = started.size, started.next_seq
        for one in started.standing:
            signal = read_signal(one.body)
            if signal.symbol in self.known.instruments:
                self.known.standing[signal.symbol] = signal
        for one in started.unresolved:
            self._outcomes.watch(one.index, read_signal(one.body))
        for hidden in started.hidden:
            self._disclosures.hide(hidden)
        drafts = self._drafts()
        drafts.add(self._registration_entry(started.at, started.models, drafts.next_seq))
        return self._advance(drafts.batch())

    def unwitnessed(self, below: int) -> tuple[int, ...]:
        """Signals with a smaller index for whose outcome a witness's time is wanted."""
        return self._outcomes.unwitnessed(below)

    def witnessed(self, witnessed: Witnessed) -> None:
        """Count a signal's prices from the time that a witness gives."""
        self._journal(witnessed)
        self._outcomes.witnessed(witnessed.index, witnessed.time_s)

    def traded(self, traded: Traded) -> None:
        """Write these trades down as soon as nothing hidden shows through them."""
        self._journal(traded)
        self._trades.add(traded.trades)

    def decide(self, decided: Decided) -> tuple[tuple[Decision, ...], tuple[Picture, ...]]:
        """A decision for every symbol, and what it was made on; `compose` writes them down."""
        pictures = self.look(decided)
        decisions = decide(pictures, self._profile, self._registration.strategy, decided.at)
        self.take(decided, decisions)
        return decisions, pictures

    def look(self, decided: Decided) -> tuple[Picture, ...]:
        """What there is to decide on, for whoever decides elsewhere; then `take` the decisions."""
        self._journal(decided)
        return self.known.pictures(decided.phases, self._profile.sources)

    def take(self, decided: Decided, decisions: tuple[Decision, ...]) -> None:
        """These were decided then, on what was looked at, by the same rules."""
        self._decided = decided.at, decisions

    def missed(self, missed: Missed) -> None:
        """Leave these symbols out of the cycle that was just decided."""
        self._journal(missed)
        if self._decided is not None:
            at, decisions = self._decided
            late = frozenset(missed.symbols)
            self._decided = at, tuple(one for one in decisions if one.symbol not in late)

    def compose(self, worded: Worded) -> Edition:
        """The batch that writes down what was decided, in these words, and all that is due.

        Raises:
            InvalidInput: nothing was decided since the last one.
        """
        self._journal(worded)
        if self._decided is None:
            raise InvalidInput("worded", "nothing was decided", "decide first")
        (now, decisions), self._decided = self._decided, None
        decisions = tuple(_worded(one, worded) for one in decisions)
        drafts = self._drafts()
        quiet = self._write_quiet(drafts, decisions, now)
        shown = self._disclosures.due(now)
        for one in shown:
            drafts.reveal(one, now)
        resolved = self._outcomes.resolve(
            self.known.quotes, now, self._disclosures.hidden - {one.index for one in shown}
        )
        for each in resolved:
            drafts.outcome(each, now)
        traded = self._write_trades(drafts, shown, now)
        indices, hidden = self._write_signals(drafts, decisions, now)
        batch = drafts.batch()
        self._edition = Edition(batch, decisions, quiet, indices, resolved, shown, hidden, traded)
        return self._edition

    def settle(self, settled: Settled) -> None:
        """The log has taken the edition's batch, or has refused it for good and nothing changes."""
        self._journal(settled)
        edition, self._edition = self._edition, None
        if edition is None or settled.size is None:
            return
        self._advance(edition.batch)
        self._quiet = edition.quiet
        self.known.settle(edition.decisions)
        self._outcomes.forget(edition.resolved)
        for one in edition.decisions:
            if one.signal is not None:
                self._outcomes.watch(edition.indices[one.signal.id], one.signal)
        self._trades.forget(edition.traded)
        self._disclosures.show(edition.shown)
        for hidden in edition.hidden:
            self._disclosures.hide(hidden)

    def revise(
        self,
        profile: Profile,
        registration: Registration,
        models: Mapping[SourceName, str],
        now: datetime,
    ) -> Batch:
        """Decide by these from now on; the batch that ends the silence so far and registers them.

        No journal hears of it, so a desk whose inputs are recorded is not revised.
        """
        self._profile, self._registration = profile, registration
        self.known.reconsider()
        drafts = self._drafts()
        if self._quiet is not None:
            drafts.quiet(self._quiet)
            self._quiet = None
        drafts.add(self._registration_entry(now, models, drafts.next_seq))
        return self._advance(drafts.batch())

    def stop(self, stopped: Stopped) -> Batch:
        """The batch with the last stretch of silence, empty if there was none."""
        self._journal(stopped)
        drafts = self._drafts()
        if self._quiet is not None:
            drafts.quiet(self._quiet)
            self._quiet = None
        return self._advance(drafts.batch())

    def _write_quiet(
        self, drafts: DraftBatch, decisions: tuple[Decision, ...], now: datetime
    ) -> Quiet | None:
        """Write the silence down when it ends or has lasted long enough; what goes on of it."""
        spoke = any(one.signal is not None for one in decisions)
        quiet = self._quiet
        if not spoke:
            quiet = (quiet or Quiet(now, now)).add(decisions, now)
        if quiet is None or not (spoke or quiet.is_full(now)):
            return quiet
        drafts.quiet(quiet)
        return None

    def _write_trades(
        self, drafts: DraftBatch, shown: tuple[Hidden, ...], now: datetime
    ) -> Mapping[int, int]:
        """Where the trades will be that may be written down, by their numbers."""
        secret = self._disclosures.secret(shown)
        due = self._trades.due(secret, self._size)
        return {one.number: drafts.trade(one, now) for one in due}

    def _write_signals(
        self, drafts: DraftBatch, decisions: tuple[Decision, ...], now: datetime
    ) -> tuple[Mapping[str, int], tuple[Hidden, ...]]:
        """Where the signals will be, by their ids, and those that are only committed to."""
        key, after = self._registration.reveal_key, self._registration.reveal_after_s
        indices: dict[str, int] = {}
        hidden: list[Hidden] = []
        for decision in decisions:
            signal = decision.signal
            # A signal is drafted together with its capsule.
            if signal is None or decision.capsule is None:
                continue
            capsules = self.known.raws(signal) | {signal.inputs_sha256: decision.capsule}
            if after and key is not None:
                reveal_at = now + timedelta(seconds=after)
                hidden.append(drafts.commit(signal, capsules, key, reveal_at))
                indices[signal.id] = hidden[-1].index
            else:
                indices[signal.id] = drafts.open(signal, capsules)
        return indices, tuple(hidden)

    def _drafts(self) -> DraftBatch:
        return DraftBatch(self._names, self._size, self._next_seq)

    def _advance(self, batch: Batch) -> Batch:
        """Number what follows after this batch."""
        self._size += len(batch.entries)
        self._next_seq += len(batch.entries)
        return batch

    def _registration_entry(
        self, now: datetime, models: Mapping[SourceName, str], seq: int
    ) -> bytes:
        registration = self._registration
        return strategy_entry(
            self._profile,
            log=registration.log,
            strategy=registration.strategy,
            seq=seq,
            decided_at=now,
            universe=tuple(self.known.instruments.values()),
            models=models,
            config_sha256=registration.config_sha256,
            code_sha256=registration.code_sha256,
            outcome_rule=FIRST_TOUCH,
            reveal_after_s=registration.reveal_after_s,
        )


def _worded(decision: Decision, worded: Worded) -> Decision:
    if decision.signal is None or decision.signal.id not in worded.words:
        return decision
    text, source = worded.words[decision.signal.id]
    signal = evolve(decision.signal, reasoning=text, reasoning_source=source)
    return evolve(decision, signal=signal)
