"""Turns in one process: every line runs once in each round, beside a bare await.

A line's ratio is the median over the rounds of its time over the await's time in the same round, so
that a machine that slows down for a while slows both. Seconds are the process's own CPU seconds:
all lines are busy throughout, and what others take from the machine is none of theirs.
"""

import os
import platform
import time
from collections.abc import Awaitable, Callable, Mapping
from importlib.metadata import version
from statistics import median, quantiles

from attrs import frozen

Line = Callable[[int], Awaitable[None]]
"""Does its work that many times."""

AWAIT = "await"
_MOST_ROUNDS_S = 0.02
_LEAST = 10


@frozen
class Result:
    """Nanoseconds a time: `ns` is the median round, `ratio` is to the await of the same round.

    `spread` is how far the middle half of the rounds lies apart, as a share of the median.
    """

    ns: float
    ratio: float
    spread: float


async def race(lines: Mapping[str, Line], rounds: int) -> dict[str, Result]:
    """Every line's result; one line must be the `AWAIT`."""
    times = {name: await _times_of(line) for name, line in lines.items()}
    taken: dict[str, list[float]] = {name: [] for name in lines}
    for _ in range(rounds):
        for name, line in lines.items():
            taken[name].append(await _seconds(line, times[name]) / times[name])
    return {name: summed_up(own, taken[AWAIT]) for name, own in taken.items()}


def summed_up(own: list[float], awaits: list[float]) -> Result:
    """The result of seconds a time in each round, beside those of the await in the same rounds."""
    low, middle, high = quantiles(own, n=4, method="inclusive")
    ratios = [mine / bare for mine, bare in zip(own, awaits, strict=True)]
    return Result(middle * 1e9, median(ratios), (high - low) / middle)


def about(*packages: str) -> dict[str, object]:
    """The machine, the versions of packages, and how busy the machine was before."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "machine": f"{platform.machine()}, {cores} cores, Python {platform.python_version()}",
        "versions": {name: version(name) for name in packages},
        "load": {"one_minute_average": busy},
    }


async def _seconds(line: Line, times: int) -> float:
    began = time.process_time()
    await line(times)
    return time.process_time() - began


async def _times_of(line: Line) -> int:
    """How often it fits into a round; the lines are warm afterwards."""
    times = _LEAST
    while (taken := await _seconds(line, times)) < _MOST_ROUNDS_S / 2:
        times *= max(2, min(10, int(_MOST_ROUNDS_S / max(taken, 1e-6))))
    return times
