"""What the members of an entry may be, said as data and checked in one place."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import lru_cache

from attrs import field, frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import MAX_INTEGER, Fields, Scalar, is_decimal


@frozen
class Rule:
    """Which values a member takes; `says` completes the sentence "give ..."."""

    admits: Callable[[Scalar], bool]
    says: str


def text(pattern: str, says: str) -> Rule:
    """A string that matches the whole of `pattern`."""
    matcher = re.compile(pattern)
    return Rule(lambda value: type(value) is str and matcher.fullmatch(value) is not None, says)


def whole(low: int, high: int) -> Rule:
    """An integer from `low` to `high`, both included."""
    return Rule(
        lambda value: type(value) is int and low <= value <= high,
        f"a whole number from {low} to {high}",
    )


ANY_TEXT = text(r"[ -~]*", "printable ASCII")
WORD = text(r"[ -~]{1,255}", "1 to 255 printable ASCII characters")
DIGEST = text(r"[0-9a-f]{64}", "a SHA-256 in lower-case hexadecimal")
DECIMAL = Rule(lambda value: type(value) is str and is_decimal(value), "a decimal such as -12.50")
COUNT = whole(0, MAX_INTEGER)
MICROS = whole(-MAX_INTEGER, MAX_INTEGER)
FLAG = whole(0, 1)


@frozen
class Group:
    """Members that come together for each of several names: `phi_*_bp` with `age_*_us`.

    `name` is the pattern of what stands in for the star.
    """

    name: str
    members: Mapping[str, Rule]


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
        seen: Counter[tuple[int, str]] = Counter()
        for key, value in fields.items():
            rule, group = _place(self, key)
            if rule is None:
                raise InvalidInput(key, "this kind of entry has no such member", "leave it out")
            if not rule.admits(value):
                raise InvalidInput(key, f"{str(value)[:40]!r} is refused", f"give {rule.says}")
            if group is not None:
                seen[group] += 1
        missing = self.required.keys() - fields.keys()
        if missing:
            raise InvalidInput(min(missing), "it is missing", "an entry of this kind needs it")
        for (number, name), members in seen.items():
            if members != len(self.groups[number].members):
                wanted = ", ".join(self.groups[number].members)
                raise InvalidInput(name, "some of its members are missing", f"give {wanted}")
        if self.agree is not None:
            self.agree(fields)


@lru_cache(maxsize=4096)
def _place(kind: Kind, key: str) -> tuple[Rule | None, tuple[int, str] | None]:
    """The rule for a key, and for a member of a group which group and for whom."""
    rule = kind.required.get(key) or kind.optional.get(key)
    if rule is not None:
        return rule, None
    for number, group in enumerate(kind.groups):
        for template, member in group.members.items():
            before, after = template.split("*")
            found = re.fullmatch(f"{before}({group.name}){after}", key)
            if found:
                return member, (number, found[1])
    return None, None
