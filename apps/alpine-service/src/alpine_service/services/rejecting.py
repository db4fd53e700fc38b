"""What is done with a refusal: it is kept with its evidence, and the operator is told."""

from attrs import frozen

from alpine_service.domain.signals.rejection import ANSWER, Rejection
from alpine_service.errors import Malformed
from alpine_service.ports.feed import QuarantineStore
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Clock


def rejected_answer(error: Malformed) -> Rejection:
    """The refusal of an answer that was not read to its end, or not at all."""
    evidence = {ANSWER: error.served} if error.served else {}
    return Rejection(error.reason, str(error), evidence)


@frozen
class Rejecting:
    """Keeps refusals of one log."""

    _store: QuarantineStore
    _observer: Observer
    _clock: Clock
    _log: str

    async def keep(self, rejection: Rejection, weight: Weight = Weight.ALERT) -> None:
        """Keep a refusal; the same again is only counted, and not told again."""
        if await self._store.keep(self._log, rejection, self._clock.now()):
            self._observer.tell(
                "ingest.refused",
                weight,
                log=self._log,
                reason=rejection.reason,
                problem=rejection.problem,
                size=rejection.size,
                index=rejection.log_index,
                halts=rejection.halts,
            )

    async def is_halted(self) -> bool:
        """Whether the log was caught with two histories, and nobody resolved it yet."""
        return await self._store.is_halted(self._log)
