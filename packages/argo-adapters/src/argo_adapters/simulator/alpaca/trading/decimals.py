"""Decimals as Alpaca writes and reads them: strings without needless zeros."""

from decimal import Decimal, InvalidOperation

SHARE = Decimal("0.000000001")
CENT = Decimal("0.01")
FINE = Decimal("0.000001")


def text(value: Decimal) -> str:
    """`205.80` as `205.8`, and never with an exponent."""
    plain = f"{value:f}"
    if "." in plain:
        plain = plain.rstrip("0").rstrip(".")
    return "0" if plain in {"", "-0"} else plain


def rounded(value: Decimal) -> str:
    """A computed figure, to a millionth."""
    return text(value.quantize(FINE))


def number(value: object) -> Decimal | None:
    """A finite decimal out of a JSON string or number; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None
