"""Everything Argo needs from outside, on one page, each method with the promise a fake also keeps.

Do not inherit from these; mypy checks conformance where the parts are wired, and the contracts in
`argo_core.testing` check the promises.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Generic, Protocol, TypeVar

from attrs import field, frozen

from argo_core.consensus.opinion import Opinion, SourceName
from argo_core.events import Event
from argo_core.ledger.add_checkpoint import AddCheckpoint
from argo_core.ledger.cosignature import Cosignature
from argo_core.ledger.note import Note, SignatureLine
from argo_core.ledger.record import (
    Batch,
    LoggedEntry,
    LoggedSignal,
    LogHead,
    Sealed,
    SignalQuery,
)
from argo_core.ledger.verifier_key import VerifierKey
from argo_core.market.bar import Bar
from argo_core.market.instrument import Instrument, Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Phase, Session
from argo_core.resilience.allowance import Allowance
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.budget import Amount
from argo_core.resilience.freshness import Entry, Slot
from argo_core.resilience.lease import Granted, Held
from argo_core.resilience.permit import Outcome, Rejected
from argo_core.resilience.queue import Urgency
from argo_core.resilience.secret import SecretValue
from argo_core.signals.brief import Brief
from argo_core.signals.prose import Prose
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.fact import Fact, Numbered
from argo_core.trading.order import OrderRequest
from argo_core.trading.ticks import Tick

Item = TypeVar("Item")
Value = TypeVar("Value")


@frozen
class Missing:
    """A symbol that was asked for and not answered, and why in a few words."""

    symbol: Symbol
    problem: str


@frozen
class Answer(Generic[Item]):
    """What a vendor gave for one ask, and what it cost: HTTP `calls`, `usd` dollars, `tokens`.

    `raws` are replies word for word, by SHA-256 in hexadecimal, where the vendor is a language
    model: what it said once it will not say again.
    """

    items: tuple[Item, ...]
    missing: tuple[Missing, ...] = ()
    calls: int = 1
    usd: Decimal = Decimal(0)
    tokens: int = 0
    raws: Mapping[str, bytes] = field(factory=dict, repr=False)


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

    def most(self, asked: Sequence[Instrument], now: datetime) -> Amount:
        """The most that an ask about these can cost, to be set aside before it is made."""
        ...

    async def opinions(self, asked: Sequence[Instrument], now: datetime) -> Answer[Opinion]:
        """At most one opinion for each instrument, in any order.

        A symbol the source cannot judge is `missing`; an error is never a neutral opinion.

        Raises:
            VendorError: no answer could be had for any of them.
        """
        ...


class Reasoner(Protocol):
    """Prose about a signal that is decided; it never decides anything."""

    @property
    def name(self) -> SourceName:
        """The vendor, whose budget and limits an ask counts against."""
        ...

    @property
    def model(self) -> str:
        """What writes, pinned: the same brief and model may be answered from a cache."""
        ...

    def most(self, brief: Brief) -> Amount:
        """The most that an ask about this brief can cost, to be set aside before it is made."""
        ...

    async def prose(self, brief: Brief) -> Answer[Prose]:
        """One item: words about the brief, well-formed and otherwise not to be believed.

        Raises:
            VendorError: none could be had; its `usd` is what that cost.
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

    def session(self, at: datetime) -> Session | None:
        """The newest stock session whose extended hours have begun; None before all of them."""
        ...


class Signer(Protocol):
    """Signs with one Ed25519 key, which nobody sees."""

    @property
    def key(self) -> VerifierKey:
        """The public half, under the name it signs for."""
        ...

    def sign(self, message: bytes) -> bytes:
        """The 64 bytes of the message's signature; the same for the same message."""
        ...


class SignalLog(Protocol):
    """The append-only record: one writer with a lease, durable batches, each with a checkpoint.

    Signatures leave it only once what they cover is durable, and a size is signed once.
    """

    @property
    def key(self) -> VerifierKey:
        """The key its checkpoints are signed with; the key's name is the log's."""
        ...

    async def head(self) -> LogHead:
        """Where the log stands now."""
        ...

    async def append(self, batch: Batch) -> LogHead:
        """Store the whole batch durably and return the new head; all or nothing.

        Repeating a batch that is already there, byte for byte, changes nothing and succeeds.

        Raises:
            InvalidInput: an entry is not canonical or bears another log's name, or a capsule or
                a sealed body is missing, does not match its hash or is named by no entry.
            LogConflict: the batch does not continue the head, or a sequence has a gap.
            LogFenced: another writer has taken over.
            LogUnavailable: the store is locked or full; nothing was written.
            LogUnusable: the store is corrupt.
        """
        ...

    async def entries(self, start: int, stop: int) -> tuple[LoggedEntry, ...]:
        """The entries with start <= index < stop, in order, at most 1,000 of them."""
        ...

    async def hashes(self, level: int, start: int, stop: int) -> bytes:
        """Of a tile level, the hashes with start <= place < stop that are there, at most 1,000.

        Level 0 are leaf hashes; a hash of level L is the root of 256^L leaves.
        """
        ...

    async def checkpoint(self, *, cosigned: bool = False) -> Note | None:
        """The newest checkpoint, or the newest somebody cosigned, with all its signatures.

        None while there is none; every durable batch makes one.
        """
        ...

    async def cosign(self, size: int, lines: Sequence[Cosignature]) -> None:
        """Keep good cosignatures with the checkpoint of that size; those it has stay as they are.

        Raises:
            InvalidInput: no checkpoint has that size.
            LogError: they could not be kept.
        """
        ...

    async def witnessed_at(self, index: int) -> int | None:
        """The least time of a cosignature that covers the entry, seconds since 1970, or None."""
        ...

    async def capsule(self, sha256: str) -> bytes | None:
        """The input capsule of that hash, or None."""
        ...

    async def sealed(self, commitment: str) -> Sealed | None:
        """What a commit entry commits to, or None."""
        ...


class SignalIndex(Protocol):
    """Reading signals back by what they say; derived from the log, never the other way."""

    async def find(self, query: SignalQuery) -> tuple[LoggedSignal, ...]:
        """Matching signals, newest (largest index) first."""
        ...

    async def latest(
        self, *, sealed: bool = False, published: int | None = None
    ) -> tuple[LoggedSignal, ...]:
        """The newest signal of every symbol, in order of symbol; see `SignalQuery`."""
        ...

    async def unresolved(self) -> tuple[LoggedSignal, ...]:
        """BUY and SELL signals, sealed ones too, whose outcome is not in the log, oldest first."""
        ...

    async def unrevealed(self) -> tuple[LoggedSignal, ...]:
        """Sealed signals, oldest first."""
        ...

    async def outcome(self, index: int) -> LoggedEntry | None:
        """The outcome entry of the signal at that index, or None."""
        ...


class Witness(Protocol):
    """Somebody independent who cosigns the log's checkpoints, once it has checked them."""

    @property
    def key(self) -> VerifierKey:
        """The key it cosigns with."""
        ...

    async def add_checkpoint(self, asked: AddCheckpoint) -> Sequence[SignatureLine] | int:
        """Lines that cosign the checkpoint, not yet checked; or the size it stands at instead.

        Raises:
            WitnessAway: no answer came in time, or none that can be used.
            WitnessRefused: it will not cosign this.
        """
        ...


class Passage(Protocol):
    """One call to a vendor, from its admission to its end."""

    def heard(self, remaining: float, limit: int = 0) -> None:
        """The vendor's headers say how many calls remain of its limit of that number."""
        ...


class Turnstile(Protocol):
    """Where every single call to one vendor passes: its limits first, then its breaker."""

    def call(self, urgency: Urgency, wait_s: float) -> AbstractAsyncContextManager[Passage]:
        """Make one call inside; what the block raises, or that it does not, is what became of it.

        Entering waits for the vendor's limits, `wait_s` monotonic seconds at most.

        Raises:
            VendorUnavailable: the breaker is open, the queue is full, or the turn would come too
                late; nothing was sent, so `calls` is 0.
        """
        ...


class Cache(Protocol[Value]):
    """Answers by key, with age, expiry and generation; shared with other processes or not.

    It never raises for being away: what cannot be reached is not there, and what cannot be stored
    is lost. It is bounded, and forgets what was not looked at longest.
    """

    async def get(self, keys: Sequence[str]) -> Mapping[str, Slot[Value]]:
        """The slot of every key; an empty one, of the right generation, where nothing is held."""
        ...

    async def put(self, entries: Mapping[str, Entry[Value]]) -> None:
        """Hold the entries whose slots accept them: see `Slot.accepts`."""
        ...

    async def invalidate(self, generations: Mapping[str, int]) -> None:
        """Begin a new generation of each slot that is still of the one given.

        Two processes that see the same price move invalidate one generation once.
        """
        ...


class FlightLocks(Protocol):
    """One ask for the same thing at a time among all processes."""

    async def take(self, key: str, ttl_s: float) -> str | None:
        """A token for the lock, which ends by itself after `ttl_s`; None while another holds it.

        Raises:
            SharedAway: nobody can say who holds it.
        """
        ...

    async def release(self, key: str, token: str) -> None:
        """Give it back if it still is that token's.

        Raises:
            SharedAway: it could not be given back; it ends by itself.
        """
        ...


class Secrets(Protocol):
    """Where keys and passwords are kept, by the names of the settings they are for."""

    async def read(self, name: str) -> SecretValue:
        """What the store has now; asked anew each time, so whoever asks often keeps the answer.

        No error, and nothing the answer shows of itself, holds the value.

        Raises:
            SecretMissing: there is none of that name.
            SecretDenied: it may not be read, or not by us alone.
            SecretGarbled: what is there is no key.
            SecretThrottled: the store was asked too often.
            SecretsAway: the store did not answer in time.
        """
        ...


class SharedLimits(Protocol):
    """A source's limits, kept by all processes together on one clock."""

    async def take(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> float:
        """Zero when the call may be made now, or the seconds after which to ask again.

        Raises:
            SharedAway: nobody can say.
        """
        ...

    async def refund(
        self, source: SourceName, allowances: Sequence[Allowance], cost: int = 1
    ) -> None:
        """Take back a call that was admitted and not made.

        Raises:
            SharedAway: it stays spent.
        """
        ...

    async def pause(self, source: SourceName, seconds: float) -> None:
        """Admit nobody for that long; never shortens a pause.

        Raises:
            SharedAway: the others do not know.
        """
        ...


@frozen
class SharedPermit:
    """Leave for one call of the era `generation`; `probe` is the token of a lone probe."""

    generation: int
    probe: str | None = None


class SharedBreaker(Protocol):
    """A source's breaker, common to all processes. A new process changes nothing about it."""

    async def acquire(self, source: SourceName, policy: BreakerPolicy) -> SharedPermit | Rejected:
        """Whether a call may begin now; of all processes one alone gets the probe.

        Raises:
            SharedAway: nobody can say.
        """
        ...

    async def settle(
        self,
        source: SourceName,
        policy: BreakerPolicy,
        permit: SharedPermit,
        outcome: Outcome,
        *,
        slow: bool,
        retry_after_s: float = 0.0,
    ) -> None:
        """Count how the call ended; one of another era counts for nothing.

        Raises:
            SharedAway: it was not counted.
        """
        ...


class SpendingBook(Protocol):
    """What each vendor's day has cost so far; outlives the process."""

    async def add(self, source: SourceName, day: date, amount: Amount) -> Amount:
        """Add to the day and return its new total; adding nothing reads it.

        Raises:
            SharedAway: the book cannot be reached.
        """
        ...

    async def subtract(self, source: SourceName, day: date, amount: Amount) -> Amount:
        """Take from the day, never below nothing, and return its new total.

        Raises:
            SharedAway: the book cannot be reached.
        """
        ...


class PublisherLease(Protocol):
    """Who of several processes may publish: one at a time, for a while, by the store's clock."""

    async def acquire(self, holder: str, ttl_s: float, above: int = 0) -> Granted | Held:
        """The lease for `ttl_s` if nobody has it, or who has it.

        The token is greater than every token before, and than `above`: so it still grows where the
        store has forgotten.

        Raises:
            SharedAway: nobody can say; it may have been granted.
        """
        ...

    async def renew(self, token: int, ttl_s: float) -> bool:
        """Whether the lease of that token was in force; from now on it lasts `ttl_s` more.

        Raises:
            SharedAway: nobody can say; it may have been renewed.
        """
        ...

    async def release(self, token: int) -> None:
        """End the lease of that token, if it is in force.

        Raises:
            SharedAway: it could not be ended; it ends by itself.
        """
        ...

    async def look(self) -> Held | None:
        """Who has it, or None.

        Raises:
            SharedAway: nobody can say.
        """
        ...


class StepWorkers(Protocol):
    """Other processes that take steps of shards; what joins, leaves and starts anew is theirs."""

    @property
    def names(self) -> tuple[str, ...]:
        """Who is there now, in order of name; never waits."""
        ...

    async def step(self, worker: str, order: bytes) -> bytes:
        """What that worker's `Host` says to the order.

        One that is cancelled may be carried out all the same, and its reply is nobody's.

        Raises:
            WorkerLost: the worker is gone or broken; it may have taken the step.
        """
        ...


class Observer(Protocol):
    """Takes events; never blocks, never raises."""

    def notice(self, event: Event) -> None:
        """Take note of what happened."""
        ...


class Span(Protocol):
    """A piece of work that is under way."""

    def note(self, **attributes: str | float | bool) -> None:
        """Say more of it: few and short values, nothing secret, nothing that somebody else wrote.

        A `failed` names the class of the error that is what became of it.
        """
        ...


class Tracer(Protocol):
    """Which piece of work took how long, and of which it is a part; never blocks, never raises."""

    def span(
        self, name: str, within: object = None, /, **attributes: str | float | bool
    ) -> AbstractContextManager[Span]:
        """The block is a piece of work, and a part of the one around it.

        Tasks that begin in the block are in it, too. With a mark it is a part `within` that. What
        the block raises is what became of it, and goes on.
        """
        ...

    def mark(self) -> object:
        """The piece of work this is in, for parts of it that are done by other tasks."""
        ...

    def caller(self, traceparent: str) -> object:
        """The mark of a caller's, by the header of W3C's Trace Context; None where it is none."""
        ...


class Broker(Protocol):
    """Who executes orders. Asking twice for the same id never makes two orders."""

    @property
    def name(self) -> str:
        """What the record calls it: a word such as `paper` or `alpaca-paper`."""
        ...

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        """Place the order; one with the same id that is there already is returned as it is.

        Raises:
            BrokerAway: nobody knows whether it was placed; look for its id.
            BrokerThrottled: it was not placed.
            BrokerRefused: it will not be placed.
            BrokerGarbled: as if no answer had come.
        """
        ...

    async def cancel(self, broker_id: str) -> None:
        """Ask for an open order's end; it may still be filled until its status says otherwise.

        Raises:
            BrokerRefused: it is not open any more, or there is no such order.
            BrokerError: nobody knows, or not now.
        """
        ...

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        """Ask for an open order to be replaced by one with other quantity and prices; the new one.

        Only `id`, `quantity`, `limit` and `stop` may differ. Until the old one's status says
        REPLACED either may be filled; repeating it finds the new one by its id.

        Raises:
            BrokerRefused: it cannot be replaced now, or at all.
            BrokerError: nobody knows, or not now.
        """
        ...

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        """The order with that client's id, or None if the broker has none.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        """Every open order, and those that changed after `since`; legs as orders of their own.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def positions(self) -> tuple[BrokerPosition, ...]:
        """What is held, by symbol; nothing that is flat.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def account(self) -> BrokerAccount:
        """Money and standing.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        """Money that came in or went out after `since`, not by an order, oldest first.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        """The sessions of these days by the broker's calendar; None where it has none of its own.

        Raises:
            BrokerError: it does not say.
        """
        ...

    async def splits(self, symbols: Sequence[Symbol], first: date, last: date) -> tuple[Split, ...]:
        """Splits of these symbols that take effect on these days.

        Raises:
            BrokerError: it does not say.
        """
        ...

    def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        """What happens, as it does, beginning with a `StreamGap`, and another after every break.

        Messages may come late, twice, in another order or never. Ends only when it is closed.
        """
        ...


class TradingJournal(Protocol):
    """The facts of trading, one after the other; one writer, nothing is ever changed.

    Once nobody can say whether a batch was written, every call fails until it is opened again:
    what is in it then is what happened.
    """

    async def append(self, facts: Sequence[Fact]) -> tuple[Numbered, ...]:
        """Write all of them durably, or none, and number them.

        Raises:
            JournalError: it was not written, or nobody can say.
            InvalidInput: a fact has a value that cannot be written down; nothing was written.
        """
        ...

    async def facts(self, after: int = 0, limit: int = 1_000) -> tuple[Numbered, ...]:
        """At most so many facts with a greater number, in order.

        Raises:
            JournalError: it cannot be read.
        """
        ...

    async def of_order(self, order_id: str) -> tuple[Numbered, ...]:
        """Every fact about the order, in order.

        Raises:
            JournalError: it cannot be read.
        """
        ...


class Liquidity(Protocol):
    """How much of an instrument trades."""

    async def daily_values(
        self, asked: Sequence[Instrument], until: datetime
    ) -> Mapping[Symbol, Decimal]:
        """The average value traded in a day over the last 20 sessions, of those it knows.

        Raises:
            VendorError: no answer could be had.
        """
        ...


class MarketStream(Protocol):
    """What the market does between two looks at it: quotes, and halts of trading."""

    @property
    def connected(self) -> bool:
        """Whether it hears the market now."""
        ...

    @property
    def dropped(self) -> int:
        """How many messages it has left out because they could not be believed."""
        ...

    def watch(self, symbols: Sequence[Symbol]) -> None:
        """Want the quotes of these from now on, and of no others; the most wanted first.

        Of more than it can carry, and of those it was not made for, the rest is left out. Until
        that has reached the vendor, quotes of others may still come.
        """
        ...

    def ticks(self) -> AsyncGenerator[Tick, None]:
        """What happens, as it does, beginning with a `StreamGap`, and another after every break.

        Halts and their ends are told of every symbol it was made for; what was halted before a gap
        is not told again. Of what waits to be taken only the newest quote and halt of each symbol
        is kept. The price of a quote is halfway between its sides, or the one that is there, for
        trades are not told. It goes on for ever, whatever fails, and ends when it is closed. It is
        for one listener at a time.
        """
        ...
