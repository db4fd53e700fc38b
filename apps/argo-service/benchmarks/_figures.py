"""Figures of a run, and what they say about the machine they were taken on."""

import os
import platform
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path
from statistics import median, quantiles
from traceback import format_exception
from typing import Any

import psutil


def p50(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def p95(values: Sequence[float]) -> float:
    """The value that one in twenty exceeds, never beyond the largest."""
    return quantiles(values, n=20, method="inclusive")[-1] if len(values) > 1 else values[0]


def rss_mib() -> float:
    """What this process holds in memory now."""
    return float(psutil.Process().memory_info().rss) / 2**20


def less(before: float, after: float) -> float | None:
    """By which share `after` is less than `before`; None where `before` is nothing."""
    return None if not before else round(1 - after / before, 4)


def about(load: str, *packages: str) -> dict[str, Any]:
    """The machine, the versions, and under what load it was measured."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "machine": f"{platform.machine()}, {cores} cores, Python {platform.python_version()}",
        "versions": {name: version(name) for name in ("argo-service", *packages)},
        "load": {"what": load, "one_minute_average": busy},
    }


def alone(work: Any, *arguments: Any) -> Any:
    """What `work` returns in a new process of its own, started fresh and not forked.

    Raises:
        RuntimeError: it failed, and how.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_worked, work, arguments).result()


def _worked(work: Any, arguments: tuple[Any, ...]) -> Any:
    try:
        return work(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever went wrong is told
        # Errors with fields of their own cannot travel between processes.
        raise RuntimeError("".join(format_exception(error))) from None


def folder_mib(*folders: Path) -> float:
    """Everything in the folders, each file once however many names it has."""
    sizes: dict[tuple[int, int], int] = {}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                stat = path.stat()
                sizes[stat.st_dev, stat.st_ino] = stat.st_size
    return sum(sizes.values()) / 2**20
