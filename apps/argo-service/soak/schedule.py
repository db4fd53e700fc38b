"""What goes wrong and when: drawn from a seed, so that a soak that failed can be had again."""

from collections.abc import Sequence
from enum import StrEnum
from random import Random

from attrs import frozen

from argo_adapters.simulator.faults import Fault

VENDORS = ("massive", "alpha_vantage", "grok", "sonar", "alpaca", "yahoo")
# Nothing goes wrong before the engine has warmed up, nor so late that nobody sees it mended.
QUIET_FIRST_S = 60.0
QUIET_LAST_S = 60.0


class Trouble(StrEnum):
    """What is done to a process; `PAUSE` is also what a network that hangs looks like."""

    BREAK = "break"
    KILL = "kill"
    PAUSE = "pause"
    STEP = "step"


@frozen
class Planned:
    """`trouble` for `who` at `at_s` seconds of the recording, for `for_s` of them where it lasts.

    `what` is the fault of a vendor, or the seconds by which a clock is stepped.
    """

    at_s: float
    who: str
    trouble: Trouble
    for_s: float = 0.0
    what: str = ""

    def __str__(self) -> str:
        lasts = f" for {self.for_s:.0f} s" if self.for_s else ""
        return f"{self.who}: {self.trouble} {self.what}".rstrip() + lasts


def planned(span_s: float, seed: int, *, engines: Sequence[str]) -> tuple[Planned, ...]:
    """Troubles for so many seconds of the recording, in order of time.

    Each kind comes at least once, however short the span: a long one has more of the same.
    """
    chance = Random(seed)
    begins, ends = QUIET_FIRST_S, span_s - QUIET_LAST_S
    # One trouble for every so many seconds, so that most have the others' help in being survived.
    kinds = _kinds(chance, engines)
    count = max(len(kinds), round((ends - begins) / 60.0))
    drawn = [kinds[place % len(kinds)] for place in range(count)]
    chance.shuffle(drawn)
    gap = (ends - begins) / count
    return tuple(
        _at(begins + gap * (place + chance.random() * 0.5), each, chance)
        for place, each in enumerate(drawn)
    )


def _kinds(chance: Random, engines: Sequence[str]) -> list[tuple[str, Trouble]]:
    return [
        *((vendor, Trouble.BREAK) for vendor in VENDORS),
        *((each, Trouble.KILL) for each in engines),
        (chance.choice(list(engines)), Trouble.PAUSE),
        (chance.choice(list(engines)), Trouble.STEP),
        *((each, trouble) for each in ("redis", "vendors") for trouble in _STOPPED),
        *(("postgres", trouble) for trouble in _STOPPED),
    ]


_STOPPED = (Trouble.KILL, Trouble.PAUSE)


def _at(at_s: float, kind: tuple[str, Trouble], chance: Random) -> Planned:
    who, trouble = kind
    if trouble is Trouble.BREAK:
        fault = chance.choice([str(each) for each in Fault])
        return Planned(at_s, who, trouble, chance.uniform(15, 60), fault)
    if trouble is Trouble.PAUSE:
        return Planned(at_s, who, trouble, chance.uniform(5, 40))
    if trouble is Trouble.STEP:
        seconds = chance.choice((-1, 1)) * chance.uniform(2, 20)
        return Planned(at_s, who, trouble, chance.uniform(15, 60), f"{seconds:+.1f}")
    return Planned(at_s, who, trouble)
