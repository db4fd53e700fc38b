"""Whether the machine and what is installed are fit for a service that must not stop."""

import resource
import shutil
import stat
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from argo_service.finding import Finding, State

OURS: Final = ("argo-core", "argo-adapters", "argo-service")
OTHERS: Final = (
    "aiohttp",
    "attrs",
    "cryptography",
    "prometheus-client",
    "asyncpg",
    "redis",
    "boto3",
)
OLDEST_PYTHON: Final = (3, 11)
LEAST_BYTES: Final = 200_000_000
FEW_BYTES: Final = 2_000_000_000
"""A log of five hundred symbols grows by less than a gigabyte a month."""

FEWEST_FILES: Final = 1_024
MANY_FILES: Final = 4_096
"""Every stream and every connection is a file, and a thousand readers are nothing unusual."""


def machine_findings(database: Path) -> Iterator[Finding]:
    """Versions, disk, open files and the folder of the record; blocks on the disk."""
    yield _python()
    yield _packages()
    folder = database.resolve().parent
    if folder.is_dir():
        yield _disk(folder)
        yield _folder(folder)
    yield open_files(resource.getrlimit(resource.RLIMIT_NOFILE)[0])


def _python() -> Finding:
    said = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST_PYTHON:
        fix = f"install Python {'.'.join(map(str, OLDEST_PYTHON))} or newer"
        return Finding("python", State.FAULT, said, fix)
    return Finding("python", State.GOOD, said)


def _packages() -> Finding:
    own = {name: _version(name) for name in OURS}
    others = ", ".join(f"{name} {found}" for name in OTHERS if (found := _version(name)))
    if len(set(own.values())) > 1:
        said = ", ".join(f"{name} {found or 'missing'}" for name, found in own.items())
        fix = "install the three of one release"
        return Finding("packages", State.FAULT, said, fix)
    return Finding("packages", State.GOOD, f"argo {own['argo-service']}; {others}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _disk(folder: Path) -> Finding:
    usage = shutil.disk_usage(folder)
    return disk(folder, usage.free)


def disk(folder: Path, free: int) -> Finding:
    """What so many free bytes mean; a log that cannot write stops signals, not the service."""
    detail = f"{free / 1e9:.1f} GB free at {folder}"
    fix = "make room, or move the database: nothing of a log may be deleted"
    if free < LEAST_BYTES:
        return Finding("disk", State.FAULT, detail, fix)
    if free < FEW_BYTES:
        return Finding("disk", State.WARNING, detail, fix)
    return Finding("disk", State.GOOD, detail)


def _folder(folder: Path) -> Finding:
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & (stat.S_IWGRP | stat.S_IWOTH):
        # Who may write into a folder may put another file in the place of any in it.
        detail = f"{folder} has mode {mode:o}: others may replace the log and its key"
        return Finding("folder", State.FAULT, detail, f"chmod go-w {folder}")
    return Finding("folder", State.GOOD, f"{folder} is its owner's to write to")


def open_files(most: int) -> Finding:
    """Whether so many open files are enough; more than can be counted is -1."""
    detail = "as many as wanted" if most < 0 else f"at most {most:,}"
    fix = f"set LimitNOFILE={MANY_FILES * 16} in the unit, or `ulimit -n {MANY_FILES * 16}`"
    if 0 <= most < FEWEST_FILES:
        return Finding("open files", State.FAULT, detail, fix)
    if 0 <= most < MANY_FILES:
        return Finding("open files", State.WARNING, detail, fix)
    return Finding("open files", State.GOOD, detail)
