"""Symbols on the command line, between commas."""

from argo_core.errors import InvalidInput

OPTION = "--symbols"


def listed_symbols(text: str | None, option: str = OPTION) -> tuple[str, ...]:
    """The symbols named in `text`; none when the option was not given, which means all.

    Raises:
        InvalidInput: the option was given and names none, as an unset variable of a shell would.
    """
    if text is None:
        return ()
    named = tuple(part.strip() for part in text.split(",") if part.strip())
    if not named:
        fix = "write them like NVR,BTC/USD, or leave the option out for all"
        raise InvalidInput(option, f"{text[:40]!r} names no symbol", fix)
    return named
