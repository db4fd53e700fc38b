"""A cycle's decisions, made by shards on other processes within a deadline.

The coordinator sends each shard what is new of its symbols and puts the replies together. A worker
that fails is replaced inside the deadline: by another one, which is sent a snapshot, or by this
process. A shard that is late is dropped, and its symbols miss this one cycle; the next cycle they
are decided here, so that no symbol ever misses two in a row. A worker with a late step under way is
asked for nothing else until that has come to its end: steps are never queued.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.engine.ended import ended
from argo_core.engine.picture import Decision, Picture
from argo_core.engine.shards.placing import placed
from argo_core.engine.shards.shard import Asked, Shard, Terms
from argo_core.engine.shards.wire import Order, Reply, decode, encode
from argo_core.errors import InvalidInput, WorkerLost
from argo_core.events import ShardMissed, ShardMoved, WorkersChanged
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock, Observer, StepWorkers

MOST_SHARDS = 1_000


@frozen
class Sharding:
    """Have `shards` slices of the symbols decided by `workers`, given up after `deadline_s`.

    The deadline is in seconds on the wall, of each cycle. `run` names this coordinator among all
    that use the same workers, and `code` what they have to run as well.
    """

    workers: StepWorkers
    run: str
    code: str
    shards: int = field(default=8)
    deadline_s: float = field(default=1.0)

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.shards <= MOST_SHARDS:
            fix = f"give 1 to {MOST_SHARDS}"
            raise InvalidInput("shards", f"{self.shards} is no number of shards", fix)
        if not 0 < self.deadline_s <= 60:  # noqa: PLR2004 - a minute is longer than any beat
            problem = f"{self.deadline_s} s is no deadline"
            raise InvalidInput("deadline_s", problem, "give more than 0 and at most 60")


@frozen
class Round:
    """What came of one cycle: a decision for every symbol but for the `missed` ones."""

    decisions: tuple[Decision, ...]
    missed: tuple[Symbol, ...] = ()


@frozen
class _Taken:
    """A step that `worker` took, or this process if there is none."""

    decisions: tuple[Decision, ...]
    worker: str = ""
    asked: Asked | None = None


class Shards:
    """Give it a cycle's pictures, and say when the record has taken the decisions."""

    def __init__(
        self,
        sharding: Sharding,
        symbols: Sequence[Symbol],
        profile: Profile,
        strategy: str,
        *,
        clock: Clock,
        observer: Observer,
    ) -> None:
        terms = Terms(sharding.code, sharding.run, profile, strategy)
        ordered = sorted(symbols)
        count = min(sharding.shards, len(ordered))
        self._shards = [Shard(one, ordered[one::count], terms) for one in range(count)]
        self._sharding = sharding
        self._clock = clock
        self._observer = observer
        self._places: Mapping[int, str] = {}
        # Whom each shard's step of this round was asked of last.
        self._asking: dict[int, str] = {}
        self._late: dict[asyncio.Task[_Taken], tuple[Shard, str]] = {}
        self._refused: set[str] = set()
        self._used: list[Shard] = []
        self._workers: tuple[str, ...] | None = None
        self._round = 0

    @property
    def places(self) -> Mapping[int, str]:
        """Which worker has which shard; one without a place is decided here."""
        return dict(self._places)

    @property
    def stuck(self) -> frozenset[str]:
        """Workers that have not come to the end of a late step."""
        return frozenset(worker for _, worker in self._late.values())

    async def decide(self, pictures: Sequence[Picture], now: datetime) -> Round:
        """A decision for every picture in its order, but for those that are missed."""
        if not self._shards:
            return Round(())
        self._round += 1
        self._used, self._asking = [], {}
        self._end_late()
        workers = self._usable(now)
        by_symbol = {one.instrument.symbol: one for one in pictures}
        failed = pictures[0].basis.failed if pictures else frozenset[SourceName]()
        self._place(workers, now)
        tasks: dict[asyncio.Task[_Taken], Shard] = {}
        for shard in self._shards:
            its_own = [by_symbol[symbol] for symbol in shard.symbols]
            worker = "" if shard.missed else self._places.get(shard.number, "")
            job = self._taken(shard, worker, its_own, failed, now)
            tasks[asyncio.create_task(job, name=f"shard {shard.number}")] = shard
        try:
            async with self._clock.timeout(self._sharding.deadline_s):
                await asyncio.wait(tasks)
        except TimeoutError:
            pass
        except asyncio.CancelledError:
            self._late |= {task: (shard, "") for task, shard in tasks.items() if not task.done()}
            raise
        self._round += 1
        return self._together(tasks, pictures, now)

    def settled(self) -> None:
        """The record has taken the decisions of the last round."""
        for shard in self._used:
            shard.settled()
        self._used = []

    async def stop(self) -> None:
        """Wait for nobody any more."""
        tasks = tuple(self._late)
        for task in tasks:
            task.cancel()
        await ended(tasks, self._clock)
        self._late = {}

    def _usable(self, now: datetime) -> list[str]:
        """Workers that are there, and may be asked."""
        names = self._sharding.workers.names
        if names != self._workers:
            self._workers = names
            self._refused &= set(names)
            self._observer.notice(WorkersChanged(now, len(names)))
        return [name for name in names if name not in self.stuck | self._refused]

    def _place(self, workers: Sequence[str], now: datetime) -> None:
        before = self._places
        self._places = placed([one.number for one in self._shards], before, workers)
        for shard in self._shards:
            was, is_now = before.get(shard.number, ""), self._places.get(shard.number, "")
            if was != is_now:
                shard.forget()
                if was:
                    self._moved(shard, was, is_now, "the workers are others", now)

    async def _taken(
        self,
        shard: Shard,
        worker: str,
        pictures: Sequence[Picture],
        failed: frozenset[SourceName],
        now: datetime,
    ) -> _Taken:
        """The step taken by the worker, by another one if it is lost, or else here."""
        mine, problem = self._round, ""
        tried: set[str] = set()
        while worker:
            tried.add(worker)
            self._asking[shard.number] = worker
            asked, order = shard.order(pictures, failed, now)
            try:
                taken = await self._asked(worker, asked, order)
                if taken is None and order.whole is None and mine == self._round:
                    # It has forgotten the state, or was started anew under its old name.
                    shard.forget()
                    asked, order = shard.order(pictures, failed, now)
                    taken = await self._asked(worker, asked, order)
                problem = "it did not answer what it was asked"
            except WorkerLost as error:
                taken, problem = None, error.problem
            if taken is not None or mine != self._round:
                # Once nobody waits for it any more, nothing else is tried.
                return taken or _Taken(())
            shard.forget()
            before, worker = worker, self._another(tried)
            self._moved(shard, before, worker, problem, self._clock.now())
        return _Taken(shard.home(pictures, now))

    async def _asked(self, worker: str, asked: Asked, order: Order) -> _Taken | None:
        """The worker's step; None if it does not have the state.

        Raises:
            WorkerLost: it did not take the step.
        """
        try:
            reply = decode(await self._sharding.workers.step(worker, encode(order)), Reply)
            decisions = asked.decisions(reply) if reply.number == asked.number else None
        except WorkerLost:
            raise
        except Exception as error:
            # A bug of an adapter costs us that worker, as one of a vendor's costs that source.
            raise WorkerLost(worker, f"{type(error).__name__}: {error}"[:200]) from error
        if reply.problem:
            self._refused.add(worker)
            raise WorkerLost(worker, reply.problem)
        if reply.lost or decisions is None:
            return None
        return _Taken(decisions, worker, asked)

    def _another(self, tried: set[str]) -> str:
        """A worker that may be asked and was not tried for this step, the least busy one."""
        names = self._sharding.workers.names
        busy = [*self._places.values()]
        usable = [one for one in names if one not in tried | self.stuck | self._refused]
        return min(usable, key=lambda one: (busy.count(one), one), default="")

    def _together(
        self,
        tasks: Mapping[asyncio.Task[_Taken], Shard],
        pictures: Sequence[Picture],
        now: datetime,
    ) -> Round:
        found: dict[Symbol, Decision] = {}
        missed: list[Symbol] = []
        for task, shard in tasks.items():
            if not task.done():
                worker = self._asking[shard.number]
                self._late[task] = shard, worker
                self._places = {**self._places, shard.number: worker}
                shard.missed = True
                missed += shard.symbols
                count = len(shard.symbols)
                self._observer.notice(ShardMissed(now, shard.number, worker, count))
                continue
            shard.missed = False
            taken = task.result()
            self._took(shard, taken)
            if taken.asked is not None:
                self._used.append(shard)
            found |= {one.symbol: one for one in taken.decisions}
        decisions = (found.get(one.instrument.symbol) for one in pictures)
        return Round(tuple(filter(None, decisions)), tuple(missed))

    def _took(self, shard: Shard, taken: _Taken) -> None:
        """Remember what the worker of a step holds."""
        if taken.asked is not None:
            shard.holds(taken.asked, taken.decisions)
            self._places = {**self._places, shard.number: taken.worker}

    def _end_late(self) -> None:
        """Look after the steps that were late: what is done, or was lost with its worker."""
        names = self._sharding.workers.names
        for task, (shard, worker) in tuple(self._late.items()):
            if task.done():
                del self._late[task]
                # What it said is worth nothing any more, but what the worker knows now is.
                if not task.cancelled() and worker == self._places.get(shard.number):
                    self._took(shard, task.result())
            elif worker not in names:
                task.cancel()

    def _moved(self, shard: Shard, before: str, after: str, why: str, now: datetime) -> None:
        self._observer.notice(ShardMoved(now, shard.number, before, after, why))
