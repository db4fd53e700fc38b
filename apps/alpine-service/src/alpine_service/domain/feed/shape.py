"""Which members stand together: what the names of an entry's members decide without its values."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from attrs import field, frozen

from alpine_service.domain.feed.rules import COMMON, KINDS, Group
from alpine_service.domain.feed.values import Check, Value
from alpine_service.errors import Malformed

# Signals from the same sources have the same names, so that a few shapes are all there are. The
# bounds are for a log that never repeats any: what is kept stays below some ten megabytes.
_SHAPES = 256
_USUAL_MEMBERS = 256
_SHOWN = 64


@frozen
class Shape:
    """What is known of an entry from its kind and the names of its members.

    `checks` are in the order of the names, and `tests` are theirs. `starred` has the names that
    each starred member was found under.
    """

    checks: tuple[Check, ...]
    starred: Mapping[str, Sequence[str]]
    tests: tuple[Callable[[Value], object], ...] = field(init=False, repr=False)

    @tests.default
    def _tests(self) -> tuple[Callable[[Value], object], ...]:
        return tuple(check.accepts for check in self.checks)


@frozen
class _Starred:
    """The names that one starred member of a group may have, and the check of its values."""

    member: str
    group: int
    match: re.Pattern[str]
    check: Check


def _starred(groups: Sequence[Group]) -> Sequence[_Starred]:
    return [
        _Starred(name, number, re.compile(name.replace("*", f"({group.star})")), check)
        for number, group in enumerate(groups)
        for name, check in group.members.items()
    ]


_PLAIN = {name: {**COMMON, **kind.needed, **kind.optional} for name, kind in KINDS.items()}
_STARRED = {name: _starred(kind.groups) for name, kind in KINDS.items()}


def shape(kind: str, names: tuple[str, ...]) -> Shape:
    """The shape of an entry of a kind whose members have these names.

    Raises:
        Malformed: there is no such kind, or it has not these members together.
    """
    return _kept(kind, names) if len(names) <= _USUAL_MEMBERS else _shape(kind, names)


def _shape(kind: str, names: tuple[str, ...]) -> Shape:
    if kind not in KINDS:
        raise Malformed("unknown-kind", f"there is no such kind of entry: {kind[:_SHOWN]}")
    missing = (COMMON.keys() | KINDS[kind].needed.keys()) - set(names)
    if missing:
        raise Malformed("missing-member", f"a {kind} has a member {min(missing)}")
    plain = _PLAIN[kind]
    stars: Counter[tuple[int, str]] = Counter()
    checks: list[Check] = []
    found: dict[str, list[str]] = {}
    for name in names:
        if name in plain:
            checks.append(plain[name])
        else:
            starred, star = _find(kind, name)
            stars[starred.group, star] += 1
            checks.append(starred.check)
            found.setdefault(starred.member, []).append(name)
    _refuse_incomplete(kind, stars)
    return Shape(tuple(checks), found)


_kept = lru_cache(_SHAPES)(_shape)


def _find(kind: str, name: str) -> tuple[_Starred, str]:
    for starred in _STARRED[kind]:
        if match := starred.match.fullmatch(name):
            return starred, match[1]
    raise Malformed("unknown-member", f"a {kind} has no member {name[:_SHOWN]}")


def _refuse_incomplete(kind: str, stars: Mapping[tuple[int, str], int]) -> None:
    groups = KINDS[kind].groups
    for (number, star), count in stars.items():
        if count != len(groups[number].members):
            raise Malformed("incomplete-group", f"not every member of {star[:_SHOWN]} is there")
    for number, group in enumerate(groups):
        names = {star for one, star in stars if one == number}
        if group.counted and names != {str(1 + place) for place in range(len(names))}:
            raise Malformed("incomplete-group", "numbered members begin at 1 and have no gap")
