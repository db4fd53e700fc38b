"""How much a vendor lets us ask, as values."""

from attrs import evolve, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.door import not_negative, positive, share

# Timers fire late by some milliseconds. A token that was due meanwhile is not lost within this.
SLACK_S = 0.005

# What is left unused of a vendor's limit: its clock, its window and the network are not ours.
HEADROOM = 0.05

# In a shorter window the slack alone could use up the headroom.
SHORTEST_WINDOW_S = SLACK_S / HEADROOM


@frozen
class Allowance:
    """A token bucket: `rate` tokens a second (above zero), at most `burst` saved up (1 or more).

    In any closed window of w seconds it admits at most burst + rate x w, plus rate x slack.
    """

    rate: float
    burst: float = 1.0

    def __attrs_post_init__(self) -> None:
        positive("rate", self.rate)
        if positive("burst", self.burst) < 1:
            problem = f"{self.burst} would let no call pass"
            raise InvalidInput("burst", problem, "give one or more")


def within(calls: int, window_s: float, burst: int = 1) -> Allowance:
    """The fastest allowance that keeps a vendor's "`calls` per `window_s` seconds".

    The vendor may count in any window; a burst of `calls` at the rate calls / window would admit
    nearly twice the limit. A burst of B and a rate R let B + floor(R x window) calls pass in a
    closed window, because nobody makes a part of a call, and so B - 1 + R x window <= calls less
    5 % keeps below the limit even in windows that are 5 % longer.

    Raises:
        InvalidInput: the burst leaves no call for the rest of the window, or the window is shorter
            than 0.1 s, where timer slack would use up the 5 %.
    """
    positive("calls", calls)
    if positive("window_s", window_s) < SHORTEST_WINDOW_S:
        problem = f"{window_s} s is too short to be kept with timers"
        raise InvalidInput("window_s", problem, f"give {SHORTEST_WINDOW_S} or more")
    steady = calls * (1 - HEADROOM) - (burst - 1)
    if burst > calls or steady <= 0:
        problem = f"{burst} at once leave nothing of {calls} calls less 5 %"
        raise InvalidInput("burst", problem, "give a smaller burst")
    return Allowance(steady / window_s, burst)


@frozen
class LimitPolicy:
    """All limits of one source, kept at once, and what to do when the vendor complains.

    `slack_s` forgives late timers. A complaint without a delay multiplies the rates by `cut`; each
    whole second then gives back `regain` of the configured rate. A delay the vendor asks for is
    stretched by up to `jitter` of itself.
    """

    allowances: tuple[Allowance, ...]
    slack_s: float = SLACK_S
    cut: float = 0.5
    regain: float = 0.05
    jitter: float = 0.1

    def __attrs_post_init__(self) -> None:
        if not self.allowances:
            raise InvalidInput("allowances", "there is none", "give at least one")
        not_negative("slack_s", self.slack_s)
        share("jitter", self.jitter)
        for name in ("cut", "regain"):
            share(name, positive(name, getattr(self, name)))

    def paced(self, pace: float) -> "LimitPolicy":
        """The same limits where `pace` of the vendor's seconds pass in each second here.

        Raises:
            InvalidInput: the pace is not positive.
        """
        positive("pace", pace)
        faster = tuple(evolve(each, rate=each.rate * pace) for each in self.allowances)
        return evolve(self, allowances=faster)

    def shared_among(self, instances: int) -> tuple[Allowance, ...]:
        """What each of so many processes may do that cannot ask each other.

        A burst cannot be less than one call, so there may be that many at once.

        Raises:
            InvalidInput: there is not one.
        """
        positive("instances", instances)
        return tuple(
            Allowance(each.rate / instances, max(1.0, each.burst / instances))
            for each in self.allowances
        )
