"""Every input of the engine's desk as one line of JSON, and back.

A line has one spelling: what is read is written again and must give the same bytes, so that nothing
is coerced, forgotten or added on the way.
"""

from collections.abc import Mapping

import orjson

from argo_core.codec.exact import EXACT
from argo_core.engine.inputs import (
    Decided,
    Failed,
    Input,
    Learned,
    Missed,
    Observed,
    Recovered,
    Settled,
    Started,
    Stopped,
    Traded,
    Warmed,
    Witnessed,
    Worded,
    Written,
)
from argo_core.errors import InvalidInput

KINDS: Mapping[str, type[Input]] = {
    "started": Started,
    "warmed": Warmed,
    "observed": Observed,
    "learned": Learned,
    "recovered": Recovered,
    "failed": Failed,
    "decided": Decided,
    "missed": Missed,
    "worded": Worded,
    "written": Written,
    "settled": Settled,
    "witnessed": Witnessed,
    "traded": Traded,
    "stopped": Stopped,
}
"""What the first member of a line, `kind`, says that it holds."""

_NAMES = {shape: name for name, shape in KINDS.items()}


def write_input(one: Input) -> bytes:
    """The input's line, with its line feed.

    Raises:
        InvalidInput: a number is not finite, a moment is not aware UTC, or a text is no Unicode.
    """
    kind = _NAMES[type(one)]
    try:
        members = {"kind": kind, **EXACT.unstructure(one)}
        return orjson.dumps(members, option=orjson.OPT_APPEND_NEWLINE)
    except InvalidInput as error:
        raise InvalidInput(f"{kind}, {error.field}", error.problem, error.fix) from error
    except orjson.JSONEncodeError as error:
        raise InvalidInput(kind, f"it has no JSON ({error})", "give plain values") from error


def read_input(where: str, line: bytes) -> Input:
    """The input on that line, whose line feed may be missing; `where` is named in every error.

    Raises:
        InvalidInput: the line spells no input, or not as `write_input` does.
    """
    try:
        members = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InvalidInput(where, f"not JSON ({error})", "restore the file") from error
    kind = members.pop("kind", None) if isinstance(members, dict) else None
    shape = KINDS.get(kind) if isinstance(kind, str) else None
    if shape is None:
        problem = f"kind {str(kind)[:40]!r} is unknown"
        raise InvalidInput(where, problem, "replay it with the program that wrote it")
    try:
        one = EXACT.structure(members, shape)
        same = write_input(one) == line.removesuffix(b"\n") + b"\n"
    except Exception as error:
        # Whatever an attacker, a bug or half a write may spell, the caller sees one error.
        problem = f"no {kind}: {type(error).__name__}: {error}"[:200]
        raise InvalidInput(where, problem, "restore the file") from error
    if not same:
        problem = f"the {kind} is not spelled as it was written"
        raise InvalidInput(where, problem, "restore the file")
    return one
