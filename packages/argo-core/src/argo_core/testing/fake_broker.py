"""A broker that does what it is told, and fails as it is told: the paper broker in memory."""

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, auto
from typing import TypeVar

from attrs import define, evolve

from argo_core.errors import BrokerAway, BrokerGarbled, BrokerRefused, BrokerThrottled
from argo_core.market.instrument import Symbol
from argo_core.market.quote import Quote
from argo_core.market.session import Session
from argo_core.ports import Clock
from argo_core.trading.broker_view import (
    BrokerAccount,
    BrokerOrder,
    BrokerPosition,
    BrokerUpdate,
    CashFlow,
    Split,
    StreamGap,
)
from argo_core.trading.order import OrderRequest
from argo_core.trading.paper.house import PaperHouse
from argo_core.trading.paper.settings import PaperSettings
from argo_core.trading.paper.state import PaperState, new_account
from argo_core.trading.paper.stream import MOST, UpdateStream
from argo_core.trading.position import Position

T = TypeVar("T")

ACCOUNT = "fake"


class Fault(Enum):
    """How a call goes wrong."""

    AWAY_BEFORE = auto()
    AWAY_AFTER = auto()
    GARBLED_AFTER = auto()
    THROTTLED = auto()
    REFUSED = auto()


@define
class _Trouble:
    fault: Fault
    times: int
    calls: frozenset[str]


class FakeBroker:
    """Satisfies `Broker`; `house` is what really happens, and does not know of any fault.

    `fail` makes calls go wrong, and each call takes `seconds` on the clock. Messages are lost while
    `dropping`, told twice while `doubling`, and kept while `holding`, until `release`. `calls` has
    every call's name and what it was about, whether it went wrong or not. `calendar` is what
    `sessions` says, `announced` what `splits` does.
    """

    def __init__(
        self,
        clock: Clock,
        settings: PaperSettings | None = None,
        state: PaperState | None = None,
        *,
        most: int = MOST,
    ) -> None:
        self.settings = settings or PaperSettings(name="fake")
        self.house = PaperHouse(self.settings, state or new_account(ACCOUNT, self.settings))
        self.seconds = 0.0
        self.dropping = self.doubling = self.holding = False
        self.calls: list[tuple[str, str]] = []
        self.calendar: tuple[Session, ...] | None = None
        self.announced: list[Split] = []
        self._clock = clock
        self._troubles: list[_Trouble] = []
        self._held: list[BrokerUpdate] = []
        self._stream = UpdateStream(clock.now, most)

    @property
    def name(self) -> str:
        return self.settings.name

    # What goes wrong.

    def fail(self, fault: Fault, times: int = 1, *calls: str) -> None:
        """Let the next so many calls of these names go wrong, or of any name if none is given."""
        self._troubles.append(_Trouble(fault, times, frozenset(calls)))

    def heal(self) -> None:
        """No more faults, and nothing held back."""
        self._troubles.clear()
        self.dropping = self.doubling = self.holding = False
        self.release()

    def release(self, *, backwards: bool = False) -> None:
        """Tell what was held, in its order or the last first."""
        held, self._held = self._held, []
        self._stream.tell(reversed(held) if backwards else held)

    def break_stream(self) -> None:
        """What was not heard yet is lost, and listeners are told of a gap."""
        self._held.clear()
        self._stream.break_off()

    def say(self, update: BrokerUpdate) -> None:
        """Tell that, though nothing of it happened."""
        self._stream.tell([update])

    # What happens at the market, and behind our back.

    def quote(
        self,
        symbol: str,
        bid: str,
        ask: str,
        volume: Decimal | None = None,
        *,
        at: datetime | None = None,
    ) -> None:
        """A new quote, halfway of which is the last price."""
        now, low, high = self._clock.now(), Decimal(bid), Decimal(ask)
        told = Quote(Symbol(symbol), (low + high) / 2, at or now, now, "fake", low, high)
        self._tell(self.house.on_quote(told, volume, now))

    def manual(self, request: OrderRequest) -> BrokerOrder:
        """Somebody else orders with the same account."""
        order = self.house.submit(request, self._clock.now())
        self._tell(self.house.said())
        return order

    def manual_cancel(self, broker_id: str) -> None:
        """Somebody else cancels an order."""
        self.house.cancel(broker_id, self._clock.now())
        self._tell(self.house.said())

    def sneak(self, symbol: str, quantity: str, average: str) -> None:
        """A position is other than all orders add up to, and nobody is told."""
        position = Position(Decimal(quantity), Decimal(average))
        self._tell(self.house.said())
        state = self.house.dump()
        positions = {**state.positions, Symbol(symbol): position}
        self.house = PaperHouse(self.settings, evolve(state, positions=positions))

    def close_day(self) -> None:
        """The session's official close."""
        self._tell(self.house.close_day(self._clock.now()))

    def split(self, symbol: str, new: str, old: str) -> None:
        """Shares are split now; `announced` is another matter."""
        now = self._clock.now()
        self.house.split(Split(Symbol(symbol), now, Decimal(new), Decimal(old)), now)
        self._tell(self.house.said())

    # The port.

    async def submit(self, request: OrderRequest) -> BrokerOrder:
        fault = await self._called("submit", request.id)
        return self._answer(fault, self.house.submit(request, self._clock.now()))

    async def cancel(self, broker_id: str) -> None:
        fault = await self._called("cancel", broker_id)
        self.house.cancel(broker_id, self._clock.now())
        self._answer(fault, None)

    async def replace(self, broker_id: str, request: OrderRequest) -> BrokerOrder:
        fault = await self._called("replace", broker_id)
        return self._answer(fault, self.house.replace(broker_id, request, self._clock.now()))

    async def order(self, id: str) -> BrokerOrder | None:  # noqa: A002 - it is the order's id
        return self._answer(await self._called("order", id), self.house.order(id))

    async def orders(self, since: datetime | None = None) -> tuple[BrokerOrder, ...]:
        return self._answer(await self._called("orders"), self.house.orders(since))

    async def positions(self) -> tuple[BrokerPosition, ...]:
        return self._answer(await self._called("positions"), self.house.positions())

    async def account(self) -> BrokerAccount:
        return self._answer(await self._called("account"), self.house.account())

    async def flows(self, since: datetime) -> tuple[CashFlow, ...]:
        return self._answer(await self._called("flows"), self.house.flows(since))

    async def sessions(self, first: date, last: date) -> tuple[Session, ...] | None:
        fault = await self._called("sessions")
        if self.calendar is None:
            return self._answer(fault, None)
        days = (one for one in self.calendar if first <= one.open.date() <= last)
        return self._answer(fault, tuple(days))

    async def splits(self, symbols: Sequence[Symbol], first: date, last: date) -> tuple[Split, ...]:
        fault, asked = await self._called("splits"), set(symbols)
        return self._answer(
            fault,
            tuple(
                one
                for one in self.announced
                if one.symbol in asked and first <= one.at.date() <= last
            ),
        )

    def updates(self) -> AsyncIterator[BrokerUpdate | StreamGap]:
        return self._stream.listen()

    async def _called(self, call: str, about: str = "") -> Fault | None:
        """What is to go wrong after the call; what goes wrong before it is raised."""
        self.calls.append((call, about))
        await self._clock.sleep(self.seconds)
        fault = self._fault(call)
        match fault:
            case Fault.AWAY_BEFORE:
                raise BrokerAway(self.name, "no answer within its time")
            case Fault.THROTTLED:
                raise BrokerThrottled(self.name, "rate limit exceeded", 1.0)
            case Fault.REFUSED:
                raise BrokerRefused(self.name, "it will not do this", "refused")
            case _:
                return fault

    def _fault(self, call: str) -> Fault | None:
        for trouble in self._troubles:
            if not trouble.calls or call in trouble.calls:
                trouble.times -= 1
                if not trouble.times:
                    self._troubles.remove(trouble)
                return trouble.fault
        return None

    def _answer(self, fault: Fault | None, answer: T) -> T:
        self._tell(self.house.said())
        if fault is Fault.AWAY_AFTER:
            raise BrokerAway(self.name, "no answer within its time")
        if fault is Fault.GARBLED_AFTER:
            raise BrokerGarbled(self.name, "the answer is cut off")
        return answer

    def _tell(self, updates: Iterable[BrokerUpdate]) -> None:
        told = [one for one in updates for _ in range(1 + self.doubling)]
        if self.holding:
            self._held += told
        elif not self.dropping:
            self._stream.tell(told)
