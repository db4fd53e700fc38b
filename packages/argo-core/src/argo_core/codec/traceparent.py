"""The header `traceparent` of W3C's Trace Context: whose piece of work a request is a part of.

https://www.w3.org/TR/trace-context/#traceparent-header
"""

import re
from typing import Final

from attrs import frozen

# Of version 00 alone: what later ones append nobody has defined yet.
_HEADER: Final = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})")
_SAMPLED: Final = 1


@frozen
class TraceParent:
    """A caller's trace and span; `sampled` says that it keeps them itself."""

    trace_id: int
    span_id: int
    sampled: bool

    def __str__(self) -> str:
        """The header."""
        return f"00-{self.trace_id:032x}-{self.span_id:016x}-{self.sampled:02x}"


def parse_traceparent(text: str) -> TraceParent | None:
    """What the header says; None for anything else, for nobody has to send one."""
    found = _HEADER.fullmatch(text)
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    if not trace_id or not span_id:
        return None
    return TraceParent(trace_id, span_id, bool(flags & _SAMPLED))
