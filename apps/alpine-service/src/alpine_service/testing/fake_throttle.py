"""Tries without an end, for tests that are about something else."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from alpine_service.domain.accounts.throttle import Bucket


class EndlessTries:
    """Keeps the port `Throttle`, with buckets that are never empty."""

    async def spend(self, buckets: Sequence[Bucket], now: datetime) -> timedelta | None:
        return None

    async def forget(self, buckets: Sequence[Bucket]) -> None:
        return None
