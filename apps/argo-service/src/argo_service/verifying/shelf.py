"""Where the parts of a log are taken from, believing nothing of what is found there."""

from typing import Protocol


class Shelf(Protocol):
    """Files by path, such as `checkpoint` and `tile/0/000`."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    async def read(self, path: str, max_bytes: int) -> bytes | None:
        """The whole file, or None if there is none of that path.

        Raises:
            Unchecked: it cannot be had in time, or is larger than it may be.
        """
        ...
