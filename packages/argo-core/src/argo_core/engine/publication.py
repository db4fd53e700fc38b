"""From durable to public: witnesses cosign the newest checkpoint, and then it is shown.

A process that stands by shows what the publisher of the same log has published.

What lies at or after `published.size` is shown to nobody. One round at a time asks all witnesses
side by side and waits for a quorum of them, though not for long: then the checkpoint is published
as pending, and cosignatures that come late are kept and shown.
"""

import asyncio
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import suppress

from attrs import evolve

from argo_core.engine.ended import ended
from argo_core.engine.following import Following
from argo_core.engine.gathering import Gathering, Published
from argo_core.engine.untraced import UNTRACED
from argo_core.engine.witness_line import WitnessLine
from argo_core.errors import InvalidInput, LogBehind, LogError, LogUnavailable, WitnessError
from argo_core.events import CheckpointPublished, PublicationFailed, WitnessFailed
from argo_core.ledger.checkpoint import Checkpoint, parse_checkpoint, sign_checkpoint
from argo_core.ledger.merkle import EMPTY_ROOT
from argo_core.ledger.note import Note, Verify
from argo_core.ledger.policy import Policy
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.ports import Clock, Observer, SignalLog, Signer, Tracer, Witness

PATIENCE_S = 2.0
FOLLOW_S = 0.25
"""So often a process that stands by looks for what is new."""
RETRY_S = 1.0
"""How long the log is left alone after it failed us."""


class Publication:
    """Publishes what `log` has made durable, as `policy` asks; `witnesses` are those to be asked.

    `patience_s` wall seconds a round waits for a quorum. With a `signer` witnesses are asked about
    a log that is still empty, too, so that one whose entries were lost is not begun anew. Where it
    `must_hear` it does not start before so many have said where they stand that none of the rest
    could have made a quorum without them: a restored copy would sign a second history meanwhile.

    Raises:
        InvalidInput: a witness is not in the policy or is there twice.
    """

    def __init__(
        self,
        log: SignalLog,
        policy: Policy,
        witnesses: Sequence[Witness],
        verify: Verify,
        *,
        clock: Clock,
        observer: Observer,
        patience_s: float = PATIENCE_S,
        signer: Signer | None = None,
        must_hear: bool = False,
        tracer: Tracer = UNTRACED,
    ) -> None:
        _check(policy, [one.key for one in witnesses])
        self._log = log
        self._policy = policy
        self._verify = verify
        self._clock = clock
        self._observer = observer
        self._patience_s = patience_s
        self._signer = signer
        self._must_hear = must_hear
        self._tracer = tracer
        self._behind: LogBehind | None = None
        self._lines = tuple(WitnessLine(one, log.hashes, verify, clock) for one in witnesses)
        self._published: Published | None = None
        # None at first, and then the newest alone.
        self._heads = deque[Gathering](maxlen=1)
        self._offered_at = clock.monotonic()
        self._offered_in: object = None
        self._offered, self._idle, self._grown = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def published(self) -> Published | None:
        """The newest checkpoint that is public; None while there is none."""
        return self._published

    @property
    def behind(self) -> LogBehind | None:
        """What a witness has against this log's history; then nothing may be added to it."""
        return self._behind

    def lags_s(self) -> Mapping[str, float]:
        """How long each witness, by its key's name, owes a cosignature: 0 while it owes none."""
        now = self._clock.monotonic()
        return {line.key.name: line.lag_s(now) for line in self._lines}

    async def start(self) -> None:
        """Ask every witness where it stands, publish the newest checkpoint, and go on from there.

        A witness that is away is asked again later.

        Raises:
            LogBehind: a witness has cosigned more of this log than there is, or another history.
            LogUnavailable: too few witnesses were heard, where they must be.
            LogError: the log cannot be read.
        """
        await self._end_tasks()
        note = await self._log.checkpoint()
        if note is None and self._signer is not None:
            empty = Checkpoint(self._log.key.name, 0, EMPTY_ROOT)
            note = sign_checkpoint(empty, self._log.key, self._signer.sign)
        if note is not None:
            head = self._begin(note, self._clock.monotonic())
            errors = await asyncio.gather(*(self._submit(line, head) for line in self._lines))
            for error in errors:
                if isinstance(error, LogError):
                    raise error
            self._refuse_unheard(sum(error is None for error in errors))
            if head.size:
                self._publish(head)
        jobs = [self._rounds(), *map(self._tend, self._lines)]
        self._tasks = [asyncio.create_task(job, name="publication") for job in jobs]

    async def follow(self) -> None:
        """Show what another process publishes, from its start or stop until ours."""
        await self._end_tasks()
        self._tasks = [asyncio.create_task(self._follow(), name="following")]

    async def _follow(self) -> None:
        following = Following(self._policy, self._verify, self._patience_s)
        while True:
            rest_s = FOLLOW_S
            try:
                notes = [await self._log.checkpoint(cosigned=each) for each in (True, False)]
            except LogError as error:
                self._failed(error)
                rest_s = RETRY_S
            else:
                if (head := following.look(notes, self._clock.monotonic())) is not None:
                    self._publish(head)
            with suppress(TimeoutError):
                async with self._clock.timeout(rest_s):
                    await asyncio.Event().wait()

    def _refuse_unheard(self, heard: int) -> None:
        wanted = len(self._lines) - self._policy.quorum + 1
        if self._must_hear and self._lines and self._policy.quorum and heard < wanted:
            problem = f"{heard} of {len(self._lines)} witnesses say where they stand"
            raise LogUnavailable(
                f"{self._log.key.name}: {problem}, and {wanted} have to before anything is signed; "
                "bring them back, or set log.start_unheard if this is no restored copy"
            )

    def offer(self) -> None:
        """The log has a new durable batch; never waits."""
        if not self._offered.is_set():
            self._offered_at = self._clock.monotonic()
            self._offered_in = self._tracer.mark()
        self._idle.clear()
        self._offered.set()

    async def beyond(self, size: int) -> Published:
        """Wait until more than `size` entries are public."""
        while self._published is None or self._published.size <= size:
            await self._grown.wait()
        return self._published

    async def stop(self) -> None:
        """Publish what was offered, if that is possible soon, and end.

        What is not published then is at the next start.
        """
        if self._tasks:
            with suppress(TimeoutError):
                async with self._clock.timeout(2 * self._patience_s):
                    await self._idle.wait()
        await self._end_tasks()

    async def _end_tasks(self) -> None:
        tasks, self._tasks = self._tasks, []
        for task in tasks:
            task.cancel()
        await ended(tasks, self._clock)
        # What was offered or owed until now is no more than what the next start finds in the log.
        self._offered.clear()
        self._idle.set()
        for line in self._lines:
            line.begin_anew()

    async def _rounds(self) -> None:
        # It rests on the wall, however fast a recording is played: a log does not get faster.
        while True:
            await self._offered.wait()
            self._offered.clear()
            try:
                await self._round(self._offered_at, self._offered_in)
            except LogError as error:
                self._failed(error)
                with suppress(TimeoutError):
                    async with self._clock.timeout(RETRY_S):
                        await asyncio.Event().wait()
                self.offer()
            if not self._offered.is_set():
                self._idle.set()

    async def _round(self, since: float, within: object) -> None:
        """Publish the newest checkpoint: cosigned, or pending when patience ends."""
        note = await self._log.checkpoint()
        begun = max((head.size for head in self._heads), default=0)
        if note is None or parse_checkpoint(note.text).size <= begun:
            return
        with self._tracer.span("publication", within) as span:
            head = self._begin(note, since)
            for line in self._lines:
                line.asked.set()
            with suppress(TimeoutError):
                async with self._clock.timeout(self._patience_s):
                    await head.decided.wait()
            self._publish(head)
            span.note(size=head.size, cosigned=head.count, pending=head.pending)

    def _begin(self, note: Note, since: float) -> Gathering:
        """From now on cosignatures on this checkpoint are wanted."""
        head = Gathering(note, self._policy, self._verify, since)
        head.decide(self._awaited())
        self._heads.append(head)
        for line in self._lines:
            line.owes(since)
        return head

    async def _tend(self, line: WitnessLine) -> None:
        """Show one witness each new head, of several the newest, and let it rest when it fails."""
        while True:
            if line.resting:
                with suppress(TimeoutError):
                    async with self._clock.timeout(line.rest_s):
                        await asyncio.Event().wait()
                line.rested()
            await line.asked.wait()
            line.asked.clear()
            await self._submit(line, self._heads[-1])

    async def _submit(self, line: WitnessLine, head: Gathering) -> LogError | WitnessError | None:
        """Have a head cosigned, and keep and show that; or say what came between."""
        try:
            good = await line.cosignature(head.bare, head.size)
            # Of a log without entries there is no checkpoint to keep it with.
            if head.size:
                await self._log.cosign(head.size, [good])
        except (LogError, WitnessError) as error:
            if isinstance(error, LogBehind):
                self._behind = error
            line.failed()
            self._failed(error, line.key.name)
            self._heads[-1].decide(self._awaited())
            return error
        newest = self._heads[-1]
        line.answered(None if newest is head else newest.since)
        head.add(good)
        head.decide(self._awaited())
        if self._published is not None and self._published.size == head.size:
            self._publish(head)
        return None

    def _awaited(self) -> list[VerifierKey]:
        return [line.key for line in self._lines if not line.resting]

    def _publish(self, head: Gathering) -> None:
        """Show the head with the cosignatures that are there; sizes never go back."""
        if self._behind is not None:
            return
        before, now = self._published, self._clock.now()
        if before is not None and head.size < before.size:
            return
        if before is None or before.size < head.size:
            self._published = Published(head.size, head.note, now, head.pending)
            grown, self._grown = self._grown, asyncio.Event()
            grown.set()
        else:
            self._published = evolve(before, note=head.note, pending=head.pending)
            if head.pending == before.pending:
                return
        seconds = self._clock.monotonic() - head.since
        self._observer.notice(
            CheckpointPublished(head.size, now, seconds, head.count, head.pending)
        )

    def _failed(self, error: LogError | WitnessError, witness: str | None = None) -> None:
        now, name = self._clock.now(), type(error).__name__
        if witness is not None and isinstance(error, WitnessError | LogBehind):
            problem = error.problem if isinstance(error, WitnessError) else str(error)
            self._observer.notice(WitnessFailed(witness, now, name, problem))
        else:
            self._observer.notice(PublicationFailed(now, name, str(error)))


def _check(policy: Policy, keys: Sequence[VerifierKey]) -> None:
    if not set(keys) <= set(policy.keys):
        raise InvalidInput("witnesses", "one is not in the policy", "name its key there")
    if len(set(keys)) < len(keys):
        raise InvalidInput("witnesses", "one is there twice", "ask each witness once")
