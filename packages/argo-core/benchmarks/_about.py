"""What figures are to be read with: the machine, versions, and how busy the machine was before."""

import os
import platform
from importlib.metadata import PackageNotFoundError, version


def about(*packages: str) -> dict[str, object]:
    """Of packages that are not here None is told."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {
        "machine": f"{platform.machine()}, {cores} cores, Python {platform.python_version()}",
        "versions": {name: version_of(name) for name in packages},
        "load": {"one_minute_average": busy},
    }


def version_of(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
