"""Chance that is not chance: uniform numbers that follow from a key, the same on every machine."""

import hashlib
from collections.abc import Iterator

_MASK = (1 << 64) - 1


def uniforms(*key: str | int) -> Iterator[float]:
    """An endless stream of numbers in [0, 1), fixed by `key`.

    SHA-256 of the key's parts, each closed by a line feed, gives the first 64 bits of state;
    SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) does the rest. Only integer arithmetic and one
    exact division are used, so no processor or C library can change a number.
    """
    text = "".join(f"{part}\n" for part in key)
    state = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    while True:
        state = (state + 0x9E3779B97F4A7C15) & _MASK
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        # The upper 53 bits are what a float holds exactly.
        yield ((mixed ^ (mixed >> 31)) >> 11) / (1 << 53)
