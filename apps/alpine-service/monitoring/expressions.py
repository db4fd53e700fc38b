"""The names in an expression of PromQL; whether it is one, Prometheus says."""

import re
from typing import Final

from attrs import frozen

# In this order: what is in quotes, what is chosen, windows, and what labels are listed for.
_TOKEN: Final = re.compile(
    r"""
    (?P<metric>[a-zA-Z_:][\w:]*)\s*\{(?P<choice>(?:[^}"]|"[^"]*")*)\}
    | \b(?:by|without|on|ignoring|group_left|group_right)\s*\((?P<listed>[^)]*)\)
    | \[[^\]]*\] | \boffset\s+\w+ | "[^"]*" | [\d.]+(?:e\d+)?
    | (?P<called>[a-zA-Z_]\w*+)\s*\(
    | (?P<word>[a-zA-Z_:][\w:]*+)
    """,
    re.VERBOSE,
)
_CHOSEN: Final = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"[^\"]*\"")
_OPERATORS: Final = frozenset({"and", "or", "unless", "bool"})
FOLDS: Final = frozenset({"sum", "min", "max", "count", "avg", "topk"})


@frozen
class Names:
    """The metrics, each with the labels it was chosen by, and the labels that lists name.

    `folds` says whether series are folded, so that only listed labels are left.
    """

    metrics: tuple[tuple[str, frozenset[str]], ...]
    listed: frozenset[str]
    folds: bool


def names(expression: str) -> Names:
    """All names in it."""
    metrics: list[tuple[str, frozenset[str]]] = []
    listed: set[str] = set()
    folds = False
    for token in _TOKEN.finditer(expression):
        word = token["word"] or token["called"] or ""
        if token["metric"]:
            metrics.append((token["metric"], frozenset(_CHOSEN.findall(token["choice"]))))
        elif token["listed"] is not None:
            listed |= {label.strip() for label in token["listed"].split(",") if label.strip()}
        elif word in FOLDS:
            folds = True
        elif token["word"] and word not in _OPERATORS:
            metrics.append((word, frozenset()))
    return Names(tuple(metrics), frozenset(listed), folds)
