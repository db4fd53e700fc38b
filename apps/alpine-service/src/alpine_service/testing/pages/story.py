"""What the log of the pages' tests says: five months of three strategies, up to one afternoon.

`alpha` is open. `gamma` is delayed by a day: of its last commits one is sealed, one is open to
real-time plans, and one is overdue, because it was never revealed. `omega` is retired.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache
from random import Random

from attrs import Factory, evolve, frozen

from alpine_service.domain.feed.canonical import Members
from alpine_service.testing.members import correct_members, retire_members, strategy_members
from alpine_service.testing.pages.invented_prices import INSTRUMENTS
from alpine_service.testing.pages.invented_signals import SOURCES, Idea, body, invent, outcome

NOW = datetime(2026, 8, 14, 15, 30, tzinfo=UTC)
"""A Friday afternoon; pictures are taken at this moment."""

BEGINNING = datetime(2026, 3, 16, 13, 0, tzinfo=UTC)
ALPHA, GAMMA, OMEGA = "alpha", "gamma", "omega"
SEALED, EARLY, OVERDUE = "gamma-sealed", "gamma-early", "gamma-overdue"
"""Ids of the three commits that are not revealed."""

DELAY = timedelta(days=1)
_SHORT, _LONG = timedelta(hours=4), timedelta(days=3)
_MINUTES_AGO = (118, 96, 71, 52, 38, 24, 11, 3)
_SATURDAY = 5


class Kind(StrEnum):
    """What is done about the log."""

    ADD = "add"
    COMMIT = "commit"
    REVEAL = "reveal"
    OUTCOME = "outcome"


@frozen
class Line:
    """One entry to be: `idea` is the signal that it is, or is about.

    The body of a commit that `is_withheld` is shown to nobody, whatever their key.
    """

    at: datetime
    kind: Kind
    strategy: str
    members: Members = Factory(dict)
    idea: Idea | None = None
    is_withheld: bool = False


@cache
def story() -> tuple[Line, ...]:
    """All of it, in order."""
    chance = Random("story")  # noqa: S311 - it has to come again
    lines = [
        *_registrations(),
        *_open(ALPHA, _afternoons(BEGINNING, NOW - timedelta(days=1), 66, chance), chance),
        *_open(ALPHA, [NOW - timedelta(minutes=each) for each in _MINUTES_AGO], chance, 67),
        *_open(OMEGA, _afternoons(BEGINNING, BEGINNING + timedelta(days=87), 20, chance), chance),
        *_delayed(_afternoons(BEGINNING, NOW - timedelta(days=6), 27, chance), chance),
        *_kept(chance),
        Line(BEGINNING + timedelta(days=88), Kind.ADD, OMEGA, retire_members()),
        Line(
            BEGINNING + timedelta(days=40),
            Kind.ADD,
            ALPHA,
            correct_members(0, "the universe has had two more symbols since March"),
        ),
    ]
    return tuple(sorted((each for each in lines if each.at <= NOW), key=lambda each: each.at))


def _registrations() -> Iterator[Line]:
    universe = " ".join(each.symbol for each in INSTRUMENTS)
    for strategy, horizon in ((ALPHA, _SHORT), (GAMMA, _LONG), (OMEGA, _SHORT)):
        is_delayed = strategy == GAMMA
        members = strategy_members(
            "delayed" if is_delayed else "open",
            sources=SOURCES,
            universe=universe,
            horizon_s=int(horizon.total_seconds()),
            reveal_after_s=int(DELAY.total_seconds()) if is_delayed else 0,
        )
        yield Line(BEGINNING, Kind.ADD, strategy, members)


def _open(
    strategy: str, moments: Sequence[datetime], chance: Random, first: int = 1
) -> Iterator[Line]:
    for number, at in enumerate(moments, first):
        idea = invent(f"{strategy}-{number:04}", at, _SHORT, chance)
        yield Line(at, Kind.ADD, strategy, body(idea), idea)
        yield from _ended(strategy, idea)


def _delayed(moments: Sequence[datetime], chance: Random) -> Iterator[Line]:
    for number, at in enumerate(moments, 1):
        idea = invent(f"{GAMMA}-{number:04}", at, _LONG, chance)
        revealed = Line(at + DELAY, Kind.REVEAL, GAMMA, idea=idea)
        yield Line(at, Kind.COMMIT, GAMMA, body(idea), idea)
        yield revealed
        for end in _ended(GAMMA, idea):
            # What becomes of a sealed signal would say what it was.
            yield evolve(end, at=max(end.at, revealed.at))


def _kept(chance: Random) -> Iterator[Line]:
    """The commits that are not revealed."""
    for id_, hours in ((OVERDUE, 50.0), (SEALED, 2.2), (EARLY, 0.4)):
        at = NOW - timedelta(hours=hours)
        idea = evolve(invent(id_, at, _LONG, chance), direction="BUY", confidence_bp=7_310)
        yield Line(at, Kind.COMMIT, GAMMA, body(idea), idea, is_withheld=id_ != EARLY)


def _ended(strategy: str, idea: Idea) -> Iterator[Line]:
    if idea.side:
        at, _ = outcome(idea, 0)
        yield Line(at, Kind.OUTCOME, strategy, idea=idea)


def _afternoons(begin: datetime, end: datetime, count: int, chance: Random) -> list[datetime]:
    """So many moments on working days while New York trades, in order, to the second."""
    days = [begin + timedelta(days=each) for each in range((end - begin).days)]
    working = [each for each in days if each.weekday() < _SATURDAY]
    chosen = sorted(chance.sample(working, min(count, len(working))))
    return [
        each.replace(hour=13, minute=31, second=0) + timedelta(seconds=chance.randrange(22_000))
        for each in chosen
    ]
