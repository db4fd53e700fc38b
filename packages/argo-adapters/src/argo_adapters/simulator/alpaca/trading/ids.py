"""Identifiers that look random and are the same in every run."""

from uuid import NAMESPACE_URL, uuid5


def made(seed: int, kind: str, number: int) -> str:
    """The id of the thing of that kind and number."""
    return str(uuid5(NAMESPACE_URL, f"simulated:{seed}:{kind}:{number}"))


def asset(symbol: str) -> str:
    """The id of an asset."""
    return str(uuid5(NAMESPACE_URL, f"simulated:asset:{symbol}"))
