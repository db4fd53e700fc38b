"""Ten minutes of too many callers, late timers and cancellations, counted as the vendor counts."""

import random
from heapq import heappop, heappush

import pytest
from attrs import define, field

from argo_core.resilience.allowance import Allowance, LimitPolicy, within
from argo_core.resilience.limiter import Limiter
from argo_core.resilience.queue import Granted, Queue, Step, TurnedAway, Urgency


@define
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

    def run(self) -> Queue:
        chance = random.Random(self.seed)
        queue, number = Queue(Limiter(self.policy)), 0
        rate = min(each.rate for each in self.policy.allowances) * self.pressure
        rate /= sum(self.costs) / len(self.costs)
        agenda: list[tuple[float, int, str, int]] = [(0.0, 0, "join", 0)]
        cost_of: dict[int, int] = {}
        armed: float | None = None

        def plan(at: float, what: str, who: int = 0) -> None:
            nonlocal number
            number += 1
            heappush(agenda, (at, number, what, who))

        def settle(now: float, step: Step) -> None:
            nonlocal armed
            for each in step.happened:
                if isinstance(each, Granted):
                    # Some give up in the very moment of their grant, some calls begin a little late.
                    what = "cancel" if chance.random() < self.dropped else "begin"
                    plan(now + chance.choice([0.0, 0.0, 0.001]), what, each.waiter)
                self.turned_away += isinstance(each, TurnedAway)
            if step.wake_at is not None and step.wake_at != armed:
                armed = step.wake_at
                plan(armed + chance.random() * self.lag_s, "wake")

        while agenda and agenda[0][0] <= self.seconds:
            now, _, what, who = heappop(agenda)
            if what == "join":
                plan(now + chance.expovariate(rate), "join")
                cost = chance.choice(self.costs)
                deadline = now + chance.choice([1.0, 20.0])
                waiter, step = queue.join(now, chance.choice(list(Urgency)), deadline, cost)
                cost_of[waiter] = cost
                settle(now, step)
                if chance.random() < self.cancelled:
                    plan(now + chance.random() * 5, "cancel", waiter)
            elif what == "wake":
                armed = None
                settle(now, queue.wake(now))
            elif what == "begin":
                if who in queue._granted:
                    queue.begin(who)
                    self.made.append((now, cost_of[who]))
            else:
                self.refunded += who in queue._granted
                settle(now, queue.cancel(now, who))
        return queue

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
