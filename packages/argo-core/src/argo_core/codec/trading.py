"""Every fact of trading as one line of JSON, and back.

The first member, `kind`, says which fact it is; the others are the fact's own. A member that is
None is left out where that is its default, and every other one is there; those that may be left
out come last. Decimals are text with the digits they have, moments microseconds since 1970.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from argo_core.codec.blame import read_culprit, written_culprit
from argo_core.codec.whole import BLAMING, WHOLE
from argo_core.errors import InvalidInput
from argo_core.trading import fact as facts
from argo_core.trading.fact import Fact

KINDS: Mapping[str, type[Fact]] = {
    "judged": facts.Judged,
    "intended": facts.Intended,
    "told": facts.Told,
    "refused": facts.Refused,
    "cancel_asked": facts.CancelAsked,
    "replace_asked": facts.ReplaceAsked,
    "exit_wanted": facts.ExitWanted,
    "trailed": facts.Trailed,
    "cause_raised": facts.CauseRaised,
    "cause_cleared": facts.CauseCleared,
    "accounted": facts.Accounted,
    "day_closed": facts.DayClosed,
    "high_water": facts.HighWater,
    "flowed": facts.Flowed,
    "split_applied": facts.SplitApplied,
    "recorded": facts.Recorded,
}
"""What `kind` says."""

_NAMES = {shape: name for name, shape in KINDS.items()}
_FIX = "restore it from a copy, or read it with the program that wrote it"


def kind_of(fact: Fact) -> str:
    """What the fact's line calls it."""
    return _NAMES[type(fact)]


def write_fact(fact: Fact) -> str:
    """The fact's line, without a line feed.

    Raises:
        InvalidInput: a member has a value that it may not have; the error names it.
    """
    kind = kind_of(fact)
    try:
        return orjson.dumps({"kind": kind, **WHOLE.unstructure(fact)}).decode()
    except Exception as error:
        # Whatever a wrong value does on its way, the caller sees one error.
        where = written_culprit(kind, fact, WHOLE)
        problem = f"{type(error).__name__}: {error}"[:200]
        raise InvalidInput(where, problem, "give what the fact is declared with") from error


def read_fact(line: str) -> Fact:
    """The fact on that line.

    Raises:
        InvalidInput: the line spells no fact; the error names the member.
    """
    try:
        members: Any = orjson.loads(line)
    except (orjson.JSONDecodeError, UnicodeEncodeError) as error:
        raise InvalidInput("fact", f"not JSON ({error})", _FIX) from error
    kind = members.pop("kind", None) if isinstance(members, dict) else None
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if kind is None or shape is None:
        raise InvalidInput("kind", f"{str(kind)[:40]!r} is unknown", _FIX)
    try:
        fact: Fact = WHOLE.structure(members, shape)
    except Exception as error:
        where, problem = read_culprit(kind, members, shape, BLAMING)
        raise InvalidInput(where, problem, _FIX) from error
    return fact
