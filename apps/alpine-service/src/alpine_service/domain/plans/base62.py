"""Digits and letters: text that nobody has to escape, and that a double click marks whole."""

from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE = len(ALPHABET)
# Bytes from here on are thrown away, or else the first characters would come more often.
_FAIR = 256 // _BASE * _BASE


def random_text(length: int, draw: Callable[[int], bytes]) -> str:
    """So many characters, each as likely as any other; 5.95 bits each. `draw` gives bytes."""
    text = ""
    while len(text) < length:
        text += "".join(ALPHABET[byte % _BASE] for byte in draw(length) if byte < _FAIR)
    return text[:length]


def written(number: int, length: int) -> str:
    """A number from 0 in so many characters, the greatest place first."""
    digits = []
    for _ in range(length):
        number, digit = divmod(number, _BASE)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))
