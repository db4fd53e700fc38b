"""A trading journal in memory that keeps every promise of the port `TradingJournal`."""

from collections.abc import Iterable, Sequence

from argo_core.codec.trading import read_fact, write_fact
from argo_core.errors import JournalError
from argo_core.trading.fact import Fact, Numbered, order_of


class FakeJournal:
    """Set `fail_before`, and the next append fails with nothing written; it may be tried again.

    Set `fail_after`, and the next append writes and fails all the same, as when the answer of a
    disk is lost: then every call fails until whoever `reopened` it looks at what is there.
    `lines` are what would be on the disk.
    """

    def __init__(self, lines: Iterable[str] = ()) -> None:
        self.lines = list(lines)
        self.fail_before = self.fail_after = False
        self._doubtful = False

    def reopened(self) -> "FakeJournal":
        """A journal with the same facts, as a restart finds it."""
        return FakeJournal(self.lines)

    async def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        self._refuse_in_doubt()
        lines = [write_fact(one) for one in facts]
        if self.fail_before:
            self.fail_before = False
            raise JournalError("it was told to fail before it wrote")
        first = len(self.lines) + 1
        self.lines += lines
        if self.fail_after:
            self._doubtful, self.fail_after = True, False
            raise JournalError("it was told to fail after it wrote")
        return tuple(Numbered(number, one) for number, one in enumerate(facts, first))

    async def facts(self, after: int = 0, limit: int = 1_000) -> tuple[Numbered, ...]:
        self._refuse_in_doubt()
        first = max(0, after)
        return self._read()[first : first + max(0, limit)]

    async def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        self._refuse_in_doubt()
        return tuple(one for one in self._read() if order_of(one.fact) == order_id)

    def _read(self) -> tuple[Numbered, ...]:
        return tuple(Numbered(n, read_fact(line)) for n, line in enumerate(self.lines, 1))

    def _refuse_in_doubt(self) -> None:
        if self._doubtful:
            raise JournalError("nobody knows what its last append wrote; open it again")
