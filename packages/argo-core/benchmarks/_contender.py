"""One contender does its work in this process, again and again; prints a JSON object for each.

`python -m benchmarks._contender NAME SECONDS KIND WORK ...`: a work is a file of `_work.save`, KIND
what is done with it. The first time is on a small part of it: that is where things are compiled, or
read from where compiled code is kept, and it is told apart. Then there are rounds for about so many
seconds, one at least.
"""

import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles

from benchmarks._work import Work, load

OURS = {"argo": "argo", "argo_reference": "reference"}
BY_HAND = {"numba": "numba", "numpy": "numpy", "numba_full": "numba_full"}
PEERS = {
    "backtesting.py": ("_peer_backtesting", "backtesting"),
    "backtrader": ("_peer_backtrader", "backtrader"),
    "vectorbt": ("_peer_vectorbt", "vectorbt"),
    "bt": ("_peer_bt", "bt"),
    "pybroker": ("_peer_pybroker", "lib-pybroker"),
    "nautilus_trader": ("_peer_nautilus", "nautilus-trader"),
}
ROUNDS = 25
# Technical rules speak from the 300th bar on, and shall be compiled by then.
SMALL_ROWS, SMALL_SYMBOLS = 400, 2


def prepared(name: str, kind: str) -> Callable[[Work], Callable[[], float]]:
    """What makes a run of a work; the run gives the equity after the last row, in dollars."""
    if name in OURS:
        ours = getattr(import_module("benchmarks._ours"), OURS[name])
        return lambda work: ours(work, kind)
    if name in BY_HAND:
        by_hand: Callable[[Work], Callable[[], float]]
        by_hand = getattr(import_module("benchmarks._loops"), BY_HAND[name])
        return by_hand
    peer: Callable[[Work], Callable[[], float]]
    peer = import_module(f"benchmarks.{PEERS[name][0]}").prepare
    return peer


def measured(name: str, work: Work, kind: str, seconds: float) -> dict[str, object]:
    began = time.perf_counter()
    prepare = prepared(name, kind)
    imported = time.perf_counter()
    prepare(work.cut(SMALL_ROWS, SMALL_SYMBOLS))()
    first = time.perf_counter()
    run = prepare(work)
    taken = list[float]()
    while not taken or (sum(taken) < seconds and len(taken) < ROUNDS):
        begun = time.perf_counter()
        equity = run()
        taken.append(time.perf_counter() - begun)
    spread = 0.0
    if len(taken) > 1:
        low, middle, high = quantiles(taken, n=4, method="inclusive")
        spread = (high - low) / middle
    told = {
        "seconds": round(median(taken), 9),
        "bars_per_s": round(work.bars / median(taken)),
        "ns_per_bar": round(median(taken) / work.bars * 1e9, 1),
        "rss_mib": round(peak_mib(), 1),
        "equity": round(equity, 4),
        "rounds": len(taken),
        "spread": round(spread, 3),
        "import_s": round(imported - began, 3),
        "first_s": round(first - imported, 3),
    }
    told |= getattr(run, "more", {})
    if hasattr(run, "parts"):
        told |= {part: round(took, 6) for part, took in run.parts().items()}
    if name in PEERS:
        told["version"] = version(PEERS[name][1])
    return told


def peak_mib() -> float:
    """The most that this process has held in memory; where nobody knows, what it holds now."""
    status = Path("/proc/self/status")
    if status.exists():
        # `ru_maxrss` would begin with what the parent held.
        lines = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(lines["VmHWM"].split()[0]) / 1024
    import psutil  # noqa: PLC0415 - not needed where there is a status

    return float(psutil.Process().memory_info().rss) / 2**20


def main() -> None:
    name, seconds, kind, *paths = sys.argv[1:]
    for path in paths:
        try:
            told = measured(name, load(Path(path)), kind, float(seconds))
        except ImportError as error:
            told = {"absent": f"{error}"}
        except Exception as error:  # noqa: BLE001 - whatever it is, the table shall say it
            told = {"failed": f"{type(error).__name__}: {error}"[:300]}
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
