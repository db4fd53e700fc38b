"""The witness: cosigns that a log continues what it cosigned before, and remembers first.

It knows one log, by its pinned key. What it is shown that the log's key signed and that cannot be
of the history it cosigned is kept as evidence, like what the reading of the log refuses.
"""

from attrs import field, frozen

from alpine_service.domain.feed.add_checkpoint import (
    Reason,
    Refusal,
    Standing,
    consider,
    read_add_checkpoint,
)
from alpine_service.domain.feed.checkpoint import Checkpoint, Head
from alpine_service.domain.feed.cosignature import cosignature_line, cosignature_message
from alpine_service.domain.feed.note import write_line
from alpine_service.domain.feed.verifier_key import VerifierKey, Verify, read_verifier_key
from alpine_service.domain.signals.rejection import CHECKPOINT, WITNESSED_CHECKPOINT, Rejection
from alpine_service.ports.feed import WitnessHead, WitnessStore
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock, Signer
from alpine_service.ports.tracing import UNTRACED, Tracer
from alpine_service.services.rejecting import Rejecting

_TEXT = "text/plain; charset=utf-8"
_OK = 200
# For any other reason than these the log's own key signed what was refused.
_REFUSED_AT_ONCE = frozenset(
    {Reason.MALFORMED, Reason.UNKNOWN_LOG, Reason.BAD_SIGNATURE, Reason.OLD_ABOVE_SIZE}
)


@frozen
class WitnessAnswer:
    """What is answered: an HTTP status, a body and its type."""

    status: int
    body: bytes
    content_type: str = _TEXT


@frozen
class Witness:
    """Answers requests to cosign."""

    _log: VerifierKey
    _signer: Signer = field(repr=False)
    _store: WitnessStore
    _rejecting: Rejecting
    _verify: Verify
    _clock: Clock
    _observer: Observer
    _tracer: Tracer = UNTRACED

    async def add_checkpoint(self, request: bytes) -> WitnessAnswer:
        """Answer a request after C2SP tlog-witness.

        Where we stand is written down, durably, before a signature exists outside of this method.

        Raises:
            Unavailable: it could not be written down, and nothing was cosigned.
        """
        # What does not depend on where we stand needs no turn; so strangers hold up nobody.
        first = consider(request, {self._log.name: Standing(self._log)}, self._verify)
        if isinstance(first, Refusal) and first.reason in _REFUSED_AT_ONCE:
            return _answer(first)
        with self._tracer.span("witness.cosign") as span:
            answer, offered = await self._in_turn(request)
            span.note(status=answer.status)
        if offered is not None:
            # A signed checkpoint with a bad proof is in anybody's reach; two histories are not.
            weight = Weight.ALERT if offered.halts else Weight.WARNING
            await self._rejecting.keep(offered, weight)
        return answer

    async def _in_turn(self, request: bytes) -> tuple[WitnessAnswer, Rejection | None]:
        began = self._clock.monotonic()
        async with self._store.turn(self._log.name) as turn:
            stood = turn.head
            standing = Standing(self._log, stood.head.size, stood.head.root)
            decision = consider(request, {self._log.name: standing}, self._verify)
            if isinstance(decision, Refusal):
                return self._refuse(request, decision, stood)
            line = self._cosign(decision.head)
            note = _note(read_add_checkpoint(request).checkpoint, self._log) + line.data
            await turn.move(WitnessHead(decision.head, note, line.time_s))
        self._observer.tell(
            "witness.cosigned",
            log=self._log.name,
            size=decision.head.size,
            took_s=round(self._clock.monotonic() - began, 6),
        )
        return WitnessAnswer(_OK, line.data), None

    def _cosign(self, head: Head) -> "_Line":
        time_s = int(self._clock.now().timestamp())
        signature = self._signer.sign(cosignature_message(time_s, head.text()))
        key = read_verifier_key(self._signer.key)
        return _Line(time_s, cosignature_line(key, time_s, signature).encode())

    def _refuse(
        self, request: bytes, refusal: Refusal, stood: WitnessHead
    ) -> tuple[WitnessAnswer, Rejection | None]:
        answer = _answer(refusal)
        self._observer.tell(
            "witness.refused", Weight.WARNING, log=self._log.name, reason=refusal.reason.value
        )
        offered = read_add_checkpoint(request).checkpoint
        # Whatever else is wrong with the request, two roots of one size are a fork.
        is_fork = offered.head.size == stood.head.size and offered.head.root != stood.head.root
        if refusal.reason is not Reason.BAD_CONSISTENCY and not is_fork:
            return answer, None
        return answer, Rejection(
            "fork" if is_fork else "bad-consistency",
            f"the witness was shown a checkpoint of {offered.head.size} entries that does not"
            f" continue the one of {stood.head.size} it cosigned",
            {CHECKPOINT: offered.data, WITNESSED_CHECKPOINT: stood.note, "request": request},
            size=offered.head.size,
            halts=is_fork,
            identity=offered.head.text().encode(),
        )


@frozen
class _Line:
    """A signature line of ours, and the time in it."""

    time_s: int
    data: bytes


def _answer(refusal: Refusal) -> WitnessAnswer:
    return WitnessAnswer(refusal.status, refusal.body.encode(), refusal.content_type)


def _note(checkpoint: Checkpoint, log: VerifierKey) -> bytes:
    """A checkpoint with the log's signatures only: room for ours, and nobody's rubbish."""
    lines = "".join(write_line(log, line.signature) for line in checkpoint.note.by(log))
    return f"{checkpoint.note.text}\n{lines}".encode()
