"""How busy the machine is: processor, memory and one disk."""

from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
from attrs import frozen


@frozen
class Load:
    """Each from 0 to 100."""

    cpu_percent: float
    memory_percent: float
    disk_percent: float


class Machine:
    """Looks at the machine, and at the disk on which `folder` lies.

    psutil remembers the look before for the whole process; here everybody remembers its own, so
    that whoever asks for health does not shorten the time that a scrape tells about. The first
    look tells about all the time since the machine was started.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = 0.0, 0.0

    def look(self) -> Load:
        """How busy it is, the processor since the look before; reads files, so not on the loop."""
        busy, whole = _busy_and_all()
        passed = whole - self._before[1]
        cpu = 100 * (busy - self._before[0]) / passed if passed > 0 else 0.0
        self._before = busy, whole
        return Load(
            cpu_percent=round(min(100.0, max(0.0, cpu)), 1),
            memory_percent=psutil.virtual_memory().percent,
            disk_percent=psutil.disk_usage(str(self._folder)).percent,
        )


def _busy_and_all() -> tuple[float, float]:
    times = psutil.cpu_times()
    # Guests' time is within that of users.
    whole = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return whole - times.idle - getattr(times, "iowait", 0.0), whole
