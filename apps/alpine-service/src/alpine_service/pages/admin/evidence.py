"""Evidence as it can be read on a page: as text where it is some, otherwise byte by byte."""

from hashlib import sha256

from attrs import frozen

# A page of more helps nobody; the whole can be had as a file.
_MOST_SHOWN = 8_192
_IN_LINE = 16
_PRINTABLE = range(0x20, 0x7F)


@frozen
class EvidenceShown:
    """One piece; `text` is None where it is none, and `lines` are its bytes in hexadecimal."""

    name: str
    size: int
    digest: str
    text: str | None
    lines: tuple[str, ...]
    is_whole: bool


def evidence_shown(name: str, data: bytes) -> EvidenceShown:
    """The beginning of a piece; `digest` is the SHA-256 of all of it."""
    part = data[:_MOST_SHOWN]
    is_whole = len(part) == len(data)
    return EvidenceShown(
        name, len(data), sha256(data).hexdigest(), _text(part, is_whole), _lines(part), is_whole
    )


def _text(part: bytes, is_whole: bool) -> str | None:
    """None for what is not UTF-8, or has what cannot be seen."""
    if not is_whole:
        # A character may have been cut in two.
        while part and part[-1] & 0xC0 == 0x80:  # noqa: PLR2004 - a byte that goes on
            part = part[:-1]
        part = part[:-1]
    try:
        text = part.decode()
    except UnicodeDecodeError:
        return None
    return text if all(each.isprintable() or each == "\n" for each in text) else None


def _lines(part: bytes) -> tuple[str, ...]:
    return tuple(_line(at, part[at : at + _IN_LINE]) for at in range(0, len(part), _IN_LINE))


def _line(at: int, part: bytes) -> str:
    plain = "".join(chr(each) if each in _PRINTABLE else "." for each in part)
    return f"{at:06x}  {part.hex(' '):<{3 * _IN_LINE - 1}}  {plain}"
