"""Time zones as the machine, or the package tzdata, has them."""

import asyncio
import re
from datetime import tzinfo
from zoneinfo import ZoneInfo

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9][A-Za-z0-9_+-]*){0,2}")
_LONGEST = 64


class SystemZones:
    """Keeps the port `Zones`."""

    async def zone(self, name: str) -> tzinfo | None:
        if len(name) > _LONGEST or not _NAME.fullmatch(name):
            return None
        try:
            # In a thread, because it reads a file.
            return await asyncio.to_thread(ZoneInfo, name)
        except (OSError, ValueError, KeyError):
            return None
