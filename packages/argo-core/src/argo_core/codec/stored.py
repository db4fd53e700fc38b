"""What caches hold as bytes, and back: one versioned codec for every kind of value.

The bytes are `argo.stored/<version>/<kind>` and a newline, then JSON with moments as whole
microseconds and decimals as text. Nothing is coerced on the way back: what is not exactly as it was
written is refused, so that another program's or another version's bytes are a miss and no answer.
"""

from typing import Generic, TypeVar

import orjson

from argo_core.codec.exact import EXACT, exactly, moment
from argo_core.consensus.formed import Formed
from argo_core.errors import InvalidInput
from argo_core.market.moment import to_micros
from argo_core.market.quote import Quote
from argo_core.resilience.freshness import Entry
from argo_core.signals.prose import Prose

V = TypeVar("V")

VERSION = 1

_MOMENTS = ("as_of", "stored_at", "soft", "revalidate", "error")
_FIX = "drop it and ask anew"


class StoredCodec(Generic[V]):
    """Entries of one `kind`, whose values are of `shape`: attrs values, tuples and scalars."""

    def __init__(self, kind: str, shape: type[V]) -> None:
        self._kind = kind
        self._shape = shape
        self._head = f"argo.stored/{VERSION}/{kind}\n".encode()

    def __repr__(self) -> str:
        return f"StoredCodec({self._kind!r})"

    @property
    def name(self) -> str:
        """Kind and version, for whoever must keep the bytes of several apart."""
        return f"{self._kind}.{VERSION}"

    def encode(self, entry: Entry[V]) -> bytes:
        """The entry as bytes.

        Raises:
            InvalidInput: a number is not finite, or a moment is not aware UTC.
        """
        times = [to_micros(getattr(entry, name)) for name in _MOMENTS]
        value = EXACT.unstructure(entry.value, self._shape)
        return self._head + orjson.dumps([times, entry.generation, value])

    def decode(self, data: bytes) -> Entry[V]:
        """The entry that those bytes spell.

        Raises:
            InvalidInput: they are of another version or kind, truncated, malformed, or spell a
                value that is refused.
        """
        if not data.startswith(self._head):
            raise InvalidInput("stored", f"{data[:40]!r} is not {self._head!r}", _FIX)
        try:
            times, generation, value = orjson.loads(data[len(self._head) :])
            as_of, stored_at, soft, revalidate, error_at = map(moment, times)
            return Entry(
                value=EXACT.structure(value, self._shape),
                as_of=as_of,
                stored_at=stored_at,
                soft=soft,
                revalidate=revalidate,
                error=error_at,
                generation=exactly(int, generation),
            )
        except InvalidInput:
            raise
        except Exception as error:
            # Whatever an attacker, a bug or half a write may spell, the caller sees one error.
            raise InvalidInput("stored", f"{type(error).__name__}: {error}"[:200], _FIX) from error


OPINIONS = StoredCodec("opinion", Formed)
QUOTES = StoredCodec("quotes", tuple[Quote, ...])
PROSE = StoredCodec("prose", Prose)
