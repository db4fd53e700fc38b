"""Orders to workers and their replies, as bytes.

Both are pickled: a worker runs our code and is told all that we know, so that whoever could forge
one could do worse already. What is checked is that both ends speak the same format, run the same
code, and that nothing is larger than it may be.
"""

import pickle
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple, Self, TypeVar

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.consensus.pool import Share, View
from argo_core.consensus.reasons import Direction, Reason
from argo_core.engine.picture import Decision, Outcome, Picture
from argo_core.engine.shards.slice import Slice, Told
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.signals.signal import Signal

FORMAT = 1
"""Changes with whatever is in an order, a slice or a reply."""
LARGEST = 256 * 2**20
"""So many bytes an order or a reply may have; a shard of 10,000 symbols needs a tenth of it."""

Message = TypeVar("Message")


@frozen
class Order:
    """Take the step `number` of a shard of the coordinator `run`, at `now`.

    The state is the `whole` snapshot, or else what the worker kept of the step `base`. A worker of
    another `code` must not take it, because it could decide otherwise.
    """

    code: str
    run: str
    shard: int
    number: int
    now: datetime
    told: Told
    base: int | None = None
    whole: Slice | None = None


class Mix(NamedTuple):
    """A view as it travels: what its shares repeat of opinions is left out."""

    numbers: tuple[int, float, float, float, float, float]
    shares: tuple[tuple[SourceName, float, int], ...]
    faded: tuple[SourceName, ...]
    missing: tuple[SourceName, ...]

    @classmethod
    def of(cls, view: View) -> Self:
        """What the view says beside the opinions."""
        shares = tuple((one.source, one.weight, one.phi_bp) for one in view.shares)
        return cls(view[:6], shares, view.faded, view.missing)

    def view(self, opinions: Mapping[SourceName, Opinion], now: datetime) -> View:
        """The view of these opinions."""
        shares = []
        for source, weight, phi_bp in self.shares:
            one = opinions[source]
            age_s = one.age_s(now)
            shares.append(Share(source, one.strength, weight, age_s, phi_bp, one.raw_sha256))
        return View(*self.numbers, tuple(shares), self.faded, self.missing)


class Said(NamedTuple):
    """An evaluation as it travels: the coordinator has the basis that it was made on."""

    symbol: Symbol
    outcome: Outcome
    direction: Direction
    reason: Reason
    confidence_bp: int
    mix: Mix | None
    signal: Signal | None
    capsule: bytes | None

    @classmethod
    def of(cls, one: Decision) -> Self:
        """What was decided, without the basis."""
        return cls(
            one.symbol,
            one.outcome,
            one.direction,
            one.reason,
            one.confidence_bp,
            None if one.view is None else Mix.of(one.view),
            one.signal,
            one.capsule,
        )

    def decision(self, picture: Picture, now: datetime) -> Decision:
        """The decision that the worker made on this picture."""
        basis = picture.basis
        return Decision(
            symbol=self.symbol,
            outcome=self.outcome,
            direction=self.direction,
            reason=self.reason,
            confidence_bp=self.confidence_bp,
            view=None if self.mix is None else self.mix.view(basis.opinions, now),
            basis=basis,
            evaluated_at=now,
            signal=self.signal,
            capsule=self.capsule,
        )


@frozen
class Reply:
    """What a worker says to the order `number`: every evaluation, or why it took no step.

    `lost` says that it does not have the state; a `problem` that it will not take steps of ours.
    """

    number: int
    said: tuple[Said, ...] = ()
    lost: bool = False
    problem: str = ""

    def __getstate__(self) -> tuple[Any, ...]:
        # Plain tuples travel in a third of the time that named ones take.
        rows = [(*one[:5], one.mix and tuple(one.mix), *one[6:]) for one in self.said]
        return self.number, rows, self.lost, self.problem

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        number, rows, lost, problem = state
        said = tuple(Said._make((*row[:5], row[5] and Mix(*row[5]), *row[6:])) for row in rows)
        self.__init__(number, said, lost, problem)  # type: ignore[misc]


def encode(message: Order | Reply) -> bytes:
    """The message as bytes.

    Raises:
        InvalidInput: they are too many.
    """
    data = pickle.dumps((FORMAT, message), 5)
    if len(data) > LARGEST:
        problem = f"a shard's message has {len(data):,} bytes"
        raise InvalidInput("cluster.shards", problem, "make more shards of fewer symbols")
    return data


def decode(data: bytes, kind: type[Message]) -> Message:
    """The message of that kind in the bytes.

    Raises:
        InvalidInput: they are something else, or of another format.
    """
    try:
        version, message = pickle.loads(data)  # noqa: S301 - see above
    except Exception as error:
        problem = f"it cannot be read: {type(error).__name__}"
        raise InvalidInput("message", problem, "run the same version everywhere") from error
    if version != FORMAT or not isinstance(message, kind):
        problem = f"it is no {kind.__name__} of format {FORMAT}"
        raise InvalidInput("message", problem, "run the same version everywhere")
    return message
