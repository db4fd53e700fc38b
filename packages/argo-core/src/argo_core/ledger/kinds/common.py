"""The members that every kind of entry has."""

from collections.abc import Mapping

from argo_core.ledger.schema import COUNT, MICROS, Rule, Text, Whole
from argo_core.ledger.verifier_key import NAME_PATTERN

VERSION = 1
SOURCE = r"[a-z][a-z0-9_]*"
"""What a source's name looks like within a member's."""
SYMBOL = Text(r"[A-Z][A-Z0-9./]{0,15}", "a symbol such as BRK.B")

COMMON: Mapping[str, Rule] = {
    "v": Whole(VERSION, VERSION),
    "kind": Text(r"[a-z]+", "the kind of entry"),
    "log": Text(NAME_PATTERN, "the log's name without spaces and +"),
    "strategy": Text(r"[a-z0-9][a-z0-9._-]{0,127}", "a name of a-z, 0-9, dot, _ and -"),
    "seq": COUNT,
    "decided_us": MICROS,
}
