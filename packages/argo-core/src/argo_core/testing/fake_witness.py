"""A witness in memory that keeps the promises of the port `Witness`, or breaks them on request."""

from collections.abc import Callable, Sequence

from attrs import evolve

from argo_core.errors import WitnessError, WitnessRefused
from argo_core.ledger.add_checkpoint import AddCheckpoint, parse_cosignature_lines, parse_size
from argo_core.ledger.note import SignatureLine
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.ports import Clock
from argo_core.testing.witness import SIZE, ReferenceWitness


class FakeWitness:
    """Asks `reference` at the clock's time, and counts in `asked` what it was asked.

    Set `failing` to an error, and every call raises it until it is None again. Set `lie`, and it
    says that of what it would have said; `forged` is one. Every answer takes it `delay_s` on the
    clock.
    """

    def __init__(self, reference: ReferenceWitness, clock: Clock) -> None:
        self.reference = reference
        self.asked: list[AddCheckpoint] = []
        self.failing: WitnessError | None = None
        self.lie: Callable[[Sequence[SignatureLine]], Sequence[SignatureLine] | int] | None = None
        self.delay_s = 0.0
        self._clock = clock

    @property
    def key(self) -> VerifierKey:
        return self.reference.key

    async def add_checkpoint(self, asked: AddCheckpoint) -> Sequence[SignatureLine] | int:
        self.asked.append(asked)
        await self._clock.sleep(self.delay_s)
        if self.failing is not None:
            raise self.failing
        reply = self.reference.answer(asked.encode(), int(self._clock.now().timestamp()))
        if reply.content_type == SIZE:
            return parse_size(reply.body)
        if reply.status != 200:  # noqa: PLR2004 - it is HTTP's number for success
            problem = f"{reply.status} {reply.body.decode().strip()}"
            raise WitnessRefused(self.key.name, problem)
        lines = parse_cosignature_lines(reply.body)
        return lines if self.lie is None else self.lie(lines)


def forged(lines: Sequence[SignatureLine]) -> Sequence[SignatureLine]:
    """The same lines with the last bit of each signature flipped."""
    return [evolve(one, payload=one.payload[:-1] + bytes([one.payload[-1] ^ 1])) for one in lines]
