"""When a source may be asked: all of its limits at once, its pauses and its complaints.

Times are seconds on any one clock; a clock that steps back stands still here.
"""

import math
import sys
from collections.abc import Iterator, Sequence

from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import Allowance, LimitPolicy
from argo_core.resilience.bucket import Bucket
from argo_core.resilience.complaint import LEAST_SHARE, STEP_S, Paused, Slowed, ready_at, recovery
from argo_core.resilience.door import not_negative, share

_NEVER = math.inf

# How many calls that were given back are remembered, to give others back in full.
MOST_RETURNED = 1_000


class Limiter:
    """All limits of one source: a call passes all of them or takes from none.

    `take` answers with a ticket, a positive int, or 0 for "not now"; neither allocates more. The
    ticket names the admission to `refund` and `throttled`; it is the cost admitted so far.
    """

    __slots__ = (
        "_admitted",
        "_admitted_at",
        "_buckets",
        "_complained",
        "_first",
        "_hindered",
        "_most",
        "_now",
        "_others",
        "_paused_until",
        "_policy",
        "_returned",
        "_share",
        "_step_at",
        "_void",
    )

    def __init__(self, policy: LimitPolicy) -> None:
        self._policy = policy
        self._now = -sys.float_info.max
        self._share = 1.0
        self._equip(policy.allowances)
        self._paused_until = -math.inf
        # When the share grows next; never, while it is whole.
        self._step_at = math.inf
        # Whether `take` has more to look at than the buckets: a pause, or a share that grows.
        self._hindered = False
        # The cost of all admissions, the moment of the last one, and which of them were given back:
        # what `refund` needs to tell how much of a ticket time has paid already.
        self._admitted = 0
        self._admitted_at = -math.inf
        self._returned: list[tuple[int, int]] = []
        # Tickets up to the first number are worth nothing, up to the second say nothing new.
        self._void = 0
        self._complained = 0

    def take(self, now: float, cost: int = 1) -> int:
        """Admit a call of this cost now and give its ticket, or change nothing and give 0.

        Raises:
            InvalidInput: time is not finite, or the cost is not 1 up to the smallest burst.
        """
        # This is the free path, taken for every call: names are looked up once, nothing is called.
        if self._now <= now < _NEVER:
            self._now = now
        else:
            now = self.moment(now)
        if cost != 1:
            self.check(cost)
        if self._hindered and not self._unhindered(now):
            return 0
        first = self._first
        tat, span = first.tat, cost * first.interval
        if now < tat + span - first.tolerance:
            return 0
        if self._others and not self._others_admit(now, cost):
            return 0
        first.tat = (tat if tat > now else now) + span  # noqa: FURB136 - `max` takes 100 ns more.
        self._admitted_at = now
        self._admitted = ticket = self._admitted + cost
        return ticket

    @property
    def most(self) -> float:
        """The heaviest cost that can ever pass."""
        return self._most

    def check(self, cost: int) -> None:
        """Nothing, for a cost that can pass.

        Raises:
            InvalidInput: the cost is not 1 up to `most`.
        """
        if not 1 <= cost <= self._most:
            problem = f"{cost} is not a cost that could pass"
            raise InvalidInput("cost", problem, f"give 1 to {self._most:g}")

    def moment(self, now: float) -> float:
        """The time here: `now`, or the latest seen if the clock has stepped back.

        Raises:
            InvalidInput: time is not finite.
        """
        if not math.isfinite(now):
            raise InvalidInput("now", f"{now} is no moment", "give finite seconds")
        self._now = max(self._now, now)
        return self._now

    def ready_at(self, now: float, cost: int = 1) -> float:
        """The first moment, `now` or later, at which `take` will admit this cost.

        For a cost beyond the burst: when the last of several calls that add up to it will pass.
        """
        now = self._settled(now)
        ready = max(bucket.ready_at(cost) for bucket in self._buckets)
        if ready > self._step_at:
            ready = max(ready_at(each, cost, self._steps()) for each in self._buckets)
        return max(now, ready, self._paused_until)

    def retry_after(self, now: float, cost: int = 1) -> float:
        """Seconds from `now` until `ready_at`."""
        return self.ready_at(now, cost) - self._now

    def tokens(self, now: float) -> tuple[float, ...]:
        """What each limit has saved up; below zero by what the slack has lent."""
        now = self._settled(now)
        return tuple(bucket.tokens(now) for bucket in self._buckets)

    @property
    def share(self) -> float:
        """The part of the configured rates that was in force at the last call, in (0, 1]."""
        return self._share

    @property
    def forgettable_at(self) -> float:
        """From then on a new limiter with the same limits answers the same: this may be dropped."""
        regained = (at for at, _ in self._steps())
        full = (bucket.tat for bucket in self._buckets)
        return max(self._paused_until, *full, *regained)

    def refund(self, now: float, ticket: int, cost: int = 1) -> None:
        """Take back a call that was admitted and not made: once per ticket, with its cost.

        TAT <- TAT - n T, but what time has paid already is not paid again. TAT is the maximum over
        all admissions j of t_j + T (n_j + ... + n_last). Without the call a, the part with j after
        a remains, which is at most t_last + T (n_a+1 + ... + n_last): TAT does not fall below.

        Raises:
            InvalidInput: no such ticket was given.
        """
        if not 1 <= cost <= ticket <= self._admitted:
            problem = f"{ticket} was not given for a cost of {cost}"
            raise InvalidInput("ticket", problem, "give a ticket of this limiter")
        self._settled(now)
        if ticket <= self._void:
            return
        later = self._admitted - ticket - sum(n for other, n in self._returned if other > ticket)
        for bucket in self._buckets:
            least = self._admitted_at + later * bucket.interval if later else -math.inf
            bucket.refund(cost, least)
        self._returned.append((ticket, cost))
        del self._returned[:-MOST_RETURNED]

    def pause(self, now: float, delay_s: float, u: float) -> Paused:
        """The vendor said Retry-After: the whole source rests that long, and by chance `u` longer.

        A pause is never shortened, neither by a shorter one nor by a clock that steps back.

        Raises:
            InvalidInput: the delay is negative or not finite, or `u` is not in [0, 1).
        """
        longer = not_negative("delay_s", delay_s) * (1 + self._policy.jitter * share("u", u))
        self._paused_until = max(self._paused_until, self.moment(now) + longer)
        self._hindered = True
        return Paused(self._paused_until)

    def throttled(self, now: float, ticket: int) -> Slowed | None:
        """The vendor said 429 and not for how long: all rates are cut, and grow back in steps.

        None when the call was admitted before the last cut: it says nothing about the new rate.
        """
        now = self._settled(now)
        if ticket <= self._complained:
            return None
        self._complained = self._admitted
        self._run_at(max(LEAST_SHARE, self._share * self._policy.cut), now)
        self._step_at = now + STEP_S
        self._hindered = True
        return Slowed(self._share)

    def lower(self, now: float, remaining: float, limit: int = 0) -> None:
        """A header says how many calls remain of limit number `limit`: tokens may only fall.

        Raises:
            InvalidInput: the number is negative or not finite, or there is no such limit.
        """
        now = self._settled(now)
        not_negative("remaining", remaining)
        if not 0 <= limit < len(self._buckets):
            raise InvalidInput("limit", f"there is no {limit}", "count the allowances from 0")
        bucket = self._buckets[limit]
        if remaining < bucket.burst:
            bucket.keep(min(remaining, bucket.tokens(now)), now)
            # The vendor never counted a call that is taken back later, so its number stands.
            self._void = self._admitted

    def retune(self, now: float, allowances: Sequence[Allowance]) -> None:
        """Other limits from now on, in the same order; tokens stay, up to the new burst.

        Raises:
            InvalidInput: there are more or fewer limits than before.
        """
        if len(allowances) != len(self._buckets):
            problem = f"{len(allowances)} for {len(self._buckets)} limits"
            raise InvalidInput("allowances", problem, "give one for each limit")
        tokens = self.tokens(now)
        self._equip(allowances)
        for bucket, saved in zip(self._buckets, tokens, strict=True):
            bucket.keep(saved, self._now)
        # What a call from before is worth depends on the burst that it was saved under.
        self._void = self._admitted

    def _equip(self, allowances: Sequence[Allowance]) -> None:
        slack = self._policy.slack_s
        self._buckets = tuple(Bucket(each, self._share, slack) for each in allowances)
        self._first, self._others = self._buckets[0], self._buckets[1:]
        self._most = min(bucket.burst for bucket in self._buckets)

    def _others_admit(self, now: float, cost: int) -> bool:
        for bucket in self._others:
            if now < bucket.tat + cost * bucket.interval - bucket.tolerance:
                return False
        for bucket in self._others:
            tat = bucket.tat
            bucket.tat = (tat if tat > now else now) + cost * bucket.interval  # noqa: FURB136 - As above.
        return True

    def _unhindered(self, now: float) -> bool:
        self._settled(now)
        paused = now < self._paused_until
        self._hindered = paused or self._share < 1
        return not paused

    def _settled(self, now: float) -> float:
        now = self.moment(now)
        if now >= self._step_at:
            self._regain(now)
        return now

    def _regain(self, now: float) -> None:
        for at, portion in self._steps():
            if at > now:
                self._step_at = at
                return
            self._run_at(portion, at)
        self._step_at = math.inf

    def _steps(self) -> Iterator[tuple[float, float]]:
        return recovery(self._step_at, self._share, self._policy.regain)

    def _run_at(self, portion: float, at: float) -> None:
        for bucket in self._buckets:
            bucket.change(at, portion)
        self._share = portion
        # `refund` reckons at the present rate, which may be faster than the one of the last
        # admission; counting from here errs on the vendor's side.
        self._admitted_at = at
