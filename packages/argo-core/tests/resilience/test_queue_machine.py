"""A queue against a model that keeps one plain list and asks a limiter of its own.

The model is slow and obvious: waiters sorted by turn, the head served when its own limiter says so,
whoever cannot be in time turned away. Times are multiples of an eighth, so that sums are exact.
"""

from attrs import define, field
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.queue import (
    Granted,
    Happening,
    Left,
    Queue,
    Queued,
    Reason,
    Step,
    TurnedAway,
    Urgency,
)

EIGHTH = 0.125
URGENCIES = st.sampled_from(list(Urgency))
MOST = 6


@define
class Waiter:
    number: int
    arrived: float
    turn: tuple[float, int]
    cost: int
    deadline: float


@define
class Model:
    """Who waits, who was granted, and what the tokens are, the long way round."""

    limiter: Limiter
    waiting: list[Waiter] = field(factory=list)
    granted: dict[int, tuple[int, Waiter]] = field(factory=dict)
    number: int = 0

    def expected(self, now: float, waiter: Waiter) -> float:
        ahead = sum(one.cost for one in self.waiting if one.turn < waiter.turn)
        return self.limiter.ready_at(now, ahead + waiter.cost)

    def serve(self, now: float) -> list[Happening]:
        happened: list[Happening] = []
        self.waiting.sort(key=lambda one: one.turn)
        while self.waiting:
            head = self.waiting[0]
            ready = self.limiter.ready_at(now, head.cost)
            if ready > head.deadline:
                self.waiting.pop(0)
                happened.append(TurnedAway(head.number, Reason.LATE, ready - now))
            elif ready > now:
                break
            else:
                self.waiting.pop(0)
                ticket = self.limiter.take(now, head.cost)
                self.granted[head.number] = (ticket, head)
                happened.append(Granted(head.number, ticket, now - head.arrived))
        return happened

    def join(self, now: float, urgency: Urgency, deadline: float, cost: int) -> list[Happening]:
        happened = self.serve(now)
        self.number += 1
        turn = (now + urgency.value, self.number)
        new = Waiter(self.number, now, turn, cost, deadline)
        expected = self.expected(now, new)
        if len(self.waiting) + len(self.granted) >= MOST:
            return [*happened, TurnedAway(new.number, Reason.FULL, expected - now)]
        if expected > deadline:
            return [*happened, TurnedAway(new.number, Reason.LATE, expected - now)]
        self.waiting.append(new)
        happened += self.serve(now)
        if new in self.waiting:
            happened.append(Queued(new.number, expected))
        return happened

    def cancel(self, now: float, number: int) -> list[Happening]:
        happened: list[Happening] = []
        for one in self.waiting:
            if one.number == number:
                self.waiting.remove(one)
                happened.append(Left(number, refunded=False))
                break
        else:
            if number in self.granted:
                ticket, one = self.granted.pop(number)
                self.limiter.refund(now, ticket, one.cost)
                happened.append(Left(number, refunded=True))
        return happened + self.serve(now)

    def review(self, now: float) -> list[Happening]:
        happened: list[Happening] = []
        for one in sorted(self.waiting, key=lambda each: each.turn):
            expected = self.expected(now, one)
            if expected > one.deadline:
                self.waiting.remove(one)
                happened.append(TurnedAway(one.number, Reason.LATE, expected - now))
        return happened + self.serve(now)

    def wake_at(self, now: float) -> float | None:
        if not self.waiting:
            return None
        head = min(self.waiting, key=lambda one: one.turn)
        return self.limiter.ready_at(now, head.cost)


class QueueMachine(RuleBasedStateMachine):
    """Drives both side by side, as a shell would and as one would not."""

    @initialize(
        rate=st.sampled_from([0.125, 0.5, 2.0]), burst=st.integers(2, 3), second=st.booleans()
    )
    def begin_with(self, rate: float, burst: int, second: bool) -> None:
        allowances = (Allowance(rate, burst), *([Allowance(rate / 2, 4.0)] if second else []))
        policy = LimitPolicy(allowances, slack_s=0.0)
        self.now = 0.0
        self.own, self.limiter = Limiter(policy), Limiter(policy)
        self.queue, self.model = Queue(self.limiter, most=MOST), Model(self.own)

    def same(self, step: Step, happened: list[Happening]) -> None:
        assert step == Step(tuple(happened), self.model.wake_at(self.now))

    def everybody(self) -> list[int]:
        return [*(one.number for one in self.model.waiting), *self.model.granted]

    @rule(eighths=st.sampled_from([0, 1, 3, 8, 17, 24]))
    def time_passes(self, eighths: int) -> None:
        self.now += eighths * EIGHTH
        self.same(self.queue.wake(self.now), self.model.serve(self.now))

    @rule(
        urgency=URGENCIES,
        patience=st.sampled_from([0, 8, 40, 128, 800]),
        cost=st.sampled_from([1, 1, 2]),
    )
    def join(self, urgency: Urgency, patience: int, cost: int) -> None:
        deadline = self.now + patience * EIGHTH
        number, step = self.queue.join(self.now, urgency, deadline, cost)
        self.same(step, self.model.join(self.now, urgency, deadline, cost))
        assert number == self.model.number

    @rule()
    def take_the_free_path(self) -> None:
        expected = 0 if self.model.waiting else self.own.take(self.now)
        assert self.queue.take(self.now) == expected

    @precondition(lambda self: self.model.granted)
    @rule(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.granted)))
        self.queue.begin(number)
        del self.model.granted[number]

    @precondition(lambda self: self.model.number)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from([*self.everybody(), 1, self.model.number]))
        self.same(self.queue.cancel(self.now, number), self.model.cancel(self.now, number))

    @precondition(lambda self: self.model.granted)
    @rule(data=st.data(), eighths=st.integers(1, 24))
    def wait_again(self, data: st.DataObject, eighths: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.model.granted)))
        for limiter in (self.own, self.limiter):
            limiter.pause(self.now, eighths * EIGHTH, 0.0)
        ticket, one = self.model.granted.pop(number)
        self.own.refund(self.now, ticket, one.cost)
        self.model.waiting.append(one)
        self.same(self.queue.again(self.now, number), self.model.review(self.now))

    @rule(eighths=st.integers(1, 40))
    def pause(self, eighths: int) -> None:
        for limiter in (self.own, self.limiter):
            limiter.pause(self.now, eighths * EIGHTH, 0.0)
        self.same(self.queue.review(self.now), self.model.review(self.now))

    @rule(remaining=st.integers(0, 2))
    def lower(self, remaining: int) -> None:
        for limiter in (self.own, self.limiter):
            limiter.lower(self.now, remaining)
        self.same(self.queue.review(self.now), self.model.review(self.now))

    @invariant()
    def the_same_wait(self) -> None:
        if hasattr(self, "queue"):
            assert len(self.queue) == len(self.model.waiting) <= MOST
            assert self.queue._granted.keys() == self.model.granted.keys()
            assert self.limiter.tokens(self.now) == self.own.tokens(self.now)
            lines = self.queue._lines.values()
            costs = sum(one.cost for one in self.model.waiting)
            assert sum(line.cost for line in lines) == costs


TestQueueAgainstItsModel = QueueMachine.TestCase
