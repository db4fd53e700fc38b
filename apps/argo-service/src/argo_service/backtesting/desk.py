"""Where backtests are asked for: who waits, who runs, what is told of each, and what is kept."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

from attrs import define, field, frozen

from argo_core.errors import ArgoError, InvalidInput
from argo_core.ports import Clock
from argo_service.api.errors import Crowded, NotThere, TooManyRequests
from argo_service.backtesting.bounds import Bounds
from argo_service.backtesting.catalogue import Catalogue
from argo_service.backtesting.dataset import Dataset
from argo_service.backtesting.request import Asked
from argo_service.backtesting.run import Problem, Progress, Run, State
from argo_service.backtesting.shelf import REPORT, Shelf
from argo_service.backtesting.worker_process import COMMAND, carried_out
from argo_service.errors import WorkerFailed

MOST_FAILED: Final = 100
_ID_DIGITS: Final = 32
_RETRY_S: Final = 5.0
_LOGGER: Final = logging.getLogger("argo.backtests")

Done = TypeVar("Done")


@define(eq=False)
class _Job:
    """A run, who carries it out, and how listeners learn that it went on."""

    run: Run
    task: "asyncio.Task[None] | None" = None
    news: asyncio.Event = field(factory=asyncio.Event)

    def step(self, **changed: Any) -> None:
        self.run = self.run.now(**changed)
        news, self.news = self.news, asyncio.Event()
        news.set()


@frozen
class Workplace:
    """What a desk needs: results are put on `shelf`, data come from `catalogue`.

    `code` names the program, so that another one does not answer with this one's results. Workers
    are begun by `command` and write the trials that they make to `trials`, None for nowhere.
    """

    shelf: Shelf
    catalogue: Catalogue
    bounds: Bounds
    clock: Clock
    code: str
    trials: Path | None = None
    command: Sequence[str] = COMMAND


class Desk:
    """Backtests of all callers. `open` it, then run `run` beside it until it is cancelled."""

    def __init__(self, place: Workplace) -> None:
        self._place = place
        self._jobs: dict[str, _Job] = {}
        self._queue: asyncio.Queue[_Job] = asyncio.Queue()
        self._closed = False

    async def open(self) -> None:
        """Find the results of earlier; what was not finished then is gone.

        Raises:
            CannotWrite: the results' folder cannot be used.
        """
        for run in await asyncio.to_thread(self._place.shelf.open):
            self._jobs[run.id] = _Job(run)

    async def run(self) -> None:
        """Carry out what was asked for, until cancelled; then no worker is left."""
        async with asyncio.TaskGroup() as group:
            for _ in range(self._place.bounds.running):
                group.create_task(self._serve())

    def close(self) -> None:
        """Let everybody who follows a run come to an end."""
        self._closed = True
        for job in self._jobs.values():
            job.step()

    async def datasets(self) -> tuple[Dataset, ...]:
        """All that can be asked for."""
        return await asyncio.to_thread(self._place.catalogue.all)

    async def ask(self, asked: Asked, owner: str) -> Run:
        """The run that this is, begun if it was not; the same asked for twice is one run.

        Raises:
            InvalidInput: there is no such data set, or it is too much at once.
            TooManyRequests: this caller has enough waiting.
            Crowded: there is no place left.
        """
        place = self._place
        found = await asyncio.to_thread(place.catalogue.find, asked.dataset)
        bars = found.estimate(asked)
        if bars > place.bounds.bars:
            problem = f"about {bars:,} bars are too much at once"
            fix = f"ask for {place.bounds.bars:,} at most: name fewer symbols, or a shorter range"
            raise InvalidInput("symbols", problem, fix)
        run_id = self._named(asked, found, owner)
        known = self._jobs.get(run_id)
        if known is not None and known.run.state is not State.FAILED:
            return known.run
        self._make_place(owner)
        now = place.clock.now()
        # A failure is no result: whoever asks again may have better luck.
        self._jobs.pop(run_id, None)
        job = _Job(Run(id=run_id, owner=owner, asked=asked, asked_at=now, bars=bars))
        self._jobs[run_id] = job
        self._queue.put_nowait(job)
        return job.run

    def find(self, run_id: str, owner: str) -> Run:
        """What became of a run.

        Raises:
            NotThere: this caller has none of that id.
        """
        return self._job(run_id, owner).run

    def all(self, owner: str) -> list[Run]:
        """Every run of that caller, newest first."""
        found = [job.run for job in self._jobs.values() if job.run.owner == owner]
        return sorted(found, key=lambda run: (run.asked_at, run.id), reverse=True)

    async def part(self, run_id: str, owner: str, name: str) -> bytes:
        """A file of a result.

        Raises:
            NotThere: there is no such run, or no such file of it.
        """
        run = self._job(run_id, owner).run
        if run.state is not State.DONE:
            raise NotThere(f"there is no result: it is {run.state.value}")
        body = await asyncio.to_thread(self._place.shelf.file, run_id, name)
        if body is None:
            # Without the library that draws them there are no charts, and so no page.
            why = "; install argo-core[backtest] for charts" if name == REPORT else ""
            raise NotThere(f"this result has no {name}{why}")
        return body

    async def follow(self, run_id: str, owner: str) -> AsyncGenerator[Run, None]:
        """The run as it is now, and whenever it has gone on, until it is over.

        Raises:
            NotThere: this caller has none of that id.
        """
        job, told = self._job(run_id, owner), -1
        while True:
            # Taken before looking, so that what comes in between is not missed.
            news, run = job.news, job.run
            if run.version > told and not self._closed:
                told = run.version
                yield run
            if run.is_over or self._closed:
                return
            await news.wait()

    async def cancel(self, run_id: str, owner: str) -> None:
        """End it and forget it, with its result if there is one.

        Raises:
            NotThere: this caller has none of that id.
        """
        job = self._job(run_id, owner)
        del self._jobs[run_id]
        job.step(state=State.CANCELLED, progress=Progress("cancelled"))
        if job.task is not None:
            job.task.cancel()
            await asyncio.wait({job.task})
        # Asked for again meanwhile, it has begun anew in the same folder.
        if run_id not in self._jobs:
            await asyncio.to_thread(self._place.shelf.drop, run_id)

    def _named(self, asked: Asked, found: Dataset, owner: str) -> str:
        return asked.named(found.stamp, self._place.code, owner)[:_ID_DIGITS]

    def _job(self, run_id: str, owner: str) -> _Job:
        job = self._jobs.get(run_id)
        if job is None or job.run.owner != owner:
            raise NotThere(f"you have no backtest {run_id[:40]}")
        return job

    def _make_place(self, owner: str) -> None:
        bounds = self._place.bounds
        runs = [job.run for job in self._jobs.values()]
        waiting = [run.owner for run in runs if run.state is State.WAITING]
        if waiting.count(owner) >= bounds.waiting_each:
            problem = f"{bounds.waiting_each} backtests of one caller may wait at a time"
            raise TooManyRequests(problem, _RETRY_S)
        if len(waiting) >= bounds.waiting:
            raise Crowded(f"all {bounds.waiting} places for backtests that wait are taken")
        failed = [run.id for run in runs if run.state is State.FAILED]
        for run_id in failed[: max(0, len(failed) - MOST_FAILED)]:
            del self._jobs[run_id]

    async def _serve(self) -> None:
        while True:
            job = await self._queue.get()
            if job.run.state is State.WAITING:
                # Whoever cancels a run cancels that task, and this one goes on.
                async with asyncio.TaskGroup() as group:
                    job.task = group.create_task(self._carry_out(job))

    async def _carry_out(self, job: _Job) -> None:
        shelf, run_id = self._place.shelf, job.run.id
        job.step(state=State.RUNNING, progress=Progress("starting"))
        try:
            await self._worked(job)
        except ArgoError as error:
            _LOGGER.warning("backtest %s failed: %s", run_id, error)
            await asyncio.to_thread(shelf.drop, run_id)
            job.step(state=State.FAILED, problem=_problem(error), progress=Progress("failed"))
        except asyncio.CancelledError:
            # Here, before the place is free, for the same may be asked for at once.
            await asyncio.to_thread(shelf.drop, run_id)
            raise
        # Not inside: a stop while there is tidying must not take the result along.
        await self._tidy(keep=run_id)

    async def _tidy(self, keep: str) -> None:
        shelf = self._place.shelf
        for run_id in await asyncio.to_thread(shelf.surplus):
            if run_id != keep:
                self._jobs.pop(run_id, None)
                await asyncio.to_thread(shelf.drop, run_id)

    async def _worked(self, job: _Job) -> None:
        place = self._place
        part = await _surely(place.shelf.begin, job.run.id)
        found = await asyncio.to_thread(place.catalogue.find, job.run.asked.dataset)
        # Its id says which bars it is of, and stands for them from now on.
        if self._named(job.run.asked, found, job.run.owner) != job.run.id:
            raise InvalidInput("dataset", "its bars have changed since", "ask again")
        order = {
            "asked": job.run.asked.told(),
            "folder": place.catalogue.folder_text,
            "stamp": found.stamp,
            "into": str(part),
            "trials": None if place.trials is None else str(place.trials),
            "bars": place.bounds.bars,
            "memory_mb": place.bounds.memory_mb,
            "seconds": place.bounds.seconds,
        }
        finished = await carried_out(
            order,
            lambda progress: job.step(progress=progress),
            clock=place.clock,
            seconds=place.bounds.seconds,
            command=place.command,
        )
        done = {"state": State.DONE, "progress": Progress("done", 1, 1)}
        await _surely(place.shelf.finish, job.run.now(result_sha256=finished.result_sha256, **done))
        job.step(result_sha256=finished.result_sha256, **done)


async def _surely(work: Callable[..., Done], *arguments: Any) -> Done:
    """What `work` gives in a thread; who is cancelled waits for it to end, for threads go on."""
    working = asyncio.ensure_future(asyncio.to_thread(work, *arguments))
    try:
        return await asyncio.shield(working)
    finally:
        if not working.done():
            await asyncio.wait({working})


def _problem(error: ArgoError) -> Problem:
    if isinstance(error, InvalidInput):
        return Problem(error.problem, error.field, error.fix)
    if isinstance(error, WorkerFailed):
        return Problem(str(error))
    # What the disk had against it may name folders, which is for the log.
    return Problem("the result could not be kept; the service's log says why")
