"""The log: what is published in it, who vouches for it, and what became of a signal."""

from datetime import datetime

from attrs import frozen

from argo_core.consensus.reasons import Direction
from argo_core.market.instrument import Symbol


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


RecordEvent = (
    SignalPublished | CheckpointPublished | WitnessFailed | PublicationFailed | OutcomeResolved
)
