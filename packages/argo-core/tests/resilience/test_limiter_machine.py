"""The limiter beside a model that replays everything it was told, in exact fractions.

The model keeps tokens, not arrival times, and forgets nothing: a refunded call is left out of the
replay, which is what a refund has to mean. All moments, rates and tokens here are binary fractions,
so the limiter's floats are exact too, and the two are compared with ==.
"""

from fractions import Fraction
from math import nextafter
from operator import le

from attrs import frozen
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.complaint import STEP_S
from argo_core.resilience.limiter import Limiter

CUT, REGAIN = Fraction(1, 2), Fraction(1, 2)
SLACK = Fraction(1, 64)

rates = st.sampled_from([Fraction(1, 2), Fraction(1), Fraction(2), Fraction(4)])
bursts = st.sampled_from([Fraction(1), Fraction(2), Fraction(3)])
limits = st.lists(st.tuples(rates, bursts), min_size=1, max_size=2)
gaps = st.sampled_from([Fraction(n, 64) for n in (0, 1, 2, 15, 16, 32, 63, 64, 128)])


@frozen(eq=False)
class Event:
    """Something that changed tokens; `values` are its cost, what remains, or the new limits."""

    at: Fraction
    what: str
    values: tuple[Fraction, ...]
    limit: int = -1


class Bucket:
    """One limit by the book: tokens flow in up to the burst, and calls take them out."""

    def __init__(self, rate: Fraction, burst: Fraction) -> None:
        self.rate, self.burst, self.tokens, self.since = rate, burst, burst, Fraction(0)

    def at(self, now: Fraction, steps: list[tuple[Fraction, Fraction]]) -> Fraction:
        tokens, start, share = self.tokens, self.since, Fraction(1)
        past = [each for each in steps if each[0] <= now]
        for since, portion in [*past, (now, Fraction(1))]:
            if since > start:
                tokens = min(self.burst, tokens + self.rate * share * (since - start))
                start = since
            share = portion
        return tokens

    def apply(self, event: Event, steps: list[tuple[Fraction, Fraction]], number: int) -> None:
        self.tokens, self.since = self.at(event.at, steps), event.at
        if event.what == "take":
            self.tokens -= event.values[0]
        elif event.what == "lower" and event.limit == number:
            self.tokens = min(self.tokens, event.values[0])
        elif event.what == "retune":
            self.rate, self.burst = event.values[2 * number : 2 * number + 2]
            self.tokens = min(self.tokens, self.burst)


class Model:
    """What happened, in order, and what follows from it."""

    def __init__(self, limits: list[tuple[Fraction, Fraction]]) -> None:
        self.now = Fraction(0)
        self.first = limits
        self.log: list[Event] = []
        self.quiet_until = Fraction(0)
        self.steps: list[tuple[Fraction, Fraction]] = []
        self.buckets = [Bucket(*limit) for limit in limits]

    def share(self, at: Fraction) -> Fraction:
        known = [portion for since, portion in self.steps if since <= at]
        return known[-1] if known else Fraction(1)

    def cut(self) -> None:
        at, portion = self.now, max(Fraction(1, 64), self.share(self.now) * CUT)
        self.steps = [each for each in self.steps if each[0] <= at] + [(at, portion)]
        while portion < 1:
            at, portion = at + Fraction(STEP_S), min(Fraction(1), portion + REGAIN)
            self.steps.append((at, portion))

    def happened(self, event: Event) -> Event:
        self.log.append(event)
        for number, bucket in enumerate(self.buckets):
            bucket.apply(event, self.steps, number)
        return event

    def undo(self, event: Event) -> list[Event]:
        """Replay all but this; gives the calls that came after it."""
        place = self.log.index(event)
        kept = self.log[:place] + self.log[place + 1 :]
        self.log, self.buckets = [], [Bucket(*limit) for limit in self.first]
        for each in kept:
            self.happened(each)
        return [each for each in kept[place:] if each.what == "take"]

    def tokens(self) -> list[Fraction]:
        return [bucket.at(self.now, self.steps) for bucket in self.buckets]

    def admits(self, at: Fraction, cost: int) -> bool:
        share = self.share(at)
        return at >= self.quiet_until and all(
            bucket.at(at, self.steps) + SLACK * bucket.rate * share >= cost
            for bucket in self.buckets
        )


class LimiterMachine(RuleBasedStateMachine):
    @initialize(limits=limits)
    def start(self, limits: list[tuple[Fraction, Fraction]]) -> None:
        self.model = Model(limits)
        allowances = tuple(Allowance(float(rate), float(burst)) for rate, burst in limits)
        policy = LimitPolicy(
            allowances, slack_s=float(SLACK), cut=float(CUT), regain=float(REGAIN), jitter=0.5
        )
        self.limiter = Limiter(policy)
        self.tickets: dict[int, Event] = {}
        # Until a refund comes that time, a header or another rate has made worth less than a token
        # or hard to reckon, the two agree exactly; from then on the limiter may only be stricter.
        self.exact = True
        self.changed_at = Fraction(-1)
        self.complained = 0
        self.void = 0

    @property
    def now(self) -> float:
        return float(self.model.now)

    @rule(gap=gaps)
    def wait(self, gap: Fraction) -> None:
        self.model.now += gap

    @rule(cost=st.integers(1, 3), back=gaps)
    def take(self, cost: int, back: Fraction) -> None:
        if cost > self.limiter.most:
            return
        self.limiter.moment(self.now)
        # A clock that has stepped back changes nothing.
        ticket = self.limiter.take(float(self.model.now - back), cost)
        wanted = self.model.admits(self.model.now, cost)
        assert bool(ticket) == wanted if self.exact else bool(ticket) <= wanted
        if ticket:
            event = Event(self.model.now, "take", (Fraction(cost),))
            self.tickets[ticket] = self.model.happened(event)

    @rule(cost=st.integers(1, 3))
    def wait_as_told(self, cost: int) -> None:
        if cost > self.limiter.most:
            return
        ready = self.limiter.ready_at(self.now, cost)
        if self.exact:
            assert self.model.admits(Fraction(ready), cost)
            before = Fraction(nextafter(ready, -1))
            assert ready == self.now or not self.model.admits(before, cost)
        self.model.now = Fraction(ready)
        self.take(cost, Fraction(0))
        assert self.tickets
        assert self.model.log[-1].at == self.model.now

    @precondition(lambda self: self.tickets)
    @rule(data=st.data())
    def refund(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.tickets)))
        event = self.tickets.pop(ticket)
        self.limiter.refund(self.now, ticket, int(event.values[0]))
        later = self.model.undo(event)
        # Full worth needs that all calls since came in one moment and at one rate, and that none of
        # those that were given back came later than they did.
        plain = not later or (
            later[0].at == self.limiter._admitted_at and event.at >= self.changed_at
        )
        self.exact = self.exact and plain and ticket > self.void

    @rule(delay=gaps, u=st.sampled_from([0.0, 0.5]))
    def pause(self, delay: Fraction, u: float) -> None:
        until = Fraction(self.limiter.pause(self.now, float(delay), u).until)
        assert until >= self.model.now + delay
        assert until >= self.model.quiet_until
        assert until == max(self.model.quiet_until, self.model.now + delay * (1 + Fraction(u) / 2))
        self.model.quiet_until = until

    # A second cut would lead to three quarters of a rate, whose interval is no binary fraction.
    @precondition(lambda self: self.tickets and self.model.share(self.model.now) == 1)
    @rule(data=st.data())
    def throttled(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(sorted(self.tickets)))
        slowed = self.limiter.throttled(self.now, ticket)
        assert (slowed is None) == (ticket <= self.complained)
        if slowed:
            self.model.cut()
            self.complained = self.limiter._admitted
            self.changed_at = self.model.steps[-1][0]
            assert Fraction(slowed.share) == self.model.share(self.model.now)

    @rule(remaining=st.integers(0, 3), data=st.data())
    def lower(self, remaining: int, data: st.DataObject) -> None:
        limit = data.draw(st.integers(0, len(self.model.buckets) - 1))
        if remaining < self.model.buckets[limit].burst:
            self.void = self.limiter._admitted
        self.limiter.lower(self.now, remaining, limit)
        self.model.happened(Event(self.model.now, "lower", (Fraction(remaining),), limit))

    @rule(data=st.data())
    def retune(self, data: st.DataObject) -> None:
        size = len(self.model.buckets)
        new = data.draw(st.lists(st.tuples(rates, bursts), min_size=size, max_size=size))
        self.limiter.retune(self.now, [Allowance(float(r), float(b)) for r, b in new])
        values = tuple(value for pair in new for value in pair)
        self.model.happened(Event(self.model.now, "retune", values))
        self.void = self.limiter._admitted

    @invariant()
    def tokens_agree(self) -> None:
        seen = [Fraction(tokens) for tokens in self.limiter.tokens(self.now)]
        wanted = self.model.tokens()
        assert seen == wanted if self.exact else all(map(le, seen, wanted))


TestLimiterMachine = LimiterMachine.TestCase
TestLimiterMachine.settings = settings(stateful_step_count=20)
