"""How fast a vendor is asked, and when it is left alone: limits in words, a breaker in numbers."""

import re
from collections.abc import Iterable
from typing import Final

from attrs import Attribute, frozen

from argo_core.errors import InvalidInput
from argo_core.resilience.allowance import Allowance, LimitPolicy, within
from argo_core.resilience.breaker_policy import BreakerPolicy, breaker_policy_for

_UNITS: Final = {"s": 1.0, "min": 60.0, "h": 3_600.0, "day": 86_400.0}
_LIMIT: Final = re.compile(
    r"(?P<within>within )?(?P<calls>[1-9][0-9]{0,8})"
    r"/(?P<span>[1-9][0-9]{0,5})?(?P<unit>s|min|h|day)"
    r"(?: burst (?P<burst>[1-9][0-9]{0,8}))?"
)
_MOST_LIMITS: Final = 8
_FIX: Final = "write it like 5/s burst 10, or within 200/min burst 20"


def read_limit(text: str) -> Allowance:
    """A limit in words as the allowance that keeps it.

    `5/s burst 10` is a token bucket: five calls a second, and up to ten saved up. `within 200/min
    burst 20` is a vendor's own limit: never more than 200 in any minute, less 5 %, twenty of them
    at once. Units are s, min, h and day, also several such as `100/10s`; without a burst it is 1.

    Raises:
        InvalidInput: it is no such limit, or its burst leaves nothing of it.
    """
    found = _LIMIT.fullmatch(text)
    if found is None:
        raise InvalidInput("limits", f"{text[:60]!r} is not a limit", _FIX)
    calls, burst = int(found["calls"]), int(found["burst"] or 1)
    window_s = int(found["span"] or 1) * _UNITS[found["unit"]]
    try:
        if found["within"]:
            return within(calls, window_s, burst)
        return Allowance(calls / window_s, burst)
    except InvalidInput as error:
        raise InvalidInput("limits", f"{text!r}: {error.problem}", error.fix) from error


def read_limits(texts: Iterable[str]) -> LimitPolicy:
    """All limits of a source, kept at once.

    Raises:
        InvalidInput: one is no limit, there is none, or there are more than eight.
    """
    allowances = tuple(map(read_limit, texts))
    if not 1 <= len(allowances) <= _MOST_LIMITS:
        problem = f"there are {len(allowances)}"
        raise InvalidInput("limits", problem, f"give 1 to {_MOST_LIMITS}")
    return LimitPolicy(allowances)


def limits(
    _instance: object, _attribute: "Attribute[tuple[str, ...]]", value: Iterable[str]
) -> None:
    """A validator."""
    read_limits(value)


_NUMBERS: Final = BreakerPolicy(slow_s=1.0)


@frozen
class Breaker:
    """The numbers of a vendor's breaker; the units are those of `BreakerPolicy`.

    `slow_s` and `probe_lost_s` follow from the vendor's timeout unless they are given.
    """

    slow_s: float | None = None
    probe_lost_s: float | None = None
    window_calls: int = _NUMBERS.window_calls
    window_s: float = _NUMBERS.window_s
    min_calls: int = _NUMBERS.min_calls
    failure_share: float = _NUMBERS.failure_share
    slow_share: float = _NUMBERS.slow_share
    in_a_row: int = _NUMBERS.in_a_row
    open_s: float = _NUMBERS.open_s
    open_max_s: float = _NUMBERS.open_max_s
    jitter_share: float = _NUMBERS.jitter_share
    probe_successes: int = _NUMBERS.probe_successes

    def __attrs_post_init__(self) -> None:
        self.policy(_NUMBERS.slow_s)

    def policy(self, timeout_s: float) -> BreakerPolicy:
        """The policy of a vendor whose calls are given up after `timeout_s`.

        Raises:
            InvalidInput: a number is out of range.
        """
        derived = breaker_policy_for(timeout_s)
        return BreakerPolicy(
            slow_s=derived.slow_s if self.slow_s is None else self.slow_s,
            probe_lost_s=derived.probe_lost_s if self.probe_lost_s is None else self.probe_lost_s,
            window_calls=self.window_calls,
            window_s=self.window_s,
            min_calls=self.min_calls,
            failure_share=self.failure_share,
            slow_share=self.slow_share,
            in_a_row=self.in_a_row,
            open_s=self.open_s,
            open_max_s=self.open_max_s,
            jitter_share=self.jitter_share,
            probe_successes=self.probe_successes,
        )
