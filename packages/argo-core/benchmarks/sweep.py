"""400 parameter sets of SMA crossings on daily bars: serial, threads, processes, a Dask cluster.

20 pairs of averages with 20 plans of stops and sizes each; verdicts are computed once for the plans
of one pair. Each way has as many workers as there are cores. Starting them is told apart as
`start_s`, with a first small sweep for what they import and read; handing over bars and results
counts. Ways take turns; the results of all are the same, byte for byte, or this fails. The last
line is one JSON object.
"""

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from multiprocessing import get_context
from statistics import median
from typing import Any

from benchmarks._about import about
from benchmarks._bars import panel_of, stocks

from argo_core.backtest.bars.panel import Panel
from argo_core.backtest.bars.plan import BarLimits, Exits, Plan
from argo_core.backtest.kernel.compiled import COMPILED
from argo_core.backtest.research.batch import run_batch
from argo_core.backtest.research.case import Case, Ran, every_case
from argo_core.backtest.research.sweep import Results, sweep
from argo_core.backtest.strategies.sma_cross import SmaCross

STRATEGIES = [SmaCross(fast, slow) for fast in (5, 10, 15, 20) for slow in (30, 50, 70, 100, 150)]
CAPITAL = Decimal(10_000_000)
PLANS = [
    Plan(
        capital=CAPITAL,
        limits=BarLimits(
            order_cap=CAPITAL, order_ppm=order, positions=100, daily_loss_ppm=0, drawdown_ppm=0
        ),
        exits=Exits(stops=stops, targets=False, trail_ppm=trail, horizon_s=0),
    )
    for stops, trail in ((False, 0), (True, 0), (True, 50_000), (True, 100_000))
    for order in (5_000, 7_500, 10_000, 12_500, 15_000)
]
CASES = every_case(STRATEGIES, PLANS)
REACH = {"processes": 1.7}
SMALL_ROWS = 60
Run = Callable[[Panel, tuple[Case, ...]], Results]


def cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def over(executor: Executor) -> Iterator[Run]:
    """Any pool of the standard library."""
    with executor:
        yield lambda panel, cases: sweep(panel, cases, executor)


@contextmanager
def over_dask(workers: int) -> Iterator[Run]:
    """A cluster on this machine, in processes of one thread; it is sent the bars once a sweep."""
    from distributed import Client, LocalCluster  # noqa: PLC0415 - this way alone needs it

    with (
        LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0"
        ) as cluster,
        Client(cluster) as client,
        # A pure task that was run before would be looked up.
        client.get_executor(pure=False) as executor,
    ):
        yield lambda panel, cases: sweep(panel, cases, executor, hand_over=client.scatter)


def named(results: Results) -> str:
    """The SHA-256 of all results in their order."""
    told = hashlib.sha256()
    for one in results:
        assert isinstance(one, Ran), f"a case failed: {one}"
        told.update(f"{one.request_sha256} {one.result_sha256}\n".encode())
    return told.hexdigest()


def measured(panel: Panel, rounds: int) -> dict[str, dict[str, Any]]:
    """Seconds of each way by turns, what its start took, and the name of what it gave."""
    assert COMPILED, "numba is not installed"
    workers, small = cores(), panel.cut(0, SMALL_ROWS)
    pools: dict[str, Callable[[], Any]] = {
        "threads": lambda: over(ThreadPoolExecutor(workers)),
        "processes": lambda: over(ProcessPoolExecutor(workers, get_context("spawn"))),
        "dask": lambda: over_dask(workers),
    }
    # What is compiled here is kept for the others.
    run_batch(small, CASES[:1])
    ways: dict[str, Run] = {"serial": run_batch}
    found: dict[str, dict[str, Any]] = {"serial": {"taken": []}}
    with ExitStack() as stack:
        for name, pool in pools.items():
            began = time.perf_counter()
            ways[name] = stack.enter_context(pool())
            ways[name](small, CASES)
            found[name] = {"taken": [], "start_s": round(time.perf_counter() - began, 3)}
        for _ in range(rounds):
            for name, run in ways.items():
                began = time.perf_counter()
                results = run(panel, CASES)
                found[name]["taken"].append(time.perf_counter() - began)
                found[name].setdefault("sha256", set()).add(named(results))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true", help="40 symbols, one round")
    given = parser.parse_args()
    symbols, rounds = (40, 1) if given.short else (given.symbols, given.rounds)
    work = stocks(symbols)
    facts = about("argo-core", "numba", "numpy", "distributed")
    found = measured(panel_of(work), rounds)
    names = {name for one in found.values() for name in one["sha256"]}
    assert len(names) == 1, f"results differ: {found}"
    seconds = {name: median(one["taken"]) for name, one in found.items()}
    result: dict[str, Any] = {"serial_s": round(seconds["serial"], 4)}
    print(f"{'serial':12} {seconds['serial']:9.3f} s")
    for name in ("threads", "processes", "dask"):
        # Of the same round, so that what slows the machine for a while slows both.
        ratios = [
            alone / together
            for alone, together in zip(found["serial"]["taken"], found[name]["taken"], strict=True)
        ]
        result[name] = {
            "seconds": round(seconds[name], 4),
            "speedup": round(median(ratios), 3),
            "spread": round(max(ratios) - min(ratios), 3),
            "start_s": found[name]["start_s"],
        }
        reach = f"reach {REACH[name]}" if name in REACH else ""
        print(f"{name:12} {seconds[name]:9.3f} s  {result[name]['speedup']:.2f} x  {reach}")
    name = names.pop()
    print(f"{len(CASES)} results are the same in all ways: {name}")
    facts |= {
        "sets": len(CASES),
        "bars": work.bars,
        "origin": work.origin,
        "rounds": rounds,
        "workers": cores(),
        "results_sha256": name,
        "identical": True,
        "reach": REACH,
    }
    print(json.dumps(result | {"about": facts}))


if __name__ == "__main__":
    main()
