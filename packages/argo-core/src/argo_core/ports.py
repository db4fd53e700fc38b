"""Everything Argo needs from outside, on one page, each method with the promise a fake also keeps.

Do not inherit from these; mypy checks conformance where the parts are wired, and the contracts in
`argo_core.testing` check the promises.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from attrs import frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.events import Event
from argo_core.ledger.record import Batch, LoggedEntry, LogHead, SignalQuery
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase

Item = TypeVar("Item")


@frozen
class Missing:
    """A symbol that was asked for and not answered, and why in a few words."""

    symbol: Symbol
    problem: str


@frozen
class Answer(Generic[Item]):
    """What a vendor gave for one ask, and what the ask cost: HTTP `calls`, `usd` dollars."""

    items: tuple[Item, ...]
    missing: tuple[Missing, ...] = ()
    calls: int = 1
    usd: Decimal = Decimal(0)


class Clock(Protocol):
    """Time: `now` and `sleep` share one base, `monotonic` and `timeout` another.

    They are the same base but for a clock that plays a recording faster: there `now` and `sleep`
    follow the recording, while measuring and giving up stay on the wall, because vendors and disks
    do not get faster.
    """

    def now(self) -> datetime:
        """The moment, aware UTC; never earlier than the one given before."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return once `now` has moved on by that many seconds; at once for zero or less."""
        ...

    def monotonic(self) -> float:
        """Seconds since an arbitrary start, to measure with; never goes back, whatever is set."""
        ...

    def timeout(self, seconds: float) -> AbstractAsyncContextManager[object]:
        """Raise TimeoutError out of the block once `monotonic` has moved on that far."""
        ...


class Quotes(Protocol):
    """Prices of many symbols in as few calls as the vendor allows."""

    @property
    def name(self) -> SourceName:
        """Who answers, for events and blame."""
        ...

    async def quotes(self, asked: Sequence[Instrument]) -> Answer[Quote]:
        """The newest price of each instrument; those without one are `missing`, never zero.

        Raises:
            VendorError: no answer could be had for any of them.
        """
        ...


class History(Protocol):
    """Complete past minute bars, to warm up volatility and indicators."""

    @property
    def name(self) -> SourceName:
        """Who answers, for events and blame."""
        ...

    async def minute_bars(
        self, asked: Sequence[Instrument], since: datetime, until: datetime
    ) -> Answer[Bar]:
        """Bars that start at or after `since` and end at or before `until`.

        Sorted by symbol, then time; minutes without a trade are absent.

        Raises:
            VendorError: no answer could be had.
        """
        ...


class OpinionSource(Protocol):
    """Opinions on many symbols in as few calls as the vendor allows."""

    @property
    def name(self) -> SourceName:
        """The source's name in the profile."""
        ...

    @property
    def model(self) -> str:
        """What forms the opinion, pinned: a rule version or a model name, for the record."""
        ...

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each instrument, in any order.

        A symbol the source cannot judge is `missing`; an error is never a neutral opinion.

        Raises:
            VendorError: no answer could be had for any of them.
        """
        ...


class Calendar(Protocol):
    """When instruments trade."""

    def phase(self, instrument: Instrument, at: datetime) -> Phase:
        """The session phase at that moment; crypto is always REGULAR.

        Raises:
            InvalidInput: the moment lies outside the table.
        """
        ...


class SignalLog(Protocol):
    """The append-only record: one writer, durable batches."""

    async def head(self) -> LogHead:
        """Where the log stands now."""
        ...

    async def append(self, batch: Batch) -> LogHead:
        """Store the whole batch durably and return the new head; all or nothing.

        Repeating a batch that is already there, byte for byte, changes nothing and succeeds.

        Raises:
            InvalidInput: an entry is not canonical, or a capsule is missing, does not match its
                hash or is named by no entry.
            LogConflict: the batch does not continue the head, or a sequence has a gap.
            LogUnavailable: the store is locked or full; nothing was written.
            LogUnusable: the store is corrupt.
        """
        ...

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """The entries with start <= index < stop, in order, at most 1,000 of them."""
        ...

    async def capsule(self, sha256: str) -> bytes | None:
        """The input capsule of that hash, or None."""
        ...


class SignalIndex(Protocol):
    """Reading signals back by what they say; derived from the log, never the other way."""

    async def find(self, query: SignalQuery) -> tuple[LoggedEntry, ...]:
        """Matching signal entries, newest (largest index) first."""
        ...

    async def latest(self) -> tuple[LoggedEntry, ...]:
        """The newest signal entry of every symbol, in order of symbol."""
        ...


class Observer(Protocol):
    """Takes events; never blocks, never raises."""

    def notice(self, event: Event) -> None:
        """Take note of what happened."""
        ...
