"""Reads the log: entries become signals and events once they are proved, and never before.

What makes it right:

- A checkpoint counts if the pinned key signed it. It must not be smaller than the newest that
  counted, and of one size there is one root. What our own witness cosigned counts like a checkpoint
  that was read: a log that shows its witness one history and the public another is found out.
- Entries are accepted in chunks of bounded size, each by itself. From the stored frontier, which is
  all of the tree that must be known, the leaf hashes of a chunk are folded to the frontier after
  it. Where the chunk ends at the checkpoint's size, its root must be the checkpoint's. Where it
  ends before that, tiles of the log show that the tree so far is the beginning of the checkpoint's,
  by a consistency proof: tiles are only material, the proof holds or does not hold against the
  signed root. So a log of any length is caught up in bounded memory, and at each step what is
  stored is exactly a beginning of what the log signed. While it lasts, the newest checkpoint lies
  beyond the stored entries; a still newer one must then be shown to continue it, by tiles as well.
- Only what is proved is read: canonical bytes, members, sequences and references, as the protocol
  has them. A chunk with one bad entry is refused as a whole.
- A chunk, its tiles, signals, events and the new head are one transaction, which compares the head
  under a lock with the one that the work began with. So a second process, a repeated chunk or a
  kill at any moment change nothing: either all of it is there, or nothing.

What is refused is kept with its evidence, told to the operator, and asked for again with a growing
wait, because a bad answer may be that of a broken proxy. So is an older checkpoint that agrees with
what is stored: everybody on the way can show it again. Two checkpoints by the log's key that cannot
be of one history cannot be anybody else's doing: then the reading halts until an operator resolves
it.
"""

from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.growing import NO_EDGE
from alpine_service.domain.feed.policy import Policy, Witnessed
from alpine_service.domain.feed.proving import plan_frontier
from alpine_service.domain.feed.tile import read_tile
from alpine_service.domain.feed.tree import EMPTY_ROOT, Frontier
from alpine_service.domain.feed.verifier_key import Verify
from alpine_service.domain.signals.batch import Batch
from alpine_service.domain.signals.rejection import (
    CHECKPOINT,
    KEPT_CHECKPOINT,
    Rejected,
    Rejection,
)
from alpine_service.domain.signals.story import OfficialTime
from alpine_service.errors import FeedAway, FeedError, FeedRefused, Malformed
from alpine_service.ports.feed import Feed, FeedHead, FeedStore, QuarantineStore, WitnessHead
from alpine_service.ports.observing import Observer, Weight
from alpine_service.ports.outside import Chance, Clock
from alpine_service.ports.tracing import UNTRACED, Tracer
from alpine_service.services.ingest_bodies import BodyReader
from alpine_service.services.ingest_check import (
    Proved,
    Prover,
    Waypoint,
    fork,
    read_served,
    require_same_root,
    waypoints,
)
from alpine_service.services.ingest_chunk import CHUNK_SIZE, ChunkSize, fetch_chunk
from alpine_service.services.ingest_entries import follow
from alpine_service.services.ingest_hints import Hints
from alpine_service.services.ingest_pace import PACE, Pace, Waiting
from alpine_service.services.rejecting import Rejecting, rejected_answer


class Ingest:
    """Reads one log into one database."""

    def __init__(
        self,
        feed: Feed,
        store: FeedStore,
        quarantine: QuarantineStore,
        policy: Policy,
        verify: Verify,
        *,
        clock: Clock,
        chance: Chance,
        observer: Observer,
        pace: Pace = PACE,
        chunk_size: ChunkSize = CHUNK_SIZE,
        tracer: Tracer = UNTRACED,
    ) -> None:
        self._feed = feed
        self._store = store
        self._policy = policy
        self._verify = verify
        self._clock = clock
        self._observer = observer
        self._chunk_size = chunk_size
        self._tracer = tracer
        self._rejecting = Rejecting(quarantine, observer, clock, policy.log.name)
        self._bodies = BodyReader(
            feed,
            store,
            self._rejecting,
            clock,
            observer,
            policy.log.name,
            Waiting(pace, chance),
        )
        self._waiting = Waiting(pace, chance)
        self._hints = Hints(feed, Waiting(pace, chance), clock, observer)
        self._is_halted = False
        self._compared: WitnessHead | None = None
        self._size = 0

    async def run(self) -> None:
        """Read until cancelled.

        Raises:
            Unavailable: the database is away; start again.
        """
        async with self._hints.listening():
            while True:
                seconds = await self.look()
                if self._waiting.failures:
                    # While it fails, its hints are vain.
                    await self._clock.sleep(seconds)
                else:
                    await self._hints.wait(seconds)

    async def look(self) -> float:
        """Look once whether the log has news, and take in what one step takes.

        Gives the seconds to wait before the next look; 0 if there is more.
        """
        with self._tracer.span("ingest.round") as span:
            wait = await self._round()
            span.note(size=self._size, failures=self._waiting.failures)
            return wait

    async def _round(self) -> float:
        failures = self._waiting.failures
        try:
            is_more = await self._look()
        except FeedAway as error:
            return self._away(error, error.retry_after_s)
        except FeedRefused as error:
            return self._away(error, None)
        except Rejected as error:
            await self._rejecting.keep(error.rejection)
            return self._waiting.after_failure()
        except Malformed as error:
            await self._rejecting.keep(rejected_answer(error))
            return self._waiting.after_failure()
        if failures:
            self._observer.tell("ingest.back", size=self._size)
        wait = self._waiting.after_success()
        return 0.0 if is_more else wait

    async def _look(self) -> bool:
        if await self._halted():
            return False
        async with self._store.reading(self._policy.log.name) as is_ours:
            return is_ours and await self._read()

    async def _halted(self) -> bool:
        was, self._is_halted = self._is_halted, await self._rejecting.is_halted()
        if self._is_halted and not was:
            self._observer.tell("ingest.halted", Weight.ALERT, log=self._policy.log.name)
        return self._is_halted

    async def _read(self) -> bool:
        """Take in one chunk, or nothing; whether there is more."""
        log = self._policy.log.name
        head = await self._store.head(log) or _beginning(log)
        self._size = head.size
        witness = await self._store.witness_head(log)
        served = read_served(await self._feed.checkpoint(), self._policy, self._verify)
        self._hints.heard(served.head.size)
        held = waypoints(head, witness)
        require_same_root(served, held)
        if served.head.size < head.promised.size:
            raise await self._behind(head, served)
        await self._compare(head, served, witness)
        if served.head.size > head.size:
            await self._take(head, served, held, witness)
            await self._vouch(served, witness)
            return True
        await self._store.heard(log, self._clock.now())
        await self._vouch(served, witness)
        return await self._bodies.read(head)

    async def _behind(self, head: FeedHead, served: Witnessed) -> Rejected:
        """An older checkpoint: a replay, or a fork if we know another root of that size."""
        kept = Waypoint(head.promised, head.note, KEPT_CHECKPOINT)
        size = served.head.size
        if size <= head.size and await self._root_at(size) != served.head.root:
            return fork(served, kept)
        return Rejected(
            Rejection(
                "rollback",
                f"a checkpoint of {size} entries after one of {head.promised.size}",
                {CHECKPOINT: served.checkpoint.data, KEPT_CHECKPOINT: head.note},
                size=size,
            )
        )

    async def _compare(
        self, head: FeedHead, served: Witnessed, witness: WitnessHead | None
    ) -> None:
        """Refuse what our own witness knows otherwise, of entries that were accepted before."""
        if witness is None or witness == self._compared or witness.head.size > head.size:
            return
        if await self._root_at(witness.head.size) != witness.head.root:
            held = waypoints(head, witness)
            raise fork(served, held[-1])

    async def _take(
        self, head: FeedHead, served: Witnessed, held: list[Waypoint], witness: WitnessHead | None
    ) -> None:
        began = self._clock.monotonic()
        chunk = await fetch_chunk(self._feed, head.size, served.head.size, self._chunk_size)
        with self._tracer.span("ingest.verify", first=head.size, promised=served.head.size):
            fetched = self._clock.monotonic()
            proved = await Prover(self._feed, self._clock, served, held).prove(head, chunk)
            verified_s = self._clock.monotonic() - fetched
        vouched = _vouched(served, witness, proved)
        # Before newer signals come with their times, so that no signal has an earlier one than
        # those before it; what is accepted is the beginning of all that was vouched for.
        for size, cosigned_s in vouched:
            await self._store.vouched(served.head.origin, min(size, head.size), cosigned_s, None)
        story = await follow(chunk, served, _official(vouched), self._store, self._clock)
        batch = Batch(
            start=head.size,
            frontier=proved.frontier,
            promised=served.head,
            note=served.checkpoint.data,
            cosigned_s=served.witnessed_at_s,
            tiles=proved.grown.changed,
            story=story,
        )
        if await self._store.accept(head, batch, self._clock.now()):
            self._size = batch.size
            self._observer.tell(
                "ingest.accepted",
                size=batch.size,
                entries=batch.size - batch.start,
                events=len(story.events),
                behind=served.head.size - batch.size,
                verified_s=round(verified_s, 6),
                took_s=round(self._clock.monotonic() - began, 6),
            )

    async def _vouch(self, served: Witnessed, witness: WitnessHead | None) -> None:
        """Write down what witnesses vouch for, of what is accepted."""
        log = self._policy.log.name
        newest = await self._store.checkpoint()
        time_s = served.witnessed_at_s
        if (
            newest is not None
            and newest.size == served.head.size
            and time_s is not None
            and (newest.cosigned_s is None or time_s < newest.cosigned_s)
        ):
            await self._store.vouched(log, newest.size, time_s, served.checkpoint.data)
        if witness is not None and witness != self._compared and witness.head.size <= self._size:
            await self._store.vouched(log, witness.head.size, witness.cosigned_s, None)
            self._compared = witness

    async def _root_at(self, size: int) -> bytes:
        """The root over the first entries, from the stored tiles."""
        plan = plan_frontier(size)
        stored = await self._store.tiles(plan.tiles)
        hashes = {tile: read_tile(tile, data) for tile, data in stored.items()}
        return Frontier(size, plan.fold(hashes)).root()

    def _away(self, error: FeedError, retry_after_s: float | None) -> float:
        if not self._waiting.failures:
            self._observer.tell("ingest.away", Weight.WARNING, problem=str(error))
        return self._waiting.after_failure(retry_after_s)


def _beginning(log: str) -> FeedHead:
    return FeedHead(Frontier(), Head(log, 0, EMPTY_ROOT), b"", NO_EDGE)


def _vouched(
    served: Witnessed, witness: WitnessHead | None, proved: Proved
) -> tuple[tuple[int, int], ...]:
    """Sizes of what was proved, each with a time at which a witness vouched for it."""
    vouched = []
    if served.witnessed_at_s is not None:
        vouched.append((served.head.size, served.witnessed_at_s))
    if witness is not None and witness.head.size <= proved.frontier.size:
        vouched.append((witness.head.size, witness.cosigned_s))
    return tuple(vouched)


def _official(vouched: tuple[tuple[int, int], ...]) -> OfficialTime:
    return lambda index: min((at_s for size, at_s in vouched if index < size), default=None)
