"""A probe of the disk that our folder is on."""

import asyncio
import shutil
from pathlib import Path

from attrs import frozen

from alpine_service.ports.health import Condition, Finding, Level

LEAST_FREE_BYTES = 512 * 1024 * 1024
# With less than this nothing new is to be begun.
NO_ROOM_BYTES = 64 * 1024 * 1024


@frozen
class DiskProbe:
    """How much is free."""

    folder: Path
    least_free_bytes: int = LEAST_FREE_BYTES
    no_room_bytes: int = NO_ROOM_BYTES
    name: str = "disk"
    level: Level = Level.DEEP

    async def check(self) -> Finding:
        try:
            usage = await asyncio.to_thread(shutil.disk_usage, self.folder)
        except OSError as error:
            return Finding(Condition.DOWN, problem=str(error.strerror))
        facts = {"free_bytes": usage.free, "total_bytes": usage.total}
        if usage.free < self.no_room_bytes:
            return Finding(Condition.DOWN, facts, "the disk is full")
        if usage.free < self.least_free_bytes:
            return Finding(Condition.DEGRADED, facts, "the disk is nearly full")
        return Finding(facts=facts)
