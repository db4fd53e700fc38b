"""Horizons that do not overlap: what there is to count where signals come every few seconds.

Two opinions a minute apart about the same hour of the same symbol are one observation. Of each
symbol the first opinion is taken, and then always the first after the last one's horizon.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Protocol, TypeVar


class Spanning(Protocol):
    """Something that is said at a moment and known at a later one, microseconds since 1970."""

    @property
    def said_us(self) -> int: ...

    @property
    def known_us(self) -> int: ...


S = TypeVar("S", bound=Spanning)


def apart(
    items: Iterable[S], group: Callable[[S], Hashable], tie: Callable[[S], tuple[float, ...]]
) -> list[S]:
    """Of each `group` those that do not overlap, in order of time; `tie` orders the simultaneous.

    The order in which `items` come does not matter.
    """
    groups: dict[Hashable, list[S]] = defaultdict(list)
    for one in items:
        groups[group(one)].append(one)
    taken: list[S] = []
    for members in groups.values():
        members.sort(key=lambda one: (one.said_us, tie(one)))
        free_us = members[0].said_us
        for one in members:
            if one.said_us >= free_us:
                taken.append(one)
                free_us = one.known_us
    return taken
