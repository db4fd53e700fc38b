"""What every tape has in common: JSON lines, the first of which says what the others hold.

`format` and `version` say that it is a tape. `holds` is "market" (bars to play a market from; the
default, because such tapes came first) or "inputs" (what an engine was told, to play it again).
"""

from collections.abc import Mapping

import orjson

from argo_core.backtest.fields import Fields
from argo_core.errors import InvalidInput

FORMAT = "argo-tape"
VERSION = 2
MARKET, INPUTS = "market", "inputs"

_MADE_BY = {MARKET: "`argo tape cut`", INPUTS: "`argo tape record`"}
_PLAYED_BY = {MARKET: "`argo demo --tape`", INPUTS: "`argo replay`"}


def line(record: Mapping[str, object]) -> bytes:
    """One record, with its line feed."""
    return orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE)


def header(first: Fields | None, holds: str) -> Fields:
    """The tape's first line, if the tape `holds` what is wanted.

    Raises:
        InvalidInput: there is none, it begins no tape, or one of another version or content.
    """
    fix = f"give a file that {_MADE_BY[holds]} wrote"
    if first is None:
        raise InvalidInput("tape", "it is empty", fix)
    if first.members.get("format") != FORMAT:
        raise InvalidInput("tape", f"it is no {FORMAT}", fix)
    version = first.integer("version")
    if version > VERSION:
        problem = f"version {version} is newer than this program's {VERSION}"
        raise InvalidInput(
            "tape", problem, "play it with the program that wrote it, or a newer one"
        )
    if version < VERSION:
        problem = f"version {version} does not say how many records it has"
        raise InvalidInput("tape", problem, "cut it again with `argo tape cut`")
    held = first.members.get("holds", MARKET)
    if held != holds:
        played = _PLAYED_BY.get(str(held), "the program that wrote it")
        problem = f"it holds {str(held)[:40]!r}, not {holds!r}"
        raise InvalidInput("tape", problem, f"play it with {played}")
    return first
