"""One flat JSON object, one spelling: the bytes that are hashed, sent and kept.

RFC 8785 restricted to what needs no interpretation. Keys are `[a-z0-9_]+`, strings printable ASCII,
numbers whole and at most 2^53 - 1 in magnitude; decimals are strings. There are no floats, no
nesting, and neither null nor booleans: what is absent has no member, and a flag is 0 or 1. Under
these rules sorted-key output of orjson is RFC 8785 byte for byte.
"""

import hashlib
import math
import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache

import orjson

from argo_core.errors import InvalidInput

Scalar = str | int
Fields = Mapping[str, Scalar]

MAX_BYTES = 65_535
MAX_INTEGER = 2**53 - 1
MAX_SCALE = 18
# One number of one scale has one spelling, so minus zero is refused.
DECIMAL_PATTERN = r"(?!-0(?:\.0+)?(?![0-9.]))-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?"

_TOO_LARGE = 10**18

_KEY = re.compile(r"[a-z0-9_]+")
_WRITTEN_KEY = re.compile(rb'"([a-z0-9_]+)"\s*:')
_PRINTABLE = bytes(range(0x20, 0x7F))
_TYPES = {str, int}
_OPTIONS = orjson.OPT_SORT_KEYS | orjson.OPT_STRICT_INTEGER


def encode(fields: Fields) -> bytes:
    """The canonical bytes of `fields`.

    Raises:
        InvalidInput: a key, a type or a value is outside the rules, or the result is too long.
    """
    values = fields.values()
    # The happy path checks whole columns at the speed of C; only a refusal looks at single members.
    if not (set(map(type, values)) <= _TYPES and _good_keys(tuple(fields))):
        raise _blame(fields)
    try:
        data = orjson.dumps(dict(fields), option=_OPTIONS)
    except orjson.JSONEncodeError:
        # A whole number beyond 2^53 - 1, or a lone surrogate, which has no UTF-8.
        raise _blame(fields) from None
    # orjson escapes quotes, backslashes and control characters, so all but the last leave a mark.
    if data.translate(None, _PRINTABLE) or (b"\\" in data and not all(map(_good_text, values))):
        raise _blame(fields)
    if len(data) > MAX_BYTES:
        raise InvalidInput("data", f"it has {len(data)} bytes", f"keep it within {MAX_BYTES}")
    return data


def decode(data: bytes) -> dict[str, Scalar]:
    """The members of `data`, which must be canonical: `encode(decode(data)) == data`.

    Raises:
        InvalidInput: it is not, and why.
    """
    if len(data) > MAX_BYTES:
        raise InvalidInput("data", f"it has {len(data)} bytes", f"keep it within {MAX_BYTES}")
    try:
        fields = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise InvalidInput("data", f"it is not JSON: {error}", "send canonical bytes") from error
    if type(fields) is not dict:
        raise InvalidInput("data", "it is not a JSON object", "send one flat object")
    if encode(fields) != data:
        raise InvalidInput("data", _difference(data), "send the canonical bytes unchanged")
    return fields


def sha256_hex(data: bytes) -> str:
    """What `sha256sum` says of these bytes; it differs from a leaf hash, which has a prefix."""
    return hashlib.sha256(data).hexdigest()


def scale_of(value: Decimal) -> int:
    """How many digits `value` has after the point, for example 2 for a price in cents.

    Raises:
        InvalidInput: it is not finite.
    """
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise InvalidInput("decimal", f"{value} is not a number", "give a finite decimal")
    return max(0, -exponent)


def decimal_text(value: Decimal, scale: int) -> str:
    """`value` with exactly `scale` digits after the point.

    Raises:
        InvalidInput: it is not finite, too large, or has more digits than that.
    """
    if not 0 <= scale <= MAX_SCALE:
        raise InvalidInput("scale", f"{scale} is out of range", f"give 0 to {MAX_SCALE}")
    if not value.is_finite() or value.copy_abs() >= _TOO_LARGE:
        raise InvalidInput(
            "decimal", f"{value} is out of range", "give a finite decimal below 1e18"
        )
    text = format(value, f".{scale}f")
    if Decimal(text) != value:
        problem = f"{value} has more than {scale} decimals"
        raise InvalidInput("decimal", problem, "round it on the instrument's tick first")
    # One number has one spelling, so zero has no sign.
    return text if value else text.removeprefix("-")


def float_text(value: float) -> str:
    """The shortest plain decimal that reads back as exactly this float.

    Raises:
        InvalidInput: it is NaN or infinite.
    """
    if not math.isfinite(value):
        raise InvalidInput("number", f"{value} is not finite", "give a finite number")
    # Adding zero turns -0.0 into 0.0, and whole numbers are spelled as such: 5, not 5.0.
    text = format(Decimal(repr(float(value) + 0.0)), "f")
    return text.removesuffix(".0")


def is_decimal(text: str) -> bool:
    """Whether `text` spells a decimal of this format: no exponent, no plus, no minus zero."""
    return re.fullmatch(DECIMAL_PATTERN, text) is not None


@lru_cache(maxsize=256)
def _good_keys(keys: tuple[object, ...]) -> bool:
    return all(map(_good_key, keys))


def _good_key(key: object) -> bool:
    return type(key) is str and _KEY.fullmatch(key) is not None


def _good_text(value: object) -> bool:
    return type(value) is not str or (value.isascii() and value.isprintable())


def _blame(fields: Fields) -> InvalidInput:
    """The error that names the first member outside the rules."""
    return next(filter(None, map(_problem, fields.keys(), fields.values())))


def _problem(key: object, value: object) -> InvalidInput | None:
    name = str(key)[:60]
    if not _good_key(key):
        return InvalidInput("key", f"{name!r} is not a key", "use a-z, 0-9 and _ only")
    if type(value) is int:
        small = abs(value) <= MAX_INTEGER
        return None if small else InvalidInput(name, "it exceeds 2^53 - 1", "write it as a string")
    if type(value) is not str:
        problem = f"{type(value).__name__} has no canonical form"
        return InvalidInput(name, problem, "give a plain string or integer, or leave it out")
    if not _good_text(value):
        return InvalidInput(name, f"{value[:40]!r} is not printable ASCII", "spell it in ASCII")
    return None


def _difference(data: bytes) -> str:
    keys = _WRITTEN_KEY.findall(data)
    if len(set(keys)) < len(keys):
        return "a key occurs twice"
    if keys != sorted(keys):
        return "the keys are not in order"
    return "it has white space, an escape or a number that canonical bytes do not have"
