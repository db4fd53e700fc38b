"""The machine beside the figures: what it is, how busy it was, and what a process took of it."""

import os
import platform
import resource
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from statistics import quantiles

_PACKAGES = ("aiohttp", "asyncpg", "orjson", "cryptography", "attrs")
# For whatever is open besides the clients' connections.
_SPARE_FILES = 500


def about(**facts: object) -> dict[str, object]:
    """The machine, the versions, how busy it is by now, and what else is to be said."""
    return {
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}",
        "versions": {name: version(name) for name in _PACKAGES},
        "load": os.getloadavg()[0],
        **facts,
    }


def raise_files(connections: int) -> None:
    """Let this process and its children have so many connections each.

    Raises:
        SystemExit: the operator allows fewer.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = connections + _SPARE_FILES
    if soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise SystemExit(f"{needed} files must be allowed, and {hard} are; see ulimit -Hn")
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def cpu_s(pid: int) -> float:
    """CPU seconds that a process has taken, by the system's count; NaN where it is not told."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return float("nan")
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quantile(values: Sequence[float], percent: int) -> float:
    """The value that so many of a hundred do not exceed."""
    return quantiles(values, n=100, method="inclusive")[percent - 1]


def spread(values: Sequence[float]) -> list[float]:
    """The least and the greatest, for a table."""
    return [round(min(values), 3), round(max(values), 3)]
