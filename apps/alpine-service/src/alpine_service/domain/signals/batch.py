"""Entries that were proved and followed, with all that they bring: written as one or not at all."""

from collections.abc import Mapping

from attrs import field, frozen

from alpine_service.domain.feed.checkpoint import Head
from alpine_service.domain.feed.tree import Frontier
from alpine_service.domain.signals.story import Story


@frozen
class Batch:
    """What moves the head from `start` to the frontier's size.

    `promised` and `note` are the checkpoint under which the entries were proved, `cosigned_s` the
    least time at which a pinned witness cosigned it. `tiles` are those that changed, by level and
    number.
    """

    start: int
    frontier: Frontier = field(repr=False)
    promised: Head
    note: bytes = field(repr=False)
    cosigned_s: int | None
    tiles: Mapping[tuple[int, int], bytes] = field(repr=False)
    story: Story = field(repr=False)

    @property
    def size(self) -> int:
        return self.frontier.size

    @property
    def is_whole(self) -> bool:
        """Whether all entries of the checkpoint are accepted with this."""
        return self.frontier.size == self.promised.size
