"""Ten minutes of too many callers, late timers and cancellations, counted as the vendor counts."""

from heapq import heappop, heappush
from random import Random

import pytest
from attrs import define, field

from argo_core.resilience.allowance import Allowance, LimitPolicy, within
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.queue import Granted, Left, Queue, Step, TurnedAway, Urgency


@define(slots=False)
class Storm:
    """Drives a queue as a shell would; `made` are the moments and costs of calls really made."""

    seed: int
    policy: LimitPolicy
    pressure: float
    seconds: float
    costs: tuple[int, ...] = (1,)
    cancelled: float = 0.2
    dropped: float = 0.05
    lag_s: float = 0.004
    made: list[tuple[float, int]] = field(factory=list)
    turned_away: int = 0
    refunded: int = 0
    agenda: list[tuple[float, int, str, int]] = field(factory=list)
    armed: float | None = None
    cost_of: dict[int, int] = field(factory=dict)

    def __attrs_post_init__(self) -> None:
        self.chance = Random(self.seed)  # noqa: S311 - A storm that comes again is wanted.
        self.queue = Queue(Limiter(self.policy))
        self.count = self.timer = 0

    def run(self) -> Queue:
        self.plan(0.0, "join")
        while self.agenda[0][0] <= self.seconds:
            now, _, what, who = heappop(self.agenda)
            if what == "join":
                self.join(now)
            elif what == "wake":
                # There is one timer: setting it anew forgets when it was to go off before.
                if who == self.timer:
                    self.armed = None
                    self.settle(now, self.queue.wake(now))
            elif what == "begin" and who in self.queue._granted:
                self.queue.begin(who)
                self.made.append((now, self.cost_of[who]))
            else:
                self.settle(now, self.queue.cancel(now, who))
        return self.queue

    def plan(self, at: float, what: str, who: int = 0) -> None:
        self.count += 1
        heappush(self.agenda, (at, self.count, what, who))

    def join(self, now: float) -> None:
        rate = min(each.rate for each in self.policy.allowances) * self.pressure
        self.plan(now + self.chance.expovariate(rate * len(self.costs) / sum(self.costs)), "join")
        urgency, cost = self.chance.choice(list(Urgency)), self.chance.choice(self.costs)
        waiter, step = self.queue.join(now, urgency, now + self.chance.choice([1.0, 20.0]), cost)
        self.cost_of[waiter] = cost
        self.settle(now, step)
        if self.chance.random() < self.cancelled:
            self.plan(now + self.chance.random() * 5, "cancel", waiter)

    def settle(self, now: float, step: Step) -> None:
        for each in step.happened:
            self.turned_away += isinstance(each, TurnedAway)
            self.refunded += isinstance(each, Left) and each.refunded
            if isinstance(each, Granted):
                # Some give up in the moment of their grant, some calls begin a little later.
                what = "cancel" if self.chance.random() < self.dropped else "begin"
                self.plan(now + self.chance.choice([0.0, 0.0, 0.001]), what, each.waiter)
        if step.wake_at is not None and step.wake_at != self.armed:
            self.armed = step.wake_at
            self.timer += 1
            self.plan(self.armed + self.chance.random() * self.lag_s, "wake", self.timer)

    def most_in(self, window_s: float) -> int:
        """The largest cost of calls made in any closed window."""
        most = inside = start = 0
        for at, cost in self.made:
            inside += cost
            while self.made[start][0] < at - window_s:
                inside -= self.made[start][1]
                start += 1
            most = max(most, inside)
        return most


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_window_is_above_the_vendors_limit_in_a_ten_minute_storm(seed: int) -> None:
    limits = ((300, 60.0, 20), (10, 1.0, 3))
    policy = LimitPolicy(tuple(within(*limit) for limit in limits))
    storm = Storm(seed, policy, pressure=1.5, seconds=600.0)
    storm.run()
    for calls, window_s, _ in limits:
        assert storm.most_in(window_s) <= calls
    allowed = min(each.rate for each in policy.allowances) * storm.seconds
    assert sum(cost for _, cost in storm.made) >= 0.95 * allowed
    assert storm.refunded > 100
    assert storm.turned_away > 100


def test_admissions_in_any_window_stay_below_the_bound() -> None:
    allowance = Allowance(4.0, 6.0)
    storm = Storm(7, LimitPolicy((allowance,)), pressure=2.0, seconds=600.0, costs=(1, 1, 2, 5))
    storm.run()
    for window_s in (0.0, 0.5, 1.0, 7.0, 60.0, 300.0):
        # A call begins up to a millisecond after its admission.
        bound = allowance.burst + allowance.rate * (window_s + 0.001 + 0.005)
        assert storm.most_in(window_s) <= bound


def test_a_queue_at_two_thousand_a_second_delivers_the_rate_with_late_timers() -> None:
    policy = LimitPolicy((Allowance(2_000.0),))
    storm = Storm(5, policy, pressure=1.2, seconds=2.0, dropped=0.02)
    storm.run()
    assert len(storm.made) >= 0.95 * 2_000 * storm.seconds
    assert storm.most_in(1.0) <= 1 + 2_000 * (1.001 + 0.005)


def _served_in_a_second(slack_s: float) -> int:
    """By a timer that is always a millisecond late, with a queue that is never empty."""
    queue = Queue(Limiter(LimitPolicy((Allowance(2_000.0),), slack_s=slack_s)), most=2_500)
    for _ in range(2_400):
        _, step = queue.join(0.0, Urgency.REFRESH, 60.0)
    served, now = 1, 0.0
    while step.wake_at is not None and now < 1.0:
        now = step.wake_at + 0.001
        step = queue.wake(now)
        served += len(step.happened)
    return served


def test_late_timers_cost_nothing_with_slack_and_most_of_the_rate_without() -> None:
    assert _served_in_a_second(0.005) >= 0.95 * 2_000
    assert _served_in_a_second(0.0) <= 0.40 * 2_000


def test_nothing_is_left_behind_when_the_storm_is_over() -> None:
    storm = Storm(4, LimitPolicy((Allowance(20.0, 5.0),)), pressure=1.5, seconds=30.0)
    queue = storm.run()
    step = queue.wake(10_000.0)
    assert step.wake_at is None
    for each in step.happened:
        queue.cancel(10_000.0, each.waiter)
    for waiter in list(queue._granted):
        queue.cancel(10_000.0, waiter)
    assert len(queue) == len(queue._granted) == 0
    assert not any(line.waiters or line.cost for line in queue._lines.values())
