"""How much an account looks at: a bound of its own, because pages spend nothing of its quota."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from alpine_service.api.address_limit import AddressLimit
from alpine_service.api.platform import Platform
from alpine_service.errors import TooMany

# A page that is under way is soon done.
_SOON_S = 1.0


class Looks:
    """So many pages in a minute, and so many at once, for each account."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._minute = AddressLimit(platform.limits.pages_per_minute)
        self._under_way: Counter[str] = Counter()

    @contextmanager
    def look(self, user_id: str) -> Iterator[None]:
        """Around the making of a page.

        Raises:
            TooMany: it is one too many; nothing was counted.
        """
        if self._under_way[user_id] >= self._platform.limits.pages_at_once:
            raise self._refused(user_id, _SOON_S)
        self._minute.per_minute = self._platform.limits.pages_per_minute
        if wait_s := self._minute.spend(user_id, self._platform.clock.monotonic()).wait_s:
            raise self._refused(user_id, wait_s)
        self._under_way[user_id] += 1
        try:
            yield
        finally:
            self._under_way[user_id] -= 1
            if not self._under_way[user_id]:
                del self._under_way[user_id]

    def _refused(self, user_id: str, wait_s: float) -> TooMany:
        self._platform.observer.tell("quota.refused", of="pages", principal=user_id)
        return TooMany("pages", wait_s)
