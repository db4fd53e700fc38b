"""Probes of the machine and of our process, as Linux tells of them; elsewhere there are no facts.

The kernel's own files are read: a dozen lines of text, for which no library has to be trusted.
"""

import asyncio
import resource
import threading
from collections.abc import Mapping
from pathlib import Path

from attrs import define, frozen

from alpine_service.ports.health import Condition, Finding, Level
from alpine_service.ports.observing import Fact

MOST_MEMORY = 0.95
# Of the files that we may hold; beyond, connections are refused before long.
MOST_FILES = 0.9
_KIB = 1024
_IDLE, _IOWAIT = 3, 4


@define(eq=False)
class MachineProbe:
    """CPUs and memory. How busy the CPUs are is told since the look before."""

    proc: Path = Path("/proc")
    name: str = "machine"
    level: Level = Level.DEEP
    _before: tuple[float, float] = (0.0, 0.0)

    async def check(self) -> Finding:
        facts = await asyncio.to_thread(self._facts)
        if float(facts.get("memory_ratio") or 0) > MOST_MEMORY:
            return Finding(Condition.DEGRADED, facts, "memory is nearly all taken")
        return Finding(facts=facts)

    def _facts(self) -> Mapping[str, Fact]:
        try:
            times = [float(each) for each in self._words("stat")[1:9]]
            load = float(self._words("loadavg")[0])
            total, free = self._memory()
        except (OSError, LookupError, ValueError):
            # A container may have files of its own there, which say less.
            return {}
        return {
            "cpu_ratio": self._busy(times),
            "load": load,
            "memory_ratio": round(1 - free / total, 4),
            "memory_bytes": total,
        }

    def _memory(self) -> tuple[int, int]:
        """All of it, and what may be had of it, in bytes."""
        lines = (self.proc / "meminfo").read_text("ascii").splitlines()
        sizes = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
        total, free = (int(sizes[name][0]) * _KIB for name in ("MemTotal", "MemAvailable"))
        return total, free

    def _busy(self, times: list[float]) -> float | None:
        spent, idle = sum(times), times[_IDLE] + times[_IOWAIT]
        passed, rested = spent - self._before[0], idle - self._before[1]
        self._before = spent, idle
        return round(1 - rested / passed, 4) if passed > 0 else None

    def _words(self, name: str) -> list[str]:
        return (self.proc / name).read_text("ascii").split()


@frozen
class ProcessProbe:
    """What we take of the machine."""

    proc: Path = Path("/proc/self")
    name: str = "process"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        facts = await asyncio.to_thread(self._facts)
        most, held = facts.get("most_files"), facts.get("open_files")
        if isinstance(most, int) and isinstance(held, int) and held > most * MOST_FILES:
            return Finding(Condition.DEGRADED, facts, "nearly all files that we may hold are open")
        return Finding(facts=facts)

    def _facts(self) -> Mapping[str, Fact]:
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        facts: dict[str, Fact] = {
            "cpu_s": round(used.ru_utime + used.ru_stime, 3),
            "most_files": None if most == resource.RLIM_INFINITY else most,
            "threads": threading.active_count(),
        }
        try:
            pages = int((self.proc / "statm").read_text("ascii").split()[1])
            # Not the list itself, which is open while it is read.
            facts["open_files"] = len(list((self.proc / "fd").iterdir())) - 1
        except OSError:
            return facts
        return facts | {"resident_bytes": pages * resource.getpagesize()}
