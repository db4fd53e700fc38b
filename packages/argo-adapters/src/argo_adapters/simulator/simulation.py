"""What the simulator decides about each request, and what an operator may switch while it runs."""

import math
from collections.abc import Collection, Iterator, Mapping
from statistics import NormalDist

from attrs import evolve, frozen

from argo_adapters.simulator.counts import Counts
from argo_adapters.simulator.faults import BAD_GATEWAY, SPOILERS, Fault, renamed
from argo_adapters.simulator.lens import Lens
from argo_adapters.simulator.manners import Manner
from argo_adapters.simulator.market import Market
from argo_adapters.simulator.news import Newsroom
from argo_adapters.simulator.stamps import HOUR, nanoseconds
from argo_adapters.simulator.throttle import Throttle
from argo_adapters.simulator.vendor import Route, Vendor
from argo_adapters.simulator.wire import Ask, Limit, RefusedError, Reply
from argo_core.backtest.dice import uniforms
from argo_core.backtest.tape import Tape
from argo_core.errors import InvalidInput
from argo_core.market.instrument import Symbol
from argo_core.ports import Clock

KEY = "simulator-key"
LONGEST_LINE = 8_192
STRANGER = "ZZZZ9"

_SPREAD = 0.25
_HIDDEN = 1 / 3
_NORMAL = NormalDist()
_TOO_LONG = Reply(414, b"<html><h1>414 Request-URI Too Large</h1></html>", content_type="text/html")


@frozen
class _Luck:
    """The moment and the dice of one request."""

    now: int
    chance: Iterator[float]


class Simulation:
    """Vendors over one market. Latencies are log-normal around the vendor's, divided by a scale."""

    def __init__(
        self,
        tape: Tape,
        clock: Clock,
        vendors: Collection[Vendor],
        *,
        latency_scale: float = 1.0,
        rates: Mapping[str, Mapping[Fault, float]] | None = None,
        seed: int = 0,
        keys: Collection[str] = (KEY,),
        limits: bool = True,
        plans: Mapping[str, Limit] | None = None,
        market: Market | None = None,
    ) -> None:
        if not latency_scale > 0:
            problem = f"{latency_scale} cannot divide a latency"
            raise InvalidInput("latency_scale", problem, "give a positive number, inf for none")
        self.tape = tape
        self.clock = clock
        self.vendors = {vendor.name: vendor for vendor in vendors}
        self.market = market or Market(tape)
        self.counts = Counts()
        self._newsroom = Newsroom(self.market)
        self._scale = latency_scale
        self._seed = seed
        self._keys = frozenset(keys)
        self.limits = limits
        self._broken: dict[str, Fault] = {}
        self._manner: Manner | None = None
        self._rates = {name: dict(each) for name, each in (rates or {}).items()}
        for name, each in self._rates.items():
            self._known(name)
            if not 0 <= math.fsum(each.values()) <= 1 or min(each.values(), default=0) < 0:
                problem = f"the rates of {name} are no probabilities"
                raise InvalidInput("rates", problem, "give shares that add up to at most 1")
        plans = plans or {}
        self._throttles = {
            name: Throttle(plans.get(name, vendor.limit)) for name, vendor in self.vendors.items()
        }

    def break_vendor(self, vendor: str, fault: Fault) -> None:
        """Every request to the vendor meets this fault from now on.

        Raises:
            InvalidInput: there is no such vendor.
        """
        self._broken[self._known(vendor)] = fault

    def heal(self, vendor: str) -> None:
        """The vendor works again, apart from its random faults.

        Raises:
            InvalidInput: there is no such vendor.
        """
        self._broken.pop(self._known(vendor), None)

    def write(self, manner: Manner | None) -> None:
        """Language models write prose in this manner from now on; None mixes them as ever."""
        self._manner = manner

    def chance(self, vendor: Vendor, number: int) -> Iterator[float]:
        """The luck of the vendor's request of that number."""
        return uniforms(self._seed, "request", vendor.name, number)

    def fault(self, vendor: Vendor, chance: Iterator[float]) -> Fault | None:
        """What goes wrong this time: what was switched on, or what the dice say."""
        drawn = next(chance)
        if vendor.name in self._broken:
            return self._broken[vendor.name]
        for fault, rate in self._rates.get(vendor.name, {}).items():
            if drawn < rate:
                return fault
            drawn -= rate
        return None

    def latency_s(self, vendor: Vendor, chance: Iterator[float]) -> float:
        """How long the vendor takes this time."""
        normal = _NORMAL.inv_cdf(min(max(next(chance), 1e-9), 1 - 1e-9))
        return vendor.latency_s * math.exp(_SPREAD * normal) / self._scale

    def reply(
        self, vendor: Vendor, route: Route, ask: Ask, fault: Fault | None, chance: Iterator[float]
    ) -> Reply:
        """The vendor's reply at this moment of the tape."""
        now = nanoseconds(self.clock.now())
        denied = None if route.open else vendor.authorise(ask, self._keys)
        if denied is not None:
            return denied
        throttle = self._throttles[vendor.name]
        if self.limits and not throttle.admit(now):
            reply = _picked(vendor.refusals[Fault.THROTTLED], chance)
        else:
            reply = self._answered(vendor, route, ask, fault, _Luck(now, chance))
        headers = vendor.rate_headers(throttle.limit, throttle.left(), throttle.resets(now))
        return evolve(reply, headers={**headers, **reply.headers}) if headers else reply

    def too_long(self, line: str) -> Reply | None:
        """The refusal of a path and query that front ends do not take."""
        return _TOO_LONG if len(line) > LONGEST_LINE else None

    def _answered(
        self, vendor: Vendor, route: Route, ask: Ask, fault: Fault | None, luck: _Luck
    ) -> Reply:
        if refusal := _refusal(vendor, fault, luck.chance):
            return refusal
        try:
            reply = route.handler(self._lens(fault, luck.now), ask)
        except RefusedError as refused:
            return refused.reply
        if fault is not None and fault in SPOILERS:
            return evolve(reply, body=SPOILERS[fault](reply.body, luck.chance))
        if fault is Fault.UNKNOWN_SYMBOLS:
            return evolve(reply, body=self._with_stranger(vendor, reply.body))
        return reply

    def _lens(self, fault: Fault | None, now: int) -> Lens:
        lens = Lens(self.market, self._newsroom, now, manner=self._manner)
        match fault:
            case Fault.STALE:
                return lens.delayed(HOUR)
            case Fault.FUTURE:
                return evolve(lens, shift=HOUR)
            case Fault.CROSSED:
                return evolve(lens, crossed=True)
            case Fault.MISSING_SYMBOLS:
                return evolve(lens, hidden=self._absent())
            case _:
                return lens

    def _absent(self) -> frozenset[Symbol]:
        """The first instrument and about a third of the others."""
        symbols = list(self.market.instruments)
        others = (one for one in symbols if next(uniforms(self._seed, "absent", one)) < _HIDDEN)
        return frozenset([*symbols[:1], *others])

    def _with_stranger(self, vendor: Vendor, body: bytes) -> bytes:
        for symbol in self.market.instruments:
            changed = renamed(body, vendor.spell(symbol), STRANGER)
            if changed != body:
                return changed
        return body

    def _known(self, vendor: str) -> str:
        if vendor not in self.vendors:
            names = ", ".join(self.vendors)
            raise InvalidInput("vendor", f"{vendor[:40]!r} is unknown", f"use one of {names}")
        return vendor


def _refusal(vendor: Vendor, fault: Fault | None, chance: Iterator[float]) -> Reply | None:
    """What the vendor says instead of an answer, if the fault is of that kind."""
    if fault is None:
        return None
    if fault in vendor.refusals:
        return _picked(vendor.refusals[fault], chance)
    if fault is Fault.THROTTLED_RETRY_AFTER:
        wait = {"Retry-After": str(1 + int(next(chance) * 5))}
        return evolve(vendor.refusals[Fault.THROTTLED][0], status=429, headers=wait)
    return BAD_GATEWAY if fault is Fault.BAD_GATEWAY else None


def _picked(replies: tuple[Reply, ...], chance: Iterator[float]) -> Reply:
    return replies[int(next(chance) * len(replies))]
