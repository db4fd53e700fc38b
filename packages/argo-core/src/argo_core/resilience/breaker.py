"""A circuit breaker without I/O: say what happened and when, get a decision and the change back.

Time is seconds on any base that all calls share; a clock that steps back is held where it was.
Chance is `u` in [0, 1), drawn by the caller for every call and used when the breaker opens.
"""

import math

from argo_core.errors import InvalidInput
from argo_core.resilience.breaker_policy import BreakerPolicy
from argo_core.resilience.breaker_table import (
    ADMITTING,
    TRANSITIONS,
    Command,
    Finding,
    State,
    Trigger,
)
from argo_core.resilience.permit import Outcome, Permit, Rejected, Settled
from argo_core.resilience.standing import Standing, Transition
from argo_core.resilience.window import Window

# A call that went well is all that must be fast. Looking a member up in its Enum would cost it as
# much as all the rest, and comparing u with whole numbers half as much as admission.
_SUCCESS = Outcome.SUCCESS
_COUNTED = (Settled.COUNTED, None)
_INFINITY = math.inf


class Breaker:
    """The breaker of one source, which goes on from a `standing`.

    To make one is not an event: a new process that is given a shared standing leaves it as it is.
    """

    __slots__ = (
        "_admits_all",
        "_at",
        "_clean_calls",
        "_clean_since",
        "_counts",
        "_doublings",
        "_failures",
        "_generation",
        "_late",
        "_policy",
        "_probe_since",
        "_rejections",
        "_slow_s",
        "_state",
        "_successes",
        "_until",
        "_window",
    )

    def __init__(self, policy: BreakerPolicy, standing: Standing | None = None) -> None:
        known = standing or Standing()
        self._policy = policy
        self._slow_s = policy.slow_s
        self._enter(known.state)
        self._generation = known.generation
        self._at = known.at
        self._until = known.until
        self._doublings = known.doublings
        self._probe_since = known.probe_since
        self._successes = known.successes
        self._failures = known.failures
        self._window = Window(policy, known.calls)
        self._clean_calls = known.clean_calls
        self._clean_since = known.clean_since
        self._rejections = known.rejections
        self._late = known.late

    @property
    def state(self) -> State:
        """As of the last `acquire`, `settle` or `command`: time alone changes nothing."""
        return self._state

    @property
    def standing(self) -> Standing:
        """Everything this breaker knows."""
        return Standing(
            state=self._state,
            generation=self._generation,
            at=self._at,
            until=self._until,
            doublings=self._doublings,
            probe_since=self._probe_since,
            successes=self._successes,
            failures=self._failures,
            calls=self._window.calls,
            clean_calls=self._clean_calls,
            clean_since=self._clean_since,
            rejections=self._rejections,
            late=self._late,
        )

    def peek(self, now: float) -> Rejected | None:
        """The rejection that `acquire` would give now, or None if it is worth asking.

        Changes nothing, so a lost probe gives None as well: only `acquire` can see to it.

        Raises:
            InvalidInput: `now` is no time.
        """
        now = self._held(now)
        if self._admits_all or self._admits(now) or self._is_lost(now):
            return None
        return self._rejected(now)

    def acquire(self, now: float, u: float) -> tuple[Permit | Rejected, Transition | None]:
        """Whether a call may begin now, and the change of state that asking brought about.

        Raises:
            InvalidInput: `now` is no time, or `u` is not in [0, 1).
        """
        if not (self._at <= now < _INFINITY and 0.0 <= u < 1.0):
            now = self._held(now, u)
        self._at = now
        if self._admits_all:
            return Permit(self._generation, now, False), None
        change = None
        if self._is_lost(now):
            change = self._go(Finding.PROBE_LOST, now, u)
        elif self._admits(now) and self._state is State.OPEN:
            change = self._go(Finding.COOLED, now)
        if self._admits(now):
            self._probe_since = now
            return Permit(self._generation, now, probe=True), change
        self._rejections += 1
        return self._rejected(now), change

    def settle(
        self, permit: Permit, now: float, outcome: Outcome, u: float, retry_after_s: float = 0.0
    ) -> tuple[Settled, Transition | None]:
        """What became of the outcome of a call that is over, and the change it brought about.

        A permit counts once, and only in its own era. `retry_after_s` is how long the vendor that
        failed asked to be left alone.

        Raises:
            InvalidInput: `now` is no time, `u` is not in [0, 1), or `retry_after_s` no duration.
        """
        if retry_after_s:
            _check_duration(retry_after_s)
        if not (self._at <= now < _INFINITY and 0.0 <= u < 1.0):
            now = self._held(now, u)
        self._at = now
        if permit.settled or permit.generation != self._generation:
            return self._reject_outcome(permit)
        permit.settled = True
        if permit.probe:
            return self._judge_probe(now, outcome, u, retry_after_s)
        slow = now - permit.started > self._slow_s
        if outcome is not _SUCCESS or slow:
            return self._count_blemish(now, outcome, u, retry_after_s, slow=slow)
        if not self._counts:
            return Settled.IGNORED, None
        self._failures = 0
        if self._doublings:
            self._count_clean(now)
        # A success may be the call that makes enough of them to judge by.
        if self._window.add(now, False, False):
            return Settled.COUNTED, self._go(Finding.TRIPPED, now, u)
        return _COUNTED

    def command(self, command: Command, now: float) -> Transition | None:
        """Do what an operator says; None if that is how things are already.

        Raises:
            InvalidInput: `now` is no time.
        """
        self._at = self._held(now)
        change = self._go(command, self._at)
        if change is not None:
            self._doublings = 0
        return change

    def _held(self, now: float, u: float = 0.0) -> float:
        if not -_INFINITY < now < _INFINITY:
            raise InvalidInput("now", f"{now} is no time", "give finite seconds")
        if not 0.0 <= u < 1.0:
            raise InvalidInput("u", f"{u} is out of range", "give a number in [0, 1)")
        return max(now, self._at)

    def _admits(self, now: float) -> bool:
        if self._state is State.HALF_OPEN:
            return self._probe_since is None
        return self._until is not None and now >= self._until

    def _is_lost(self, now: float) -> bool:
        since = self._probe_since
        return since is not None and now - since > self._policy.probe_lost_s

    def _rejected(self, now: float) -> Rejected:
        if self._probe_since is not None:
            return Rejected(self._state, self._probe_since + self._policy.probe_lost_s - now)
        return Rejected(self._state, None if self._until is None else self._until - now)

    def _reject_outcome(self, permit: Permit) -> tuple[Settled, None]:
        if permit.settled:
            return Settled.REPEATED, None
        permit.settled = True
        self._late += 1
        return Settled.LATE, None

    def _judge_probe(
        self, now: float, outcome: Outcome, u: float, retry_after_s: float
    ) -> tuple[Settled, Transition | None]:
        if self._is_lost(now):
            return Settled.COUNTED, self._go(Finding.PROBE_LOST, now, u, retry_after_s)
        if outcome is Outcome.FAILURE:
            return Settled.COUNTED, self._go(Finding.PROBE_FAILED, now, u, retry_after_s)
        self._probe_since = None
        if outcome is Outcome.IGNORED:
            return Settled.IGNORED, None
        self._successes += 1
        if self._successes < self._policy.probe_successes:
            return Settled.COUNTED, None
        return Settled.COUNTED, self._go(Finding.RECOVERED, now)

    def _count_blemish(
        self, now: float, outcome: Outcome, u: float, retry_after_s: float, *, slow: bool
    ) -> tuple[Settled, Transition | None]:
        # A caller that gave up is no failure, but a vendor whose callers all give up is slow.
        if not self._counts or (outcome is Outcome.IGNORED and not slow):
            return Settled.IGNORED, None
        failed = outcome is Outcome.FAILURE
        if failed:
            self._failures += 1
        elif outcome is Outcome.SUCCESS:
            self._failures = 0
        self._clean_calls = 0
        self._clean_since = now
        if self._window.add(now, failed, slow) or self._failures >= self._policy.in_a_row:
            return Settled.COUNTED, self._go(Finding.TRIPPED, now, u, retry_after_s)
        return _COUNTED

    def _count_clean(self, now: float) -> None:
        self._clean_calls += 1
        # A source that is asked once in five minutes never has a full window, only an old one.
        if (
            self._clean_calls >= self._policy.window_calls
            or now - self._clean_since >= self._policy.window_s
        ):
            self._doublings = 0

    def _enter(self, state: State) -> None:
        self._state = state
        self._admits_all = state in ADMITTING
        self._counts = state is not State.DISABLED

    def _go(
        self, trigger: Trigger, now: float, u: float = 0.0, retry_after_s: float = 0.0
    ) -> Transition | None:
        before = self._state
        after = TRANSITIONS.get((before, trigger))
        if after is None:
            return None
        self._enter(after)
        self._generation += 1
        self._until = self._opened(now, u, retry_after_s) if after is State.OPEN else None
        self._probe_since = None
        self._successes = 0
        self._failures = 0
        self._window.clear()
        self._clean_calls = 0
        self._clean_since = now
        return Transition(before, trigger, after, self._generation, now, self._until)

    def _opened(self, now: float, u: float, retry_after_s: float) -> float:
        """When a breaker that opens now has been open long enough."""
        pause = min(self._policy.open_max_s, self._policy.open_s * 2.0**self._doublings)
        if pause < self._policy.open_max_s:
            # Counting on through a long outage would one day overflow the power.
            self._doublings += 1
        pause = max(retry_after_s, pause)
        return now + pause + u * self._policy.jitter_share * pause


def _check_duration(retry_after_s: float) -> None:
    if not 0 <= retry_after_s < _INFINITY:
        problem = f"{retry_after_s} is not a duration"
        raise InvalidInput("retry_after_s", problem, "give seconds, zero or more")
