"""What happened, as frozen values, for whoever watches. An observer never changes the outcome."""

from datetime import datetime
from decimal import Decimal

from attrs import frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.reasons import Direction
from argo_core.market.instrument import Symbol
from argo_core.resilience.breaker_table import State
from argo_core.resilience.budget import Amount, DayLimit
from argo_core.resilience.lease_table import Role
from argo_core.trading.denial import Denial
from argo_core.trading.order import Leg, Side, Status
from argo_core.trading.state import Cause, TradingState


@frozen
class SourceAnswered:
    """A guarded vendor ask succeeded: `items` answers, `missing` symbols without one."""

    source: SourceName
    at: datetime
    seconds: float
    calls: int
    usd: Decimal
    items: int
    missing: int


@frozen
class SourceFailed:
    """A guarded vendor ask failed; `error` is the class in the error tree, `problem` its text."""

    source: SourceName
    at: datetime
    seconds: float
    calls: int
    usd: Decimal
    error: str
    problem: str


@frozen
class AskSpared:
    """The gate found that no answer could change the outcome of these `symbols`."""

    source: SourceName
    at: datetime
    symbols: int


@frozen
class CacheLooked:
    """Before an ask, so many symbols were looked up: `fresh` need no ask, the others do."""

    source: SourceName
    at: datetime
    fresh: int
    stale: int
    missed: int


@frozen
class CallAdmitted:
    """One call may be made after waiting `waited_s` for its source's limits.

    `tokens` are what each limit has left, `waiting` how many calls wait for their turn.
    """

    source: SourceName
    at: datetime
    waited_s: float
    tokens: tuple[float, ...]
    waiting: int = 0


@frozen
class CallRejected:
    """One call was not made: `by` is "breaker" or "limiter"."""

    source: SourceName
    at: datetime
    by: str
    retry_after_s: float | None


@frozen
class BreakerChanged:
    """A source's breaker went from one state to another; `open_s` is how long it stays open."""

    source: SourceName
    at: datetime
    before: State
    after: State
    open_s: float | None


@frozen
class BudgetBooked:
    """A vendor's day stands at `spent` beside `reserved`, of `allowed`; it ends at `resets_at`."""

    source: SourceName
    at: datetime
    spent: Amount
    reserved: Amount
    allowed: DayLimit
    resets_at: datetime | None = None


@frozen
class BudgetRefused:
    """An ask was not made: `measure` of the vendor's day would be exceeded until `resets_at`."""

    source: SourceName
    at: datetime
    measure: str
    resets_at: datetime


@frozen
class ReasoningFormed:
    """Words for a signal came: `source` says from whom, or "fallback" and the `problem`."""

    symbol: Symbol
    at: datetime
    source: str
    problem: str = ""


@frozen
class SharedStateChanged:
    """What processes share came within reach, or went out of it because of a `problem`."""

    at: datetime
    within_reach: bool
    problem: str = ""


@frozen
class RoleChanged:
    """This process changed its role beside a standby; `token` is its newest lease's.

    `fence` is the number by which it writes, None while it does not.
    """

    at: datetime
    before: Role
    after: Role
    token: int
    fence: int | None
    reason: str


@frozen
class LeaseFailed:
    """The store of the publisher's lease did not answer; the same problem is told of once."""

    at: datetime
    problem: str


@frozen
class FencedOff:
    """The log refused this process, because another has opened it since."""

    at: datetime
    problem: str


@frozen
class SignalPublished:
    """A signal is durably in the log at `index`; of a `sealed` one others may not know yet."""

    symbol: Symbol
    direction: Direction
    confidence_bp: int
    index: int
    at: datetime
    sealed: bool = False


@frozen
class CheckpointPublished:
    """The log's first `size` entries are public, `seconds` after the first of them was durable.

    `cosigned` witnesses have cosigned; without a quorum of them it is `pending`, and there is
    another event for the same size once there is one.
    """

    size: int
    at: datetime
    seconds: float
    cosigned: int
    pending: bool


@frozen
class WitnessFailed:
    """A witness did not cosign; `error` is the class in the error tree, `problem` its text."""

    witness: str
    at: datetime
    error: str
    problem: str


@frozen
class PublicationFailed:
    """The log failed us between a durable batch and its publication, which is tried again."""

    at: datetime
    error: str
    problem: str


@frozen
class OutcomeResolved:
    """The horizon of the signal at `index` is over; `return_bp` is None where it is void."""

    symbol: Symbol
    at: datetime
    index: int
    result: str
    return_bp: int | None


@frozen
class CycleFinished:
    """One beat: every symbol is counted once as signal, hold or skip, or was `missed`.

    `seconds` is the wall time from the beat to the durable batch. `absent` names the sources whose
    last ask failed. Every symbol that trades is looked up at every source: `hits` of `lookups` had
    an opinion that counts. `usd` are the dollars that answers have cost since the cycle before.
    """

    number: int
    at: datetime
    seconds: float
    signals: int
    holds: int
    skips: int
    absent: tuple[SourceName, ...]
    lookups: int = 0
    hits: int = 0
    usd: Decimal = Decimal(0)
    missed: int = 0


@frozen
class CycleFailed:
    """A cycle could not store its batch; nothing of it counts as published."""

    number: int
    at: datetime
    error: str
    problem: str


@frozen
class BeatMissed:
    """The previous cycle ran into these many beats; they were dropped, never queued."""

    at: datetime
    beats: int


@frozen
class ShardMissed:
    """A shard of so many `symbols` was not decided in time by `worker`; they miss this cycle."""

    at: datetime
    shard: int
    worker: str
    symbols: int


@frozen
class ShardMoved:
    """A shard is decided by the worker `after` instead of `before`, or, where that is "", here."""

    at: datetime
    shard: int
    before: str
    after: str
    why: str


@frozen
class WorkersChanged:
    """So many other processes are there now to decide shards."""

    at: datetime
    workers: int


@frozen
class OrderPlaced:
    """The broker has an order; `limit` is None where it takes any price."""

    symbol: Symbol
    at: datetime
    order_id: str
    side: Side
    leg: Leg
    quantity: Decimal
    limit: Decimal | None = None
    signal_id: str = ""


@frozen
class OrderFilled:
    """So many more shares of an order were executed; `realised` is what closing earned by it."""

    symbol: Symbol
    at: datetime
    order_id: str
    side: Side
    leg: Leg
    quantity: Decimal
    price: Decimal
    fee: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)


@frozen
class OrderEnded:
    """An order will not be filled any further, having been filled `filled` shares; see `status`."""

    symbol: Symbol
    at: datetime
    order_id: str
    leg: Leg
    status: Status
    filled: Decimal
    problem: str = ""


@frozen
class OrderDenied:
    """The risk rules did not let an order be sent, for each of these reasons."""

    symbol: Symbol
    at: datetime
    order_id: str
    side: Side
    denials: tuple[Denial, ...]
    signal_id: str = ""


@frozen
class TradingStateChanged:
    """Trading is held back more, or less; `causes` stand now, `why` tells of the newest change."""

    at: datetime
    before: TradingState
    after: TradingState
    causes: tuple[Cause, ...]
    why: str


@frozen
class Reconciled:
    """The broker's books were compared with ours: `differences` are left, the first as `problem`.

    `seconds` is how long that took.
    """

    at: datetime
    seconds: float
    differences: int
    problem: str = ""


@frozen
class TradingAlarm:
    """Something that trading cannot put right by itself: somebody should look."""

    at: datetime
    problem: str
    symbol: Symbol | None = None


@frozen
class MarketHeard:
    """What the stream of market data told since the event before, and whether it is connected.

    `quotes` and `halts` were taken, `dropped` could not be believed. There is no event where
    nothing was told and nothing has changed.
    """

    at: datetime
    connected: bool
    quotes: int = 0
    halts: int = 0
    dropped: int = 0


TradingEvent = (
    OrderPlaced
    | OrderFilled
    | OrderEnded
    | OrderDenied
    | TradingStateChanged
    | Reconciled
    | TradingAlarm
    | MarketHeard
)


@frozen
class SecretsRead:
    """So many secrets were read; the values of those in `changed` are others than before."""

    at: datetime
    names: int
    changed: tuple[str, ...] = ()


@frozen
class SecretsFailed:
    """A secret was not read, and its last value stays; `error` is the class in the error tree."""

    at: datetime
    name: str
    error: str
    problem: str


@frozen
class KeyRefused:
    """A vendor refused a key; `then` it is shown the `current` value, the `previous` or `none`."""

    source: SourceName
    at: datetime
    then: str


@frozen
class Reloaded:
    """The configuration was read again: `applied`, `unchanged` or `refused`, and why.

    `changed` are the keys of the settings that are others now, or would have been.
    """

    at: datetime
    result: str
    changed: tuple[str, ...] = ()
    problem: str = ""


UpkeepEvent = SecretsRead | SecretsFailed | KeyRefused | Reloaded

StandbyEvent = RoleChanged | LeaseFailed | FencedOff

Event = (
    SourceAnswered
    | SourceFailed
    | AskSpared
    | CacheLooked
    | CallAdmitted
    | CallRejected
    | BreakerChanged
    | BudgetBooked
    | BudgetRefused
    | ReasoningFormed
    | SharedStateChanged
    | StandbyEvent
    | SignalPublished
    | CheckpointPublished
    | WitnessFailed
    | PublicationFailed
    | OutcomeResolved
    | CycleFinished
    | CycleFailed
    | BeatMissed
    | ShardMissed
    | ShardMoved
    | WorkersChanged
    | TradingEvent
    | UpkeepEvent
)
