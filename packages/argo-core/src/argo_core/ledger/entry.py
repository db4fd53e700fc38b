"""The kinds of entries a log holds, and the one door through which they pass both ways.

Members common to all: `v` the version of this format, `kind`, `log` the log's name, `strategy`,
`seq` gapless from 0 within the strategy, `decided_us` microseconds since 1970. Units are in the
names: `_us` microseconds, `_s` seconds, `_bp` basis points, `_e4` 1/10,000, `_sha256` hexadecimal.
"""

from collections.abc import Mapping
from typing import cast

from attrs import frozen

from argo_core.errors import InvalidInput
from argo_core.ledger.canonical import Fields, Scalar, decode, encode
from argo_core.ledger.kinds.disclosure import COMMIT, REVEAL
from argo_core.ledger.kinds.notice import CORRECT, KEY, RETIRE
from argo_core.ledger.kinds.outcome import OUTCOME
from argo_core.ledger.kinds.quiet import QUIET
from argo_core.ledger.kinds.signal import SIGNAL
from argo_core.ledger.kinds.strategy import STRATEGY
from argo_core.ledger.kinds.trade import TRADE
from argo_core.ledger.schema import Kind

KINDS: Mapping[str, Kind] = {
    "strategy": STRATEGY,
    "signal": SIGNAL,
    "commit": COMMIT,
    "reveal": REVEAL,
    "quiet": QUIET,
    "outcome": OUTCOME,
    "trade": TRADE,
    "correct": CORRECT,
    "retire": RETIRE,
    "key": KEY,
}


# Entries that were encoded here and not decoded yet. Both directions are checked by the same rules,
# and a log takes most entries from the hands that encoded them: reading their bytes again would
# take half of its time. Equal bytes are equal entries, so nobody can tell the difference.
_ENCODED: dict[bytes, "Entry"] = {}
_MOST_ENCODED = 2_000


@frozen
class Entry:
    """A checked entry: its common members by name, and all members in `fields`."""

    kind: str
    log: str
    strategy: str
    seq: int
    decided_us: int
    fields: Fields

    def text(self, name: str) -> str:
        """A member that its kind declares as a string."""
        return cast(str, self.fields[name])

    def number(self, name: str) -> int:
        """A member that its kind declares as a whole number."""
        return cast(int, self.fields[name])


def check_entry(fields: Fields) -> None:
    """Refuse `fields` unless they are a whole entry of a known kind.

    Raises:
        InvalidInput: the kind is unknown, or a member is missing, unknown or wrong.
    """
    kind = KINDS.get(str(fields.get("kind")))
    if kind is None:
        problem = f"{str(fields.get('kind'))[:40]!r} is unknown"
        raise InvalidInput("kind", problem, f"give one of {', '.join(sorted(KINDS))}")
    kind.check(fields)


def encode_entry(fields: Fields) -> bytes:
    """The canonical bytes of a checked entry.

    Raises:
        InvalidInput: a member is missing, unknown, wrong or outside the canonical rules.
    """
    data = encode(fields)
    check_entry(fields)
    if len(_ENCODED) >= _MOST_ENCODED:
        _ENCODED.clear()
    _ENCODED[data] = _entry(dict(fields))
    return data


def decode_entry(data: bytes) -> Entry:
    """The entry these canonical bytes spell.

    Raises:
        InvalidInput: they are not canonical, or not an entry of a known kind.
    """
    encoded = _ENCODED.pop(data, None)
    if encoded is not None:
        return encoded
    fields = decode(data)
    check_entry(fields)
    return _entry(fields)


def _entry(fields: dict[str, Scalar]) -> Entry:
    """The entry of members that have been checked."""
    return Entry(
        kind=cast(str, fields["kind"]),
        log=cast(str, fields["log"]),
        strategy=cast(str, fields["strategy"]),
        seq=cast(int, fields["seq"]),
        decided_us=cast(int, fields["decided_us"]),
        fields=fields,
    )
