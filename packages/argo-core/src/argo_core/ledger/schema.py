"""What the members of an entry may be, said as data and checked in one place."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import le
from typing import Any

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import DECIMAL_PATTERN, MAX_INTEGER, Fields, Scalar


@frozen
class Text:
    """A string that matches the whole of `pattern`; `says` completes the sentence "give ..."."""

    pattern: str
    says: str

    def admits(self, value: Scalar) -> bool:
        """Whether a member may have this value."""
        return type(value) is str and re.fullmatch(self.pattern, value) is not None


@frozen
class Whole:
    """An integer from `low` to `high`, both included."""

    low: int
    high: int

    @property
    def says(self) -> str:
        """Completes the sentence "give ..."."""
        return f"a whole number from {self.low} to {self.high}"

    def admits(self, value: Scalar) -> bool:
        """Whether a member may have this value."""
        return type(value) is int and self.low <= value <= self.high


Rule = Text | Whole

ANY_TEXT = Text(r"[ -~]*", "printable ASCII")
WORD = Text(r"[ -~]{1,255}", "1 to 255 printable ASCII characters")
DIGEST = Text(r"[0-9a-f]{64}", "a SHA-256 in lower-case hexadecimal")
DECIMAL = Text(DECIMAL_PATTERN, "a decimal such as -12.50")
COUNT = Whole(0, MAX_INTEGER)
MICROS = Whole(-MAX_INTEGER, MAX_INTEGER)
FLAG = Whole(0, 1)


@frozen
class Group:
    """Members that come together for each of several names: `phi_*_bp` with `age_*_us`.

    `name` is the pattern of what stands in for the star; `numbered` groups use 1, 2 and so on
    without a gap.
    """

    name: str
    members: Mapping[str, Rule]
    numbered: bool = False


@frozen(eq=False)
class Kind:
    """The members of one kind of entry; members it does not list are refused.

    `agree` checks what one member says against another, after each has been admitted.
    """

    required: Mapping[str, Rule]
    optional: Mapping[str, Rule] = field(factory=dict)
    groups: tuple[Group, ...] = ()
    agree: Callable[[Fields], None] | None = None

    def check(self, fields: Fields) -> None:
        """Refuse `fields` unless they make up a whole entry of this kind.

        Raises:
            InvalidInput: a member is missing, unknown, of a wrong type or contradicts another.
        """
        shape = _shape(self, tuple(fields))
        if not shape.admits(fields):
            raise _blame(shape, fields)
        if self.agree is not None:
            self.agree(fields)


@frozen(eq=False)
class _Shape:
    """What all entries with the same members have in common.

    Entries of one strategy have few shapes, so the rules are put together once for each: one
    regular expression over all strings, one comparison of columns over all numbers. That is ten
    times faster than a rule at a time.
    """

    rules: Mapping[str, Rule]
    texts: tuple[str, ...] = field(init=False)
    pattern: re.Pattern[str] = field(init=False)
    wholes: tuple[str, ...] = field(init=False)
    lows: tuple[int, ...] = field(init=False)
    highs: tuple[int, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        texts = {name: rule for name, rule in self.rules.items() if isinstance(rule, Text)}
        wholes = {name: rule for name, rule in self.rules.items() if isinstance(rule, Whole)}
        # No pattern admits a line feed, so it separates the values safely.
        pattern = re.compile("\n".join(f"(?:{rule.pattern})" for rule in texts.values()))
        computed: dict[str, Any] = {
            "texts": tuple(texts),
            "pattern": pattern,
            "wholes": tuple(wholes),
            "lows": tuple(rule.low for rule in wholes.values()),
            "highs": tuple(rule.high for rule in wholes.values()),
        }
        for name, value in computed.items():
            object.__setattr__(self, name, value)

    def admits(self, fields: Fields) -> bool:
        """Whether every member has a value that its rule admits."""
        texts: list[Any] = list(map(fields.__getitem__, self.texts))
        wholes: list[Any] = list(map(fields.__getitem__, self.wholes))
        return (
            set(map(type, texts)) <= {str}
            and set(map(type, wholes)) <= {int}
            and self.pattern.fullmatch("\n".join(texts)) is not None
            and all(map(le, self.lows, wholes))
            and all(map(le, wholes, self.highs))
        )


@lru_cache(maxsize=256)
def _shape(kind: Kind, keys: tuple[str, ...]) -> _Shape:
    """The rules for entries with just these members.

    Raises:
        InvalidInput: a member is missing, unknown, or one of a group without the others.
    """
    rules: dict[str, Rule] = {}
    seen: Counter[tuple[int, str]] = Counter()
    for key in keys:
        rule = kind.required.get(key) or kind.optional.get(key)
        if rule is None:
            rule, place = _in_group(kind, key)
            seen[place] += 1
        rules[key] = rule
    missing = kind.required.keys() - rules.keys()
    if missing:
        raise InvalidInput(min(missing), "it is missing", "an entry of this kind needs it")
    for (number, name), members in seen.items():
        group = kind.groups[number]
        if members != len(group.members):
            wanted = ", ".join(group.members)
            raise InvalidInput(name, "some of its members are missing", f"give {wanted}")
        if group.numbered and name != "1" and (number, str(int(name) - 1)) not in seen:
            raise InvalidInput(name, "the number before it is missing", "number from 1 on")
    return _Shape(rules)


def _in_group(kind: Kind, key: str) -> tuple[Rule, tuple[int, str]]:
    """The rule for a member of a group, and which group it is and for whom."""
    for number, group in enumerate(kind.groups):
        for template, rule in group.members.items():
            before, after = template.split("*")
            found = re.fullmatch(f"{before}({group.name}){after}", key)
            if found:
                return rule, (number, found[1])
    raise InvalidInput(key, "this kind of entry has no such member", "leave it out")


def _blame(shape: _Shape, fields: Fields) -> InvalidInput:
    """The error that names the first member whose rule refuses it."""
    key, rule = next(
        (key, rule) for key, rule in shape.rules.items() if not rule.admits(fields[key])
    )
    return InvalidInput(key, f"{str(fields[key])[:40]!r} is refused", f"give {rule.says}")
