"""What one witness was shown, how it answers, and when it is left alone for a while."""

import asyncio

from argo_core.errors import LogBehind, WitnessAway, WitnessRefused
from argo_core.ledger.add_checkpoint import AddCheckpoint
from argo_core.ledger.cosignature import Cosignature, check_cosignature
from argo_core.ledger.note import Note, Verify
from argo_core.ledger.tile_proof import Hashes, prove_consistency_from
from argo_core.ports import Clock, Witness
from argo_core.resilience.flights import BackOff

ASK_TIMEOUT_S = 10.0
"""How long one answer may take; a round does not wait for it that long."""
BACK_OFF = BackOff(first_s=1.0, longest_s=60.0, jitter=0.0)


class WitnessLine:
    """Asks one witness, one thing at a time; `hashes` are of the log that it is shown.

    `asked` is set while there is something new to show it; it is `resting` after a failure.
    """

    def __init__(self, witness: Witness, hashes: Hashes, verify: Verify, clock: Clock) -> None:
        self.key = witness.key
        self.asked = asyncio.Event()
        self.resting = False
        self._witness = witness
        self._hashes = hashes
        self._verify = verify
        self._clock = clock
        self._failures = 0
        self._owes_since: float | None = None
        # Before it has said where it stands, the witness is taken to have seen nothing: one that
        # has seen something answers with its size, and so we learn it from itself.
        self._old_size = 0

    async def cosignature(self, note: Note, size: int) -> Cosignature:
        """The witness's good cosignature on a checkpoint of that size.

        Raises:
            WitnessError: there is none.
            LogBehind: the witness has cosigned more than that, or another history.
            LogError: the log cannot be read.
        """
        answer = await self._ask(note, size)
        if isinstance(answer, int):
            self._old_size = self._within(answer, size)
            try:
                answer = await self._ask(note, size)
            except WitnessRefused as error:
                # It knows this log and trusts its key, or it would not have said where it stands.
                raise self._behind(f"refuses what follows {self._old_size} entries") from error
        if isinstance(answer, int):
            if answer == size == self._old_size:
                raise self._behind(f"has cosigned another root of {size} entries")
            self._old_size = self._within(answer, size)
            raise WitnessAway(self.key.name, "it does not stand where it says")
        self._old_size = size
        return answer

    def begin_anew(self) -> None:
        """Nothing is asked of it any more: it neither rests nor owes anything."""
        self._failures, self._owes_since, self.resting = 0, None, False
        self.asked.clear()

    def failed(self) -> None:
        """It shall rest, the longer the more often this comes in a row."""
        self._failures += 1
        self.resting = True

    def owes(self, since: float) -> None:
        """It is shown what was durable at `since`, on the monotonic clock; older debts stand."""
        if self._owes_since is None:
            self._owes_since = since

    def answered(self, owes_since: float | None) -> None:
        """Its cosignature is kept; there may be something newer that it has not cosigned yet."""
        self._failures = 0
        self._owes_since = owes_since

    def lag_s(self, now: float) -> float:
        """How long it owes a cosignature; 0 while it owes none."""
        return 0.0 if self._owes_since is None else max(0.0, now - self._owes_since)

    @property
    def rest_s(self) -> float:
        """How long it shall rest."""
        return BACK_OFF.wait_s(self._failures - 1, 0.0)

    def rested(self) -> None:
        """It may be asked again, and shall be."""
        self.resting = False
        self.asked.set()

    async def _ask(self, note: Note, size: int) -> Cosignature | int:
        proof = await prove_consistency_from(self._hashes, self._old_size, size)
        asked = AddCheckpoint(self._old_size, proof, note.encode())
        try:
            async with self._clock.timeout(ASK_TIMEOUT_S):
                answer = await self._witness.add_checkpoint(asked)
        except TimeoutError as error:
            problem = f"no answer within {ASK_TIMEOUT_S:g} s"
            raise WitnessAway(self.key.name, problem) from error
        if isinstance(answer, int):
            return answer
        checked = (check_cosignature(note.text, line, self.key, self._verify) for line in answer)
        good = next(filter(None, checked), None)
        if good is None:
            raise WitnessAway(self.key.name, "no good cosignature of its key in its answer")
        return good

    def _within(self, stands_at: int, size: int) -> int:
        if stands_at > size:
            raise self._behind(f"has cosigned {stands_at} entries, and {size} are here")
        return stands_at

    def _behind(self, doing: str) -> LogBehind:
        fix = "restore the log that it has seen, or begin another with another key"
        return LogBehind(f"{self.key.name} {doing}; {fix}")
