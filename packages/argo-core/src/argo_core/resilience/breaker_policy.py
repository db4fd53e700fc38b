"""When a breaker trips, how long it stays open and what closes it again."""

import math

from attrs import evolve, fields, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.door import positive

# A call that takes more than this part of the time it may take is slow.
SLOW_SHARE_OF_TIMEOUT = 0.5
# No probe is given up before its own timeout has had the time to end it.
LOST_AFTER_TIMEOUTS = 1.5
LEAST_LOST_S = 30.0


@frozen
class BreakerPolicy:
    """The numbers of one breaker. Durations are seconds, shares lie in (0, 1].

    `slow_s` has no default, because seconds are slow for a price and quick for a language model.
    The window holds the last `window_calls` calls, none older than `window_s`. It trips with at
    least `min_calls` in it when `failure_share` of them failed or `slow_share` of them took more
    than `slow_s`; `in_a_row` failures trip it without regard to age. The breaker then stays open
    for `open_s`, twice as long each time until `open_max_s`, or for as long as the vendor's
    Retry-After says if that is longer, and up to `jitter_share` of it more. `probe_successes` close
    it; a probe that has not come back after `probe_lost_s` is lost.

    Raises:
        InvalidInput: a number is out of range.
    """

    slow_s: float
    window_calls: int = 20
    window_s: float = 600.0
    min_calls: int = 5
    failure_share: float = 0.5
    slow_share: float = 0.8
    in_a_row: int = 5
    open_s: float = 5.0
    open_max_s: float = 120.0
    jitter_share: float = 0.1
    probe_successes: int = 2
    probe_lost_s: float = 30.0

    def __attrs_post_init__(self) -> None:
        for each in fields(BreakerPolicy):
            value = getattr(self, each.name)
            if not (math.isfinite(value) and value > 0):
                raise InvalidInput(each.name, f"{value} is out of range", "give a number > 0")
            if each.type is int and value != int(value):
                raise InvalidInput(each.name, f"{value} is no count", "give a whole number")
            if each.name.endswith("_share") and value > 1:
                raise InvalidInput(each.name, f"{value} is no share", "give a number up to 1")
        if self.min_calls > self.window_calls:
            problem = f"{self.min_calls} calls never fit into a window of {self.window_calls}"
            raise InvalidInput("min_calls", problem, "give at most window_calls")
        if self.open_max_s < self.open_s:
            problem = f"{self.open_max_s} s is shorter than open_s"
            raise InvalidInput("open_max_s", problem, f"give {self.open_s} or more")

    def paced(self, pace: float) -> "BreakerPolicy":
        """The same policy where `pace` of the vendor's seconds pass in each second here.

        How long to stay open and to remember is counted in the vendor's seconds; what a call takes
        is measured here.

        Raises:
            InvalidInput: the pace is not positive.
        """
        positive("pace", pace)
        return evolve(
            self,
            window_s=self.window_s / pace,
            open_s=self.open_s / pace,
            open_max_s=self.open_max_s / pace,
        )


def breaker_policy_for(timeout_s: float) -> BreakerPolicy:
    """The policy of a source whose calls are given up after `timeout_s`.

    Half of that is slow. A probe counts as lost after 30 s, or once half as long again as its own
    timeout has passed: declared lost any sooner, a language model that takes its time could never
    close its breaker.

    Raises:
        InvalidInput: the timeout is not positive and finite.
    """
    positive("timeout_s", timeout_s)
    return BreakerPolicy(
        slow_s=timeout_s * SLOW_SHARE_OF_TIMEOUT,
        probe_lost_s=max(LEAST_LOST_S, timeout_s * LOST_AFTER_TIMEOUTS),
    )
