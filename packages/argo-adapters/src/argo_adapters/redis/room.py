"""Where things lie on the server: every key begins with `argo:{namespace}:`."""

import re
from collections.abc import Sequence

from attrs import field, frozen

from argo_core.errors import InvalidInput

_NAME = re.compile(r"[a-z0-9._-]{1,64}")


def prefix(namespace: str) -> str:
    """What all keys of a namespace begin with; the braces keep them on one node of a cluster.

    Raises:
        InvalidInput: the namespace is not a short plain name.
    """
    if not _NAME.fullmatch(namespace):
        fix = "give 1 to 64 of a-z, 0-9, dot, dash and underscore"
        raise InvalidInput("namespace", f"{namespace[:70]!r} is no name", fix)
    return f"argo:{{{namespace}}}:"


@frozen
class Room:
    """The keys of one cache: clock and changes, then slot and body of every key."""

    prefix: str
    _slots: bytes = field(init=False)

    @_slots.default
    def _begin(self) -> bytes:
        return f"{self.prefix}s:".encode()

    def keys(self, keys: Sequence[str]) -> list[str]:
        pairs = [f"{self.prefix}{part}:{key}" for key in keys for part in "sb"]
        return [f"{self.prefix}clock", f"{self.prefix}changes", *pairs]

    def key_of(self, slot: bytes) -> str:
        """The key whose slot changed."""
        return slot[len(self._slots) :].decode()


def room(namespace: str, name: str) -> Room:
    """The room of that name, a cache's alone, in the namespace."""
    return Room(f"{prefix(namespace)}{name}:")
