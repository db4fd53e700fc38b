"""Values as plain data for JSON; the domain's classes know nothing of it."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

import cattrs

from argo_core.consensus.opinion import finite
from argo_core.market.moment import aware


def to_plain(value: object) -> Any:
    """`value` as JSON-ready data, for HTTP answers and `--json`.

    Decimals and moments become strings (moments RFC 3339 UTC with microseconds and Z), enums of
    words their words, bytes hexadecimal, sequences lists, attrs classes and mappings dictionaries.

    Raises:
        InvalidInput: a float is NaN or infinite, or a moment is not aware UTC.
    """
    return _PLAIN.unstructure(value)


def rfc3339(moment: datetime) -> str:
    """The moment as `2024-03-01T14:30:00.000000Z`.

    Raises:
        InvalidInput: it is not aware UTC.
    """
    return aware("moment", moment).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _converter() -> cattrs.Converter:
    converter = cattrs.Converter(unstruct_collection_overrides={tuple: list, frozenset: sorted})
    converter.register_unstructure_hook(Decimal, lambda value: format(value, "f"))
    converter.register_unstructure_hook(datetime, rfc3339)
    converter.register_unstructure_hook(bytes, bytes.hex)
    converter.register_unstructure_hook(float, lambda value: finite("number", value))
    converter.register_unstructure_hook(StrEnum, lambda value: value.value)
    return converter


_PLAIN = _converter()
