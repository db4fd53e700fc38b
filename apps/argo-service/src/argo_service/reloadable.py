"""Which settings may change while the service runs, and which need a start."""

import re
from collections.abc import Mapping
from typing import Final

from argo_service.config.reader import leaves
from argo_service.config.tree import Settings
from argo_service.vendors import key_settings

DECIDING: Final = re.compile(
    r"consensus\.(tau|lam|quorum|theta_bp|publish_step_bp)|sources\.[a-z_]+\.weight"
)
"""What decides: the record has to hear of it before anything is decided by it."""

_OTHERS: Final = re.compile(
    r"sources\.[a-z_]+\.budget\.(usd|tokens|calls)_per_day"
    r"|(sources\.[a-z_]+|alpaca|yfinance|trading\.alpaca)\.limits"
    r"|api\.(public_)?requests_per_minute"
    r"|trading\.limits\.[a-z_]+"
    r"|logging\.level"
)


def is_reloadable(key: str) -> bool:
    """Whether the setting takes effect without a start."""
    return DECIDING.fullmatch(key) is not None or _OTHERS.fullmatch(key) is not None


def changed(before: Settings, after: Settings) -> tuple[str, ...]:
    """The keys of all settings that differ, but for vendors' keys, which are read by themselves."""
    old, new = _values(before), _values(after)
    kept_fresh = {part for parts in key_settings(before).values() for part in parts}
    return tuple(key for key in old if old[key] != new[key] and key not in kept_fresh)


def _values(settings: Settings) -> Mapping[str, object]:
    values: dict[str, object] = {}
    for key in leaves(Settings):
        value: object = settings
        for name in key.split("."):
            value = getattr(value, name)
        values[key] = value
    return values
