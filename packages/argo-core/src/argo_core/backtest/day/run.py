"""The live cycle on a recording: every decision of a recorded day is made anew, by the same code.

What came from outside (prices, opinions, failures, bars, the phases of markets, the moments of the
cycles) is taken from the recording; what the engine made of it is not. As it was recorded, the day
gives the same signals to the byte. With a `WhatIf` it is a backtest of that day, and says less of
what would have been live the further it is from what was: what vendors were asked, and when, stays
as it was. Then no trades of the live account and no witnesses' times are taken over: outcomes count
from the decision, and a signal's words are the engine's own.
"""

from collections import Counter
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import datetime

from attrs import evolve

from argo_core.backtest.day.paper import PaperPlan, PaperTrader, with_values
from argo_core.backtest.day.result import Day, DaySignal, Look, Moment
from argo_core.backtest.day.turnover import daily_values
from argo_core.backtest.day.what_if import WhatIf
from argo_core.backtest.recording import About, fingerprint
from argo_core.backtest.replay import OfMarkets, tell_known
from argo_core.codec.signal import read_signal
from argo_core.consensus.reasons import Reason
from argo_core.engine.desk import Desk, Edition
from argo_core.engine.draft import inputs_of
from argo_core.engine.inputs import (
    Decided,
    Failed,
    Input,
    Learned,
    Missed,
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
from argo_core.engine.outcomes import Resolved
from argo_core.engine.outside import Registration
from argo_core.engine.picture import Decision, Outcome, Picture
from argo_core.engine.seen import Seen
from argo_core.errors import InvalidInput
from argo_core.ledger.entry import decode_entry
from argo_core.market.bar import Bar
from argo_core.market.moment import to_micros
from argo_core.signals.signal import Signal
from argo_core.trading.trade import Trade

_AS_RECORDED = WhatIf()
_NOWHERE: AbstractSet[Moment] = frozenset()
# Nonces made with it hide nothing; without the engine's key commitments are not comparable anyway.
_NO_KEY = bytes(32)


def run(
    about: About,
    inputs: Iterable[Input],
    *,
    what_if: WhatIf = _AS_RECORDED,
    paper: PaperPlan | None = None,
    reveal_key: bytes | None = None,
    look_at: AbstractSet[Moment] = _NOWHERE,
) -> Day:
    """Decide the recorded day anew, and trade it on paper if there is a plan for that.

    `look_at` are moments whose decisions are wanted, whatever came of them. Without the engine's
    `reveal_key` sealed signals are decided all the same, and only their commitments are others.

    Raises:
        InvalidInput: no engine was ever told this, the key is another one, or what is tried cannot
            be.
    """
    played = _Run(about, what_if, paper, reveal_key, look_at)
    for one in inputs:
        played.tell(one)
    return played.day()


def _registration(about: About, reveal_key: bytes | None) -> Registration:
    if about.reveal_after_s and reveal_key is None:
        about, reveal_key = evolve(about, reveal_key_sha256=fingerprint(_NO_KEY)), _NO_KEY
    return about.registration(reveal_key)


class _Run:
    """Takes the inputs one by one."""

    def __init__(
        self,
        about: About,
        what_if: WhatIf,
        paper: PaperPlan | None,
        reveal_key: bytes | None,
        look_at: AbstractSet[Moment],
    ) -> None:
        self._about, self._look_at, self._plan = about, look_at, paper
        self._profile = what_if.profile(about.profile)
        self._own = self._profile == about.profile
        self._desk = Desk(self._profile, about.instruments, _registration(about, reveal_key))
        self._trader: PaperTrader | None = None
        self._bars: list[Bar] = []
        self._started: Started | None = None
        self._registered: bytes | None = None
        self._recorded: bytes | None = None
        self._count = self._cycles = 0
        self._keyed = reveal_key is not None
        self._traded: list[Trade] = []
        self._decided: Decided | None = None
        self._begins: datetime | None = None
        self._ends: datetime | None = None
        self._edition: Edition | None = None
        self._signals: list[DaySignal] = []
        self._resolved: list[Resolved] = []
        self._outcomes: Counter[Outcome] = Counter()
        self._reasons: Counter[Reason] = Counter()
        self._looks: dict[Moment, Look] = {}

    def tell(self, one: Input) -> None:
        """Hand one input on."""
        self._count += 1
        match one:
            case Started():
                self._start(one)
            case Decided():
                self._decide(one)
            case Worded():
                self._edition = self._desk.compose(one if self._own else Worded({}))
            case Settled():
                self._settle(one)
            case Written():
                self._written(one)
            case Stopped():
                self._desk.stop(one)
            case Missed():
                # What was late that day need not be in a backtest of it.
                if self._own:
                    self._desk.missed(one)
            case Witnessed() | Traded():
                self._live_only(one)
            case _:
                self._of_markets(one)

    def day(self) -> Day:
        """What came of it."""
        if self._started is None or self._registered is None:
            problem = "no engine was started in it"
            raise InvalidInput("recording", problem, "give a whole one")
        return Day(
            about=self._about,
            profile=self._profile,
            as_recorded=self._own,
            keyed=self._keyed,
            inputs=self._count,
            first=self._started.size,
            registration=self._registered,
            recorded_registration=self._recorded,
            begins=self._begins,
            ends=self._ends,
            cycles=self._cycles,
            signals=tuple(self._signals),
            resolved=tuple(self._resolved),
            outcomes=dict(self._outcomes),
            reasons=dict(self._reasons),
            looks=self._looks,
            recorded_trades=tuple(self._traded),
            paper=None if self._trader is None else self._trader.day(),
        )

    def _written(self, one: Written) -> None:
        """What the live log took is not needed to decide, only to tell logs apart."""
        if self._recorded is None:
            self._recorded = one.entries[0]

    def _live_only(self, one: Witnessed | Traded) -> None:
        """It is about signals of the live log, by their indices, which are others in a what-if."""
        if isinstance(one, Traded):
            self._traded += one.trades
        if self._own and isinstance(one, Traded):
            self._desk.traded(one)
        elif self._own and isinstance(one, Witnessed):
            self._desk.witnessed(one)

    def _of_markets(self, one: OfMarkets) -> None:
        """Prices, bars, opinions and failures; none of a source that is switched off."""
        if isinstance(one, Learned | Failed | Recovered):
            if one.source in self._about.profile.sources.keys() - self._profile.sources.keys():
                return
        elif isinstance(one, Warmed) and self._plan is not None:
            self._bars += one.bars
        tell_known(self._desk.known, one)

    def _start(self, one: Started) -> None:
        if self._started is not None:
            raise InvalidInput("recording", "an engine is started twice", "restore the file")
        kept = {name: model for name, model in one.models.items() if name in self._profile.sources}
        self._started = one = evolve(one, models=kept)
        self._registered = self._desk.start(one).entries[0]

    def _decide(self, one: Decided) -> None:
        """As live, and count what came of it."""
        self._cycles += 1
        self._begins = self._begins or one.at
        self._decided = one
        decisions, pictures = self._desk.decide(one)
        for decision in decisions:
            self._outcomes[decision.outcome] += 1
            if decision.signal is None:
                self._reasons[decision.reason] += 1
        if self._look_at:
            self._look(decisions, pictures, one.at)

    def _look(
        self, decisions: Iterable[Decision], pictures: Iterable[Picture], at: datetime
    ) -> None:
        micros = to_micros(at)
        for decision, picture in zip(decisions, pictures, strict=True):
            moment = decision.symbol, micros
            if moment in self._look_at:
                self._looks[moment] = Look(
                    decision.outcome,
                    decision.direction,
                    decision.reason,
                    decision.confidence_bp,
                    inputs_of(decision.symbol, picture.basis, self._profile.name, at),
                )

    def _settle(self, one: Settled) -> None:
        """What the live log took, this one takes."""
        self._desk.settle(one)
        self._ends = self._decided.at if self._decided else None
        edition, self._edition = self._edition, None
        published: tuple[tuple[int, Signal], ...] = ()
        if edition is not None and one.size is not None:
            new = _signals(edition)
            self._signals += new
            self._resolved += edition.resolved
            published = tuple((each.index, each.signal) for each in new)
        if self._plan is not None:
            self._show(self._plan, published)

    def _show(self, plan: PaperPlan, published: tuple[tuple[int, Signal], ...]) -> None:
        """To whoever trades, as the engine does at the end of a cycle."""
        decided, known = self._decided, self._desk.known
        if decided is None:
            return
        if self._trader is None:
            self._trader = self._opened(plan, decided.at)
        quotes, seconds = dict(known.quotes), known.seconds()
        self._trader.show(Seen(decided.at, published, quotes, seconds, decided.phases))

    def _opened(self, plan: PaperPlan, at: datetime) -> PaperTrader:
        begins = at if self._started is None else self._started.at
        plan = with_values(plan, daily_values(self._bars))
        trader = PaperTrader(plan, self._about.instruments, begins)
        standing = self._started.standing if self._started else ()
        mine = [one for one in standing if decode_entry(one.body).strategy == self._about.strategy]
        trader.take_up([(one.index, read_signal(one.body)) for one in mine])
        return trader


def _signals(edition: Edition) -> list[DaySignal]:
    """The edition's signals, with the bytes that the record has."""
    batch = edition.batch
    sealed = {one.index: one.sealed.body for one in edition.hidden}
    found: list[DaySignal] = []
    for decision in edition.decisions:
        signal, capsule = decision.signal, decision.capsule
        if signal is None or capsule is None:
            continue
        index = edition.indices[signal.id]
        entry = batch.entries[index - batch.first_index]
        found.append(DaySignal(index, signal, sealed.get(index, entry), entry, capsule))
    return found
