"""What is tried on a recorded day: the profile it was decided with, with other numbers in it."""

import math
from collections.abc import Mapping
from typing import Any, Final

from attrs import evolve, field, frozen

from argo_core.consensus.opinion import SourceName
from argo_core.consensus.profile import Profile
from argo_core.errors import InvalidInput

WHOLE: Final = ("theta_bp", "publish_step_bp", "horizon_s")
"""Numbers of a profile that are whole, and that a decision depends on."""

NUMBERS: Final = (*WHOLE, "tau", "lam", "quorum", "publish_move", "max_quote_age_s")
"""Numbers of a profile that may be other than they were. How often vendors were asked is past."""

_OF_SOURCES: Final = ("half_life_s", "refresh_after_s")


@frozen
class WhatIf:
    """Other numbers than those that were in force; without any the day is as it was.

    `numbers` are by name, as in `NUMBERS`. `weights`, `half_life_s` and `refresh_after_s` are by
    source; a source that is not named keeps its own. `disabled` sources are left out as an operator
    would: the weights of the others are shared out anew, and the profile's name says it.
    """

    numbers: Mapping[str, float] = field(factory=dict)
    weights: Mapping[SourceName, float] = field(factory=dict)
    half_life_s: Mapping[SourceName, float] = field(factory=dict)
    refresh_after_s: Mapping[SourceName, float] = field(factory=dict)
    disabled: frozenset[SourceName] = frozenset()

    def profile(self, recorded: Profile) -> Profile:
        """The profile to decide with, made from the one that was `recorded`.

        Raises:
            InvalidInput: there is no such number or source, a number is out of range, or the
                weights do not sum to 1.
        """
        for source in (*self.weights, *self.half_life_s, *self.refresh_after_s, *self.disabled):
            if source not in recorded.sources:
                problem = f"the recording has no opinions of {source[:40]!r}"
                fix = f"use some of {', '.join(sorted(recorded.sources))}"
                raise InvalidInput("what_if", problem, fix)
        policies = dict(recorded.sources)
        for name, weight in self.weights.items():
            policies[name] = evolve(policies[name], weight=weight)
        for what in _OF_SOURCES:
            for name, seconds in getattr(self, what).items():
                policies[name] = evolve(policies[name], **{what: seconds})
        numbers: dict[str, Any] = {
            name: _number(name, value) for name, value in self.numbers.items()
        }
        return evolve(recorded, sources=policies, **numbers).without(*self.disabled)


def _number(name: str, value: float) -> float:
    if name not in NUMBERS:
        fix = f"use some of {', '.join(NUMBERS)}"
        raise InvalidInput("what_if", f"{name[:40]!r} cannot be tried on a recorded day", fix)
    if not math.isfinite(value) or (name in WHOLE and value != int(value)):
        raise InvalidInput(
            name, f"{value} is no such number", "give a finite one; whole for _bp, _s"
        )
    if name == "horizon_s" and value < 1:
        raise InvalidInput(name, f"{value:g} is too short", "give a second or more")
    return int(value) if name in WHOLE else value
