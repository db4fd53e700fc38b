"""Which metrics an expression names, and which labels it chooses and groups by.

Prometheus judges whether an expression is one; this only finds the names in it.
"""

import re
from collections.abc import Iterator
from typing import Final

from attrs import frozen

_TEXT: Final = re.compile(r'"[^"]*"')
_CHOSEN: Final = re.compile(r"(?P<metric>[a-zA-Z_:][\w:]*)\s*\{(?P<labels>[^}]*)\}")
_LABEL: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)")
_GROUPED: Final = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_WINDOW: Final = re.compile(r"\[[^\]]*\]|\boffset\s+\S+")
_WORD: Final = re.compile(r"(?<![\w.:])[a-zA-Z_:][\w:]*+(?!\s*\()")
# Words that stand before no bracket and are no metric all the same.
_KEYWORDS: Final = frozenset(
    {"and", "or", "unless", "bool", "sum", "min", "max", "avg", "count", "topk", "group_left"}
)


@frozen
class Named:
    """A metric with the labels that the expression chooses it by."""

    metric: str
    labels: frozenset[str]


def metrics(expression: str) -> Iterator[Named]:
    """Every metric in the expression, as often as it is there."""
    plain = _WINDOW.sub("", _TEXT.sub("", expression))
    for found in _CHOSEN.finditer(plain):
        yield Named(found["metric"], frozenset(_LABEL.findall(found["labels"])))
    bare = _GROUPED.sub("", _CHOSEN.sub("", plain))
    for word in _WORD.findall(bare):
        if word not in _KEYWORDS:
            yield Named(word, frozenset())


def grouped(expression: str) -> frozenset[str]:
    """The labels that results are grouped and joined by."""
    groups = _GROUPED.findall(_TEXT.sub("", expression))
    return frozenset(label.strip() for group in groups for label in group.split(",") if label)
