"""Signals, strategies and their figures as they are answered; names are the log's own."""

from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Any

import orjson
from attrs import asdict, field, frozen

from alpine_service.domain.signals.performance import Performance
from alpine_service.domain.signals.signal import Disclosure, SignalRecord
from alpine_service.domain.signals.visibility import State, state_of
from alpine_service.ports.signals import StrategyRecord

Members = Mapping[str, str | int]


class Direction(StrEnum):
    """Which way a signal points."""

    BUY = "BUY"
    SELL = "SELL"
    HOLD = "HOLD"


class Result(StrEnum):
    """What became of a signal, by the strategy's registered rule."""

    TARGET = "target"
    STOP = "stop"
    EXPIRED = "expired"
    VOID = "void"


def _said(meaning: str, example: object = None) -> dict[str, object]:
    return {"meaning": meaning} | ({} if example is None else {"example": example})


@frozen
class SignalSummary:
    """A signal in a list. What a sealed one says is null until it is open to the one who asks.

    Names that end in `_us` are microseconds since 1970, in `_s` seconds, in `_bp` 1/10,000.
    """

    signal_index: int = field(metadata=_said("Where its entry is in the log.", 41))
    strategy: str = field(metadata=_said("Who decided.", "alpha"))
    seq: int = field(metadata=_said("Its place in the strategy's gapless sequence.", 7))
    decided_us: int = field(metadata=_said("When it was decided, by the log's clock."))
    official_s: int | None = field(
        metadata=_said("The least time at which a witness vouched for it; null while none has.")
    )
    disclosure: Disclosure = field(metadata=_said("How the strategy shows its signals."))
    state: State = field(metadata=_said("How far it is open to the one who asks."))
    commitment: str | None = field(metadata=_said("What a sealed signal is held to, or null."))
    reveal_after_us: int | None = field(metadata=_said("When it is due to be revealed."))
    revealed_index: int | None = field(metadata=_said("Where the log revealed it."))
    id: str | None = field(metadata=_said("The publisher's name for it.", "alpha-7"))
    symbol: str | None = field(metadata=_said("What it is about.", "BRK.B"))
    direction: Direction | None
    reason: str | None = field(metadata=_said("Why it was decided so, in a word."))
    confidence_bp: int | None = field(metadata=_said("From -10000 to 10000."))
    entry: str | None = field(metadata=_said("The reference price, a decimal.", "182.30"))
    stop: str | None
    target: str | None
    horizon_s: int | None = field(metadata=_said("How long it stands."))
    signal_sha256: str | None = field(metadata=_said("SHA-256 of the signal's bytes."))
    outcome_index: int | None = field(metadata=_said("Where the log resolved it."))
    result: Result | None
    return_bp: int | None


@frozen
class SignalBody(SignalSummary):
    """One signal with all that the log says of it."""

    nonce: str | None = field(
        metadata=_said("With `signal` it opens the commitment, as the log's protocol says.")
    )
    signal: Members | None = field(metadata=_said("The members of the signal's own entry."))
    outcome: Members | None = field(metadata=_said("The members of the outcome's entry."))


@frozen
class SignalPage:
    """Signals, the newest first."""

    signals: tuple[SignalSummary, ...]
    next: str | None = field(metadata=_said("Give it as `cursor` to go on; null at the end."))


@frozen
class StrategyBody:
    """A strategy, retired or not, with the numbers it registered before it decided anything."""

    strategy: str
    disclosure: Disclosure
    registered_index: int = field(metadata=_said("Where its newest registration is in the log."))
    registered_us: int
    retired_index: int | None = field(metadata=_said("Where it was retired; null while it is not."))
    entries: int = field(metadata=_said("How many entries it has, without a gap."))
    registration: Members = field(metadata=_said("The members of the registration's entry."))


@frozen
class StrategyList:
    """All strategies that were ever registered."""

    strategies: tuple[StrategyBody, ...]


@frozen
class PerformanceBody:
    """What signals were worth. A commit that was not revealed in time counts as a loss of all.

    `counted` is `resolved` and `overdue`. Without any the rates are null. The interval is Wilson's,
    of 95 %.
    """

    strategy: str = field(metadata=_said("`all` for all of them together."))
    signals: int
    holds: int = field(metadata=_said("Signals to do nothing, which nothing becomes of."))
    pending: int = field(metadata=_said("Open, and not resolved yet."))
    void: int = field(metadata=_said("Could not be resolved, for want of prices."))
    sealed: int = field(metadata=_said("Committed, and not due to be revealed yet."))
    overdue: int = field(metadata=_said("Due to be revealed, and not; each counts as -10000."))
    resolved: int
    hits: int = field(metadata=_said("Resolved with a return above zero."))
    counted: int
    hit_rate: float | None
    hit_rate_low: float | None
    hit_rate_high: float | None
    mean_return_bp: float | None
    standard_error_bp: float | None = field(metadata=_said("Of the mean; null for less than two."))


@frozen
class PerformancePage:
    """The figures of all strategies together, and of each, retired ones included."""

    overall: PerformanceBody
    strategies: tuple[PerformanceBody, ...]


def summary_of(seen: SignalRecord) -> SignalSummary:
    """Of a record as the asker may see it."""
    return SignalSummary(**_summary(seen, _members(seen.data)))


def body_of(seen: SignalRecord) -> SignalBody:
    """The same with everything."""
    members = _members(seen.data)
    return SignalBody(
        **_summary(seen, members),
        nonce=None if seen.nonce is None else seen.nonce.hex(),
        signal=members or None,
        outcome=_members(seen.outcome) or None,
    )


def strategy_of(record: StrategyRecord) -> StrategyBody:
    return StrategyBody(
        strategy=record.strategy,
        disclosure=record.disclosure,
        registered_index=record.registered_index,
        registered_us=record.registered_us,
        retired_index=record.retired_index,
        entries=record.next_seq,
        registration=_members(record.registration),
    )


def figures_of(performance: Performance) -> PerformanceBody:
    tally = performance.tally
    figures = asdict(performance, recurse=False)
    del figures["tally"]
    return PerformanceBody(
        strategy=tally.strategy,
        signals=tally.signals,
        holds=tally.holds,
        pending=tally.pending,
        void=tally.void,
        sealed=tally.sealed,
        overdue=tally.overdue,
        resolved=tally.resolved,
        hits=tally.hits,
        **figures,
    )


def _members(data: bytes | None) -> Members:
    members: Members = {} if data is None else orjson.loads(data)
    return members


def _summary(seen: SignalRecord, members: Members) -> dict[str, Any]:
    return {
        "signal_index": seen.log_index,
        "strategy": seen.strategy,
        "seq": seen.seq,
        "decided_us": seen.decided_us,
        "official_s": seen.official_s,
        "disclosure": seen.disclosure,
        "state": state_of(seen),
        "commitment": None if seen.commitment is None else seen.commitment.hex(),
        "reveal_after_us": seen.reveal_after_us,
        "revealed_index": seen.revealed_index,
        "id": seen.signal_id,
        "symbol": seen.symbol,
        "direction": None if seen.direction is None else Direction(seen.direction),
        "reason": members.get("reason"),
        "confidence_bp": seen.confidence_bp,
        "entry": members.get("entry"),
        "stop": members.get("stop"),
        "target": members.get("target"),
        "horizon_s": members.get("horizon_s"),
        "signal_sha256": None if seen.data is None else sha256(seen.data).hexdigest(),
        "outcome_index": seen.outcome_index,
        "result": None if seen.result is None else Result(seen.result),
        "return_bp": seen.return_bp,
    }
