"""A bounded map that forgets what was not looked at longest."""

from collections import OrderedDict
from collections.abc import Iterator
from typing import Generic, TypeVar

from argo_core.errors import InvalidInput

V = TypeVar("V")


class Recent(Generic[V]):
    """At most `most` values by key; each step is O(1)."""

    __slots__ = ("_most", "_values")

    def __init__(self, most: int) -> None:
        if most < 1:
            raise InvalidInput("most", f"{most} is too few", "give one or more")
        self._most = most
        self._values: OrderedDict[str, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def look(self, key: str) -> V | None:
        """The value of the key, which counts as looked at."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def keep(self, key: str, value: V) -> None:
        """Hold the value, and forget another if there is no more room."""
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > self._most:
            self._values.popitem(last=False)

    def drop(self, key: str) -> None:
        """Forget the key, if it is there."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget everything."""
        self._values.clear()
