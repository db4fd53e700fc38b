"""Many runs on the same bars, over any executor, with the same results whichever it is.

Threads by default: the compiled step lets go of the interpreter, so they do run side by side where
numba is there. A pool of processes and `dask.distributed`'s `Client.get_executor()` do as well.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ThreadPoolExecutor,
    wait,
)
from contextlib import nullcontext
from typing import Any, TypeAlias

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.research.batch import failed, run_batch
from argo_core.backtest.research.case import Case, Failed, Ran
from argo_core.backtest.trading import Progress
from argo_core.errors import InvalidInput

BATCH = 20
"""So many runs make a task: fewer, and handing it over takes longer than doing it."""

BEAT_S = 0.5
"""Progress is told at least so often, whether there was any or not."""

HandOver: TypeAlias = Callable[[Panel], Any]
Results: TypeAlias = tuple[Ran | Failed, ...]


def sweep(
    panel: Panel,
    cases: Sequence[Case],
    executor: Executor | None = None,
    *,
    batch: int = BATCH,
    hand_over: HandOver | None = None,
    progress: Progress | None = None,
) -> Results:
    """What came of every case, in the order given.

    `batch` cases are a task; those that share one strategy object are put together, so that what
    it says is computed once for all their plans. Without an executor there is a pool of threads as
    long as it takes. `hand_over` gives what a task gets for the panel, where the executor has a way
    to send it once and not with every task: `client.scatter` with Dask.

    `progress` is told how many cases are done, and of how many, twice a second or more often. What
    it raises ends the sweep: no other task is begun, and those that run come to their end before
    this returns (a task that Dask's workers run already is forgotten instead). A case that fails is
    a `Failed` in its place, and the others go on.

    Raises:
        InvalidInput: a batch of none.
    """
    if batch < 1:
        raise InvalidInput("batch", f"{batch} runs", "give 1 or more")
    results: list[Ran | Failed | None] = [None] * len(cases)
    # A pool that was given is its owner's to close.
    with ThreadPoolExecutor() if executor is None else nullcontext(executor) as pool:
        handed = panel if hand_over is None else hand_over(panel)
        tasks: dict[Future[Results], list[int]] = {}
        try:
            for places in _together(cases, batch):
                tasks[_submitted(pool, handed, [cases[place] for place in places])] = places
            _gather(tasks, cases, results, progress)
        finally:
            wait([task for task in tasks if not task.cancel()])
    return tuple(result for result in results if result is not None)


def _together(cases: Sequence[Case], batch: int) -> list[list[int]]:
    """Places of cases by tasks; those with one strategy and one range side by side."""
    first: dict[int, int] = {}
    for place, case in enumerate(cases):
        first.setdefault(id(case.strategy), place)

    def beside(place: int) -> tuple[int, int, int]:
        case = cases[place]
        return first[id(case.strategy)], case.begin, -1 if case.end is None else case.end

    order = sorted(range(len(cases)), key=beside)
    return [order[begin : begin + batch] for begin in range(0, len(order), batch)]


def _submitted(pool: Executor, handed: Any, cases: list[Case]) -> Future[Results]:
    try:
        return pool.submit(run_batch, handed, cases)
    except BrokenExecutor as error:
        # One of its processes has died, and what was to come after is lost as well.
        lost: Future[Results] = Future()
        lost.set_exception(error)
        return lost


def _gather(
    tasks: dict[Future[Results], list[int]],
    cases: Sequence[Case],
    results: list[Ran | Failed | None],
    progress: Progress | None,
) -> None:
    pending, done = set(tasks), 0
    while pending:
        if progress is not None:
            progress(done, len(cases))
        finished, pending = wait(pending, timeout=BEAT_S, return_when=FIRST_COMPLETED)
        for task in finished:
            places = tasks[task]
            for place, result in zip(places, _came_of(task, cases, places), strict=True):
                results[place] = result
            done += len(places)
    if progress is not None:
        progress(done, len(cases))


def _came_of(task: Future[Results], cases: Sequence[Case], places: Sequence[int]) -> Results:
    """A task that was lost as a whole, as with a process that died, is a failure of its cases."""
    try:
        return task.result()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        return tuple(failed(cases[place], error) for place in places)
