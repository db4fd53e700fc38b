"""The facts that a signal names, and what each source thought: from the members of its entry."""

from collections.abc import Mapping
from datetime import datetime

from attrs import frozen

from alpine_service.pages.board.shares import Share, shares_of
from alpine_service.pages.formats import of_us, source_name, span

_MOST = 12
_US = 1_000_000
Members = Mapping[str, str | int]


@frozen
class Fact:
    """One fact: whose, what was measured, its value with its unit, and when it held.

    By `number` the reasoning names it, as `[e1]`.
    """

    number: int
    source: str
    kind: str
    value: str
    as_of: datetime


@frozen
class Opinion:
    """What a source thought and how it counted: `strength` is on its own scale, of 1.

    `age` is how old it was at the decision; `raw_sha256` is of the vendor's own answer.
    """

    share: Share
    strength: float
    age: str
    raw_sha256: str


def facts_of(members: Members) -> tuple[Fact, ...]:
    """In the order of the entry."""
    numbers = range(1, _MOST + 1)
    return tuple(
        Fact(
            number,
            source_name(str(members[f"e{number}_source"])),
            str(members[f"e{number}_kind"]),
            f"{members[f'e{number}_value']} {members[f'e{number}_unit']}".strip(),
            of_us(int(members[f"e{number}_as_of_us"])),
        )
        for number in numbers
        if f"e{number}_source" in members
    )


def opinions_of(members: Members) -> tuple[Opinion, ...]:
    """The one that counted most first."""
    shares = sorted(shares_of(members).pieces, key=lambda each: (-abs(each.phi_bp), each.source))
    return tuple(
        Opinion(
            share,
            share.strength_e4 / 10_000,
            span(int(members.get(f"age_{share.source}_us", 0)) / _US),
            str(members.get(f"raw_{share.source}_sha256", "")),
        )
        for share in shares
    )
