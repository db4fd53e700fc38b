"""Pages that were made are kept while they are still true, and not for long."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from attrs import define, field, frozen

from alpine_service.api.etag import Tagged
from alpine_service.ports.outside import Clock
from alpine_service.ports.signals import Stamp

# Where a stamp says nothing, as when a commit becomes overdue, this is how late we may be.
_KEPT_S = 2.0
_PAGES = 256
# A page beyond this is made anew each time, so that the pages are bounded in bytes too.
_LARGEST = 131_072


@frozen
class _Kept:
    content: Tagged
    stamp: Stamp
    at: float


@define
class MadeOnce:
    """Keeps pages by what was asked, while the stamp that was looked up for it is the same."""

    _clock: Clock
    _kept: OrderedDict[Hashable, _Kept] = field(factory=OrderedDict, repr=False)

    async def page(
        self, key: Hashable, stamp: Stamp, make: Callable[[], Awaitable[Tagged]]
    ) -> Tagged:
        """The page of that stamp: kept, or made now.

        It may show more than the stamp says, as what was made a moment later does, but never less.
        """
        kept = self._kept.get(key)
        now = self._clock.monotonic()
        if kept is not None and kept.stamp == stamp and now - kept.at < _KEPT_S:
            self._kept.move_to_end(key)
            return kept.content
        content = await make()
        if len(content.body) <= _LARGEST:
            self._kept[key] = _Kept(content, stamp, now)
            self._kept.move_to_end(key)
            if len(self._kept) > _PAGES:
                self._kept.popitem(last=False)
        return content
