"""How long a deployment waits, and what it bears of a new colour."""

import math

from attrs import fields, frozen

from argo_core.errors import InvalidInput
from argo_service.deploying.colour import AtProxy


@frozen
class Waits:
    """Seconds that each step may take; `look_s` lies between two looks."""

    start_s: float = 90.0
    gate_s: float = 60.0
    switch_s: float = 15.0
    drain_s: float = 30.0
    release_s: float = 25.0
    take_over_s: float = 25.0
    watch_s: float = 60.0
    look_s: float = 0.5

    def __attrs_post_init__(self) -> None:
        for field in fields(type(self)):
            # Written so that NaN is refused as well.
            if not 0 <= getattr(self, field.name) < math.inf:
                name = "--" + field.name.replace("_", "-")
                raise InvalidInput(name, "nobody can wait so long", "give seconds, such as 30")


@frozen
class Bounds:
    """What is borne while the new colour is watched.

    `failed` is the share of its answers that may fail, `mean_ms` what they may take on the average,
    and from `bad_looks` looks in a row on its health is bad. `accepted` are checks of its health
    that may fail, because an operator knows why.
    """

    failed: float = 0.01
    mean_ms: int = 2_000
    bad_looks: int = 3
    accepted: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.failed <= 1:
            raise InvalidInput("--failed", "it is no share", "give 0 to 1, such as 0.01")
        if self.mean_ms < 0:
            raise InvalidInput("--mean-ms", "it is below 0", "give milliseconds, such as 2000")
        if self.bad_looks < 1:
            raise InvalidInput("--bad-looks", "it is below 1", "give a number, such as 3")


def counted(before: AtProxy, now: AtProxy) -> tuple[int, int]:
    """Answers and failures between two looks; a restarted proxy has begun anew."""
    if now.answers < before.answers:
        return now.answers, now.failures
    return now.answers - before.answers, now.failures - before.failures


def beyond(before: AtProxy, now: AtProxy, bounds: Bounds) -> str | None:
    """What of a colour's answers is beyond the bounds; None if nothing is."""
    if not now.is_up:
        return "the proxy finds it down"
    answers, failures = counted(before, now)
    if failures > bounds.failed * max(1, answers):
        return f"{failures} of its {answers} answers failed"
    if answers and now.mean_ms > bounds.mean_ms:
        return f"its answers take {now.mean_ms} ms"
    return None
