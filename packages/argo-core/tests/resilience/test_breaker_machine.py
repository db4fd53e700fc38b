"""The breaker beside a model that is plainly right: it remembers everything and recounts it."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from argo_core.resilience.breaker import Breaker
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import Command, State
from argo_core.resilience.permit import Outcome, Permit, Rejected

# Small enough for every rule to matter within a few steps, and with no two numbers that could be
# taken for each other. The second trips by share alone, the third by a row alone.
POLICIES = [
    BreakerPolicy(
        slow_s=2,
        window_calls=4,
        window_s=7,
        min_calls=3,
        failure_share=0.5,
        slow_share=0.75,
        in_a_row=3,
        open_s=1,
        open_max_s=4,
        jitter_share=0.5,
        probe_successes=2,
        probe_lost_s=5,
    ),
    BreakerPolicy(slow_s=1, window_calls=3, window_s=4, min_calls=2, in_a_row=9, open_s=2),
    BreakerPolicy(slow_s=3, window_calls=9, window_s=5, min_calls=9, in_a_row=2, probe_successes=1),
]
MEANT = {
    Command.FORCE_OPEN: "FORCED_OPEN",
    Command.DISABLE: "DISABLED",
    Command.ONLY_MEASURE: "METRICS_ONLY",
    Command.RESET: "CLOSED",
}
DAY_S = 86_400.0


class Model:
    """Every call of the present era, recounted whenever a number is wanted."""

    def __init__(self, policy):
        self.policy = policy
        self.state = "CLOSED"
        self.era = 0
        self.now = -DAY_S
        self.since = -DAY_S
        self.open_until = None
        self.doublings = 0
        self.calls = []
        self.probe = None
        self.good_probes = 0
        self.late = 0

    def move(self, state):
        self.state = state
        self.era += 1
        self.since = self.now
        self.calls = []
        self.probe = None
        self.good_probes = 0
        self.open_until = None

    def open(self, u, retry_after_s):
        self.move("OPEN")
        policy = self.policy
        backoff = min(policy.open_max_s, policy.open_s * 2**self.doublings)
        wait = max(retry_after_s, backoff)
        self.open_until = self.now + wait + u * policy.jitter_share * wait
        self.doublings += 1

    def acquire(self, u):
        if self.state == "OPEN" and self.now >= self.open_until:
            self.move("HALF_OPEN")
        if self.state == "HALF_OPEN":
            if self.probe is None:
                self.probe = self.now
                return "probe"
            if self.now - self.probe > self.policy.probe_lost_s:
                self.open(u, 0)
        return "call" if self.state in ("CLOSED", "DISABLED", "METRICS_ONLY") else "rejected"

    def retry_after_s(self):
        if self.state == "OPEN":
            return self.open_until - self.now
        if self.state == "HALF_OPEN":
            return self.probe + self.policy.probe_lost_s - self.now
        return None

    def settle(self, started, outcome, u, retry_after_s):
        """What is said to a permit of this era that was not settled before."""
        if self.state == "HALF_OPEN":
            if self.now - started > self.policy.probe_lost_s or outcome == "failure":
                self.open(u, retry_after_s)
                return "counted"
            self.probe = None
            if outcome == "ignored":
                return "ignored"
            self.good_probes += 1
            if self.good_probes == self.policy.probe_successes:
                self.move("CLOSED")
            return "counted"
        slow = self.now - started > self.policy.slow_s
        if self.state == "DISABLED" or (outcome == "ignored" and not slow):
            return "ignored"
        self.calls.append((self.now, outcome, slow))
        self.forgive()
        if self.state == "CLOSED" and self.trips():
            self.open(u, retry_after_s)
        return "counted"

    def window(self):
        last = self.calls[-self.policy.window_calls :]
        newest = last[-1][0] if last else 0
        return [call for call in last if newest - call[0] <= self.policy.window_s]

    def row(self):
        verdicts = [outcome for _, outcome, _ in self.calls if outcome != "ignored"]
        return len(verdicts) - max(
            (index for index, outcome in enumerate(verdicts, 1) if outcome == "success"), default=0
        )

    def trips(self):
        window = self.window()
        failed = sum(outcome == "failure" for _, outcome, _ in window) / len(window)
        slow = sum(slow for _, _, slow in window) / len(window)
        enough = len(window) >= self.policy.min_calls
        shares = failed >= self.policy.failure_share or slow >= self.policy.slow_share
        return (enough and shares) or self.row() >= self.policy.in_a_row

    def forgive(self):
        dirty = [i for i, (_, said, slow) in enumerate(self.calls) if said == "failure" or slow]
        clean = len(self.calls) - (dirty[-1] + 1 if dirty else 0)
        since = self.calls[dirty[-1]][0] if dirty else self.since
        full = clean >= self.policy.window_calls or self.now - since >= self.policy.window_s
        if clean and full:
            self.doublings = 0


class BreakerMachine(RuleBasedStateMachine):
    @initialize(policy=st.sampled_from(POLICIES))
    def start(self, policy):
        self.policy = policy
        self.breaker = Breaker(policy)
        self.model = Model(policy)
        self.clock = 0.0
        self.permits = []

    def tell(self):
        self.model.now = max(self.model.now, self.clock)
        return self.clock, (self.model.state, self.model.era)

    def same_change(self, change, known):
        before, era = known
        if change is None:
            assert self.model.era == era
            return
        assert (change.before, change.after) == (before, self.model.state)
        assert (change.generation, self.model.era) == (era + 1, era + 1)
        assert change.at == self.model.now
        assert change.until == self.model.open_until

    # Mostly forward, at times to the next interesting moment, and now and then back.
    @rule(step=st.sampled_from([1, 1, 2, 3, 8, -4]))
    def time_passes(self, step):
        self.clock += step

    @precondition(lambda self: self.model.open_until is not None)
    @rule(short=st.sampled_from([0, 0, 0, 0.25]))
    def wait_until_it_has_cooled(self, short):
        self.clock = self.model.open_until - short

    @rule(u=st.sampled_from([0.0, 0.5]))
    def acquire(self, u):
        now, known = self.tell()
        ahead = self.breaker.peek(now)
        answer, change = self.breaker.acquire(now, u)
        expected = self.model.acquire(u)
        self.same_change(change, known)
        if expected == "rejected":
            wait = self.model.retry_after_s()
            assert answer == Rejected(State(self.model.state), wait)
            # Whoever looks ahead is let on to `acquire` only if that is what reopens the breaker.
            assert ahead == answer or (ahead is None and change is not None)
        else:
            assert ahead is None
            assert isinstance(answer, Permit)
            assert (answer.generation, answer.started) == (self.model.era, self.model.now)
            assert answer.probe == (expected == "probe")
            self.permits.append((answer, self.model.era, self.model.now, []))

    def settle_one(self, one, outcome, u, retry_after_s):
        permit, era, started, done = one
        now, known = self.tell()
        said, change = self.breaker.settle(permit, now, outcome, u, retry_after_s)
        if done:
            expected = "repeated"
        elif era != self.model.era:
            expected = "late"
            self.model.late += 1
        else:
            expected = self.model.settle(started, outcome.value, u, retry_after_s)
        done.append(outcome)
        assert said == expected
        self.same_change(change, known)

    @precondition(lambda self: self.permits)
    @rule(
        data=st.data(),
        outcome=st.sampled_from(Outcome),
        u=st.sampled_from([0.0, 0.5]),
        retry_after_s=st.sampled_from([0.0, 3.0]),
    )
    def settle(self, data, outcome, u, retry_after_s):
        one = self.permits[-1 - data.draw(st.integers(0, min(5, len(self.permits) - 1)))]
        self.settle_one(one, outcome, u, retry_after_s)

    @rule(
        outcome=st.sampled_from(Outcome),
        took=st.sampled_from([0, 0, 2, 3, 4]),
        times=st.integers(1, 3),
    )
    def call(self, outcome, took, times):
        for _ in range(times):
            known = len(self.permits)
            self.acquire(0.0)
            self.clock += took
            if len(self.permits) > known:
                self.settle_one(self.permits[-1], outcome, 0.0, 0.0)

    @rule(command=st.sampled_from(Command))
    def command(self, command):
        now, known = self.tell()
        change = self.breaker.command(command, now)
        assert (change is None) == (MEANT[command] == self.model.state)
        if change is not None:
            assert change.trigger is command
            self.model.move(MEANT[command])
            self.model.doublings = 0
        self.same_change(change, known)

    @rule()
    def another_process_goes_on(self):
        standing = self.breaker.standing
        self.breaker = Breaker(self.policy, standing)
        assert self.breaker.standing == standing

    @invariant()
    def both_know_the_same(self):
        known = self.breaker.standing
        assert (known.state, self.breaker.state) == (self.model.state, self.model.state)
        assert known.generation == self.model.era
        assert known.until == self.model.open_until
        assert known.probe_since == self.model.probe
        assert known.successes == self.model.good_probes
        assert known.failures == self.model.row()
        assert known.late == self.model.late
        assert known.calls == tuple(
            (at, outcome == "failure", slow) for at, outcome, slow in self.model.window()
        )


TestBreaker = BreakerMachine.TestCase
TestBreaker.settings = settings(stateful_step_count=25)
