"""A mapping that forgets what was put into it longest ago."""

from typing import Generic, TypeVar

from argo_core.errors import InvalidInput

Value = TypeVar("Value")


class Newest(Generic[Value]):
    """Values by key, the `most` that were put last."""

    def __init__(self, most: int) -> None:
        if most < 1:
            raise InvalidInput("most", f"{most} leaves no room", "give one or more")
        self._most = most
        self._values: dict[str, Value] = {}

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str) -> Value | None:
        """The value, or None when there is none any more."""
        return self._values.get(key)

    def put(self, key: str, value: Value) -> None:
        """Hold the value as the newest."""
        self._values.pop(key, None)
        self._values[key] = value
        if len(self._values) > self._most:
            del self._values[next(iter(self._values))]
