"""The picture of the tree of errors has every error, under the one it is a kind of."""

import re
from inspect import getdoc, getmembers, isclass

from argo_core import errors
from argo_core.errors import ArgoError


def drawn() -> dict[str, str]:
    """Of every error in the picture the one above it."""
    path: list[str] = []
    above: dict[str, str] = {}
    for line in (getdoc(errors) or "").splitlines():
        found = re.match(r"([ │├└─]*)(\w*(?:Error|[A-Z]\w+))(?=  |$)", line)
        if found is None or not line.startswith("    "):
            continue
        depth = (len(found[1]) - 4) // 4
        path[depth:] = [found[2]]
        above[found[2]] = path[depth - 1] if depth else ""
    return above


def test_every_error_is_drawn_where_it_belongs() -> None:
    kinds = [one for _, one in getmembers(errors, isclass) if issubclass(one, ArgoError)]
    assert drawn() == {
        one.__name__: "" if one is ArgoError else one.__bases__[0].__name__ for one in kinds
    }
