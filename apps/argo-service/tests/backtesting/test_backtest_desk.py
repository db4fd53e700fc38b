"""Who waits, who runs, what is kept, and that nothing is left behind."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest
from attrs import evolve, frozen

from argo_adapters.clocks.system import SystemClock
from argo_core.errors import InvalidInput
from argo_service.api.errors import Crowded, NotThere, TooManyRequests
from argo_service.backtesting.bounds import Bounds
from argo_service.backtesting.dataset import Dataset, Kind
from argo_service.backtesting.desk import Desk, Workplace
from argo_service.backtesting.request import Asked, read_asked
from argo_service.backtesting.run import Run, State
from argo_service.backtesting.shelf import Shelf

WORKER = Path(__file__).with_name("stand_in_worker.py")


@frozen
class Known:
    """A catalogue of one data set."""

    bars: int = 1_000
    stamp: str = "one"
    folder_text: str | None = None

    def all(self) -> tuple[Dataset, ...]:
        one = Dataset(
            name="days", kind=Kind.PARQUET, stamp=self.stamp, symbols=10, times=self.bars // 10
        )
        return (one,)

    def find(self, name: str) -> Dataset:
        return self.all()[0]


def asked(**more: object) -> Asked:
    return read_asked(more, dataset="days", strategy="sma-cross")


@asynccontextmanager
async def at_work(
    folder: Path, wish: str = "finish", *, catalogue: Any = Known(), **bounds: Any
) -> AsyncIterator[Desk]:
    limits = Bounds(**bounds)
    desk = Desk(
        Workplace(
            shelf=Shelf(folder / "results", limits.kept, limits.kept_mb),
            catalogue=catalogue,
            bounds=limits,
            clock=SystemClock(),
            code="c0de",
            command=(sys.executable, str(WORKER), wish),
        )
    )
    await desk.open()
    running = asyncio.create_task(desk.run())
    try:
        yield desk
    finally:
        desk.close()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def over(desk: Desk, run: Run) -> Run:
    async with asyncio.timeout(30):
        steps = [step async for step in desk.follow(run.id, run.owner)]
    assert steps[-1].is_over
    return steps[-1]


async def until(desk: Desk, run: Run, reached: Callable[[Run], bool]) -> Run:
    async with asyncio.timeout(30):
        async for step in desk.follow(run.id, run.owner):
            if reached(step):
                return step
    raise AssertionError("it ended before")


def is_trading(run: Run) -> bool:
    return run.progress.stage == "trading"


def left(folder: Path) -> list[str]:
    results = folder / "results"
    return sorted(one.name for one in results.iterdir()) if results.exists() else []


async def test_what_is_asked_for_runs_and_its_files_are_had(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        run = await desk.ask(asked(), "ann")
        assert (run.state, run.bars) == (State.WAITING, 1_000)
        done = await over(desk, run)
        assert (done.state, done.result_sha256) == (State.DONE, "ab" * 32)
        assert json.loads(await desk.part(run.id, "ann", "result.json")) == {"told": "sma-cross"}
        with pytest.raises(NotThere, match=r"no other\.txt"):
            await desk.part(run.id, "ann", "other.txt")
    assert left(tmp_path) == [run.id]


async def test_a_result_without_a_page_says_what_charts_need(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        run = await over(desk, await desk.ask(asked(), ""))
        page = tmp_path / "results" / run.id / "report.html"
        await asyncio.to_thread(page.unlink)
        with pytest.raises(NotThere, match="argo-core"):
            await desk.part(run.id, "", "report.html")


async def test_progress_is_told_on_the_way(tmp_path: Path) -> None:
    async with at_work(tmp_path, "wait") as desk:
        run = await desk.ask(asked(), "")
        step = await until(desk, run, is_trading)
        assert (step.progress.done, step.progress.total) == (1, 4)
        assert step.state is State.RUNNING
        await asyncio.to_thread((tmp_path / "go").touch)
        assert (await over(desk, run)).state is State.DONE


async def test_the_same_asked_for_twice_is_one_run(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        first = await desk.ask(asked(capital="100000"), "ann")
        await over(desk, first)
        again = await desk.ask(asked(capital=100_000.00), "ann")
        assert (again.id, again.state) == (first.id, State.DONE)
        assert len(desk.all("ann")) == 1


@pytest.mark.parametrize(
    "other",
    [{"capital": "100001"}, {"start": "2024-01-02"}, {"parameters": {"fast": 9}}],
)
async def test_another_request_is_another_run(tmp_path: Path, other: dict[str, object]) -> None:
    async with at_work(tmp_path) as desk:
        assert (await desk.ask(asked(), "")).id != (await desk.ask(asked(**other), "")).id


async def test_other_data_under_the_same_name_are_another_run(tmp_path: Path) -> None:
    ids = []
    for stamp in ("one", "two"):
        async with at_work(tmp_path, catalogue=Known(stamp=stamp)) as desk:
            ids.append((await desk.ask(asked(), "")).id)
    assert ids[0] != ids[1]


async def test_data_that_change_before_a_run_begins_end_it(tmp_path: Path) -> None:
    class Changing(Known):
        def find(self, name: str) -> Dataset:
            stamps.append("another")
            return evolve(super().find(name), stamp=stamps[0] if len(stamps) == 2 else stamps[-1])

    stamps = ["one"]
    async with at_work(tmp_path, catalogue=Changing()) as desk:
        end = await over(desk, await desk.ask(asked(), ""))
        assert (end.state, end.problem and end.problem.field) == (State.FAILED, "dataset")
    assert left(tmp_path) == []


async def test_everybody_sees_their_own_alone(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        ann, bob = await desk.ask(asked(), "ann"), await desk.ask(asked(), "bob")
        assert ann.id != bob.id
        assert [run.id for run in desk.all("ann")] == [ann.id]
        with pytest.raises(NotThere):
            desk.find(ann.id, "bob")
        with pytest.raises(NotThere):
            await desk.part(ann.id, "bob", "result.json")
        with pytest.raises(NotThere):
            await desk.cancel(ann.id, "bob")
        assert (await over(desk, ann)).state is State.DONE


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("die", "ended by signal 9"),
        ("end", "ended with code 3 and without a result"),
        ("fail", "more memory than 512 MB"),
        ("refuse", "there are no bars"),
    ],
)
async def test_a_worker_that_fails_is_a_clear_failure_and_leaves_nothing(
    tmp_path: Path, wish: str, said: str
) -> None:
    async with at_work(tmp_path, wish) as desk:
        run = await over(desk, await desk.ask(asked(), ""))
        assert run.state is State.FAILED
        assert run.problem is not None
        assert said in run.problem.detail
        assert run.problem.field == ("start" if wish == "refuse" else None)
        with pytest.raises(NotThere, match="it is failed"):
            await desk.part(run.id, "", "result.json")
    assert left(tmp_path) == []


async def test_what_has_failed_may_be_asked_for_again(tmp_path: Path) -> None:
    async with at_work(tmp_path, "end") as desk:
        run = await over(desk, await desk.ask(asked(), ""))
        again = await desk.ask(asked(), "")
        assert (again.id, again.state) == (run.id, State.WAITING)
        assert (await over(desk, again)).state is State.FAILED


async def test_a_worker_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    async with at_work(tmp_path, "hang", seconds=0.5) as desk:
        run = await over(desk, await desk.ask(asked(), ""))
        assert run.problem is not None
        assert "longer than 0.5 s" in run.problem.detail
    assert left(tmp_path) == []
    assert workers() == []


async def test_a_killed_worker_does_not_end_the_desk(tmp_path: Path) -> None:
    async with at_work(tmp_path, "wait") as desk:
        run = await desk.ask(asked(), "")
        await until(desk, run, is_trading)
        (pid,) = await asyncio.to_thread(workers)
        os.kill(pid, signal.SIGKILL)
        assert (await over(desk, run)).state is State.FAILED
        await asyncio.to_thread((tmp_path / "go").touch)
        assert (await over(desk, await desk.ask(asked(), ""))).state is State.DONE


async def test_a_cancelled_run_leaves_nothing_behind(tmp_path: Path) -> None:
    async with at_work(tmp_path, "hang") as desk:
        run = await desk.ask(asked(), "")
        await until(desk, run, is_trading)
        following = asyncio.create_task(over(desk, run))
        await asyncio.sleep(0)  # noqa: TID251 - so that it listens
        await desk.cancel(run.id, "")
        assert (await following).state is State.CANCELLED
        assert await asyncio.to_thread(workers) == []
        assert await asyncio.to_thread(left, tmp_path) == []
        with pytest.raises(NotThere):
            desk.find(run.id, "")


async def test_cancelled_while_it_waits_it_never_runs(tmp_path: Path) -> None:
    async with at_work(tmp_path, "wait") as desk:
        first, second = await desk.ask(asked(), ""), await desk.ask(asked(capital=5), "")
        await until(desk, first, is_trading)
        await desk.cancel(second.id, "")
        await asyncio.to_thread((tmp_path / "go").touch)
        third = await desk.ask(asked(capital=6), "")
        assert (await over(desk, third)).state is State.DONE
    assert left(tmp_path) == sorted([first.id, third.id])


async def test_a_dropped_result_is_gone_and_can_be_had_anew(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        run = await over(desk, await desk.ask(asked(), ""))
        await desk.cancel(run.id, "")
        assert await asyncio.to_thread(left, tmp_path) == []
        again = await desk.ask(asked(), "")
        assert (again.id, again.state) == (run.id, State.WAITING)


async def test_too_many_that_wait_are_refused(tmp_path: Path) -> None:
    async with at_work(tmp_path, "wait", waiting=3, waiting_each=2) as desk:
        await until(desk, await desk.ask(asked(), "ann"), is_trading)
        for capital in (1, 2):
            await desk.ask(asked(capital=capital), "ann")
        with pytest.raises(TooManyRequests, match="2 backtests of one caller"):
            await desk.ask(asked(capital=3), "ann")
        await desk.ask(asked(), "bob")
        with pytest.raises(Crowded, match="all 3 places"):
            await desk.ask(asked(), "cid")
        # What is there already takes no place.
        await desk.ask(asked(capital=2), "ann")


async def test_ten_billion_bars_are_refused_before_anything_is_read(tmp_path: Path) -> None:
    async with at_work(tmp_path, catalogue=Known(bars=10_000_000_000)) as desk:
        with pytest.raises(InvalidInput, match="10,000,000,000 bars are too much"):
            await desk.ask(asked(), "")
        assert desk.all("") == []


async def test_results_outlive_a_restart(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        run = await over(desk, await desk.ask(asked(symbols=["AAPL"], costs={"fees": {}}), "ann"))
    async with at_work(tmp_path, "end") as desk:
        found = desk.find(run.id, "ann")
        assert (found.state, found.asked, found.asked_at) == (State.DONE, run.asked, run.asked_at)
        assert await desk.part(run.id, "ann", "trades.csv") == b"trades.csv of days"
        assert (await desk.ask(run.asked, "ann")).state is State.DONE
        with pytest.raises(NotThere):
            desk.find(run.id, "")


async def test_what_was_not_finished_is_gone_after_a_restart(tmp_path: Path) -> None:
    async with at_work(tmp_path, "hang") as desk:
        run = await desk.ask(asked(), "")
        await until(desk, run, is_trading)
    assert workers() == []
    # As a service that was killed would leave it.
    part = tmp_path / "results" / f"{run.id}.part"
    part.mkdir(parents=True)
    (part / "result.json").touch()
    async with at_work(tmp_path) as desk:
        assert desk.all("") == []
        assert await asyncio.to_thread(left, tmp_path) == []


async def test_the_oldest_results_make_room(tmp_path: Path) -> None:
    async with at_work(tmp_path, kept=2) as desk:
        runs = [await over(desk, await desk.ask(asked(capital=each), "")) for each in (1, 2, 3)]
        # It tidies after it has told, and before it takes the next.
        await over(desk, await desk.ask(asked(capital=9), "bob"))
        with pytest.raises(NotThere):
            desk.find(runs[0].id, "")
        assert desk.find(runs[2].id, "").state is State.DONE
    assert runs[0].id not in left(tmp_path)


async def test_damaged_results_are_not_taken_for_results(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        run = await over(desk, await desk.ask(asked(), ""))
    about = tmp_path / "results" / run.id / "about.json"
    about.write_text(about.read_text()[:40])
    async with at_work(tmp_path) as desk:
        assert desk.all("") == []
        again = await desk.ask(asked(), "")
        assert (await over(desk, again)).state is State.DONE


async def test_a_folder_that_takes_nothing_is_a_failure_without_its_path(tmp_path: Path) -> None:
    async with at_work(tmp_path) as desk:
        await asyncio.to_thread((tmp_path / "results").touch)
        run = await over(desk, await desk.ask(asked(), ""))
        assert run.problem is not None
        assert "could not be kept" in run.problem.detail
        assert str(tmp_path) not in run.problem.detail


def workers() -> list[int]:
    """Ids of our stand-ins that live."""
    children = psutil.Process().children(recursive=True)
    return [one.pid for one in children if one.status() != psutil.STATUS_ZOMBIE]
