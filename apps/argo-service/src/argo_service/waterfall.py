"""The spans of a trace as a picture: one row for each piece of work, time to the right."""

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Final, Protocol
from urllib.parse import urlsplit

from attrs import frozen

WIDTH: Final = 1_000
_LABELS: Final = 250
_RIGHT: Final = 90
_ROW: Final = 24
_BAR: Final = 14
_TOP: Final = 84
_BOTTOM: Final = 16
_INDENT: Final = 14
_TICKS: Final = 6
_MOST_ROWS: Final = 200
_LONGEST: Final = 26
_NS_PER_MS: Final = 1_000_000

# Colours that keep apart in print and for eyes that do not see red from green (after Okabe and
# Ito).
_COLOURS: Final = {
    "cycle": "#3b4252",
    "decide": "#e69f00",
    "append": "#009e73",
    "publication": "#56b4e9",
    "ask": "#0072b2",
    "order": "#cc79a7",
}
_OTHER: Final = "#9aa5b1"
_FAILED: Final = "#d55e00"
_SVG: Final = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
    ' height="{height}" role="img" font-family="system-ui, sans-serif" font-size="12">'
)
_HEAD: Final = '<text x="16" y="26" font-size="15" font-weight="600" fill="#1f2933">{title}</text>'
_LEGEND: Final = {
    "ask": "asked of a vendor",
    "decide": "decided",
    "append": "made durable",
    "publication": "published",
    "order": "ordered",
}


class Piece(Protocol):
    """A piece of work, as a tracer keeps it: times in nanoseconds, `parent` 0 for none."""

    @property
    def name(self) -> str: ...

    @property
    def id(self) -> int: ...

    @property
    def parent(self) -> int: ...

    @property
    def began_ns(self) -> int: ...

    @property
    def ended_ns(self) -> int: ...

    @property
    def attributes(self) -> Mapping[str, str | float | bool]: ...

    @property
    def failed(self) -> str | None: ...


@frozen
class _Row:
    piece: Piece
    depth: int


def waterfall(pieces: Sequence[Piece], root: str = "cycle") -> str:
    """The first trace whose root has that name, as SVG; at most 200 rows of it are shown.

    Raises:
        ValueError: there is none.
    """
    top = next((one for one in _by_begin(pieces) if one.name == root), None)
    if top is None:
        raise ValueError(f"no {root} is among the {len(pieces)} spans")
    rows = list(_rows(top, pieces, 0))
    shown = rows[:_MOST_ROWS]
    began = top.began_ns
    whole = max(1, max(row.piece.ended_ns for row in shown) - began)
    height = _TOP + _ROW * len(shown) + _BOTTOM
    parts = [
        _SVG.format(width=WIDTH, height=height),
        f"<title>{escape(_title(top, rows))}</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        _HEAD.format(title=escape(_title(top, rows))),
        *_legend({row.piece.name for row in shown}),
        *_axis(whole, height),
        *(line for place, row in enumerate(shown) for line in _drawn(row, place, began, whole)),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _rows(piece: Piece, pieces: Sequence[Piece], depth: int) -> Iterator[_Row]:
    """It, and below it its parts."""
    yield _Row(piece, depth)
    for part in _by_begin(pieces):
        if part.parent == piece.id:
            yield from _rows(part, pieces, depth + 1)


def _by_begin(pieces: Sequence[Piece]) -> list[Piece]:
    return sorted(pieces, key=lambda one: (one.began_ns, -one.ended_ns, one.id))


def _title(top: Piece, rows: Sequence[_Row]) -> str:
    count = len(rows) - 1
    parts = "1 part" if count == 1 else f"{count} parts"
    number = top.attributes.get("number", "")
    return f"{top.name} {number}".rstrip() + f": {_ms(top.ended_ns - top.began_ns)}, {parts}"


def _legend(names: set[str]) -> Iterator[str]:
    x = 16
    for name, meaning in _LEGEND.items():
        if name in names:
            yield f'<rect x="{x}" y="40" width="11" height="11" rx="2" fill="{_COLOURS[name]}"/>'
            yield f'<text x="{x + 17}" y="50" fill="#52606d">{meaning}</text>'
            x += 40 + 7 * len(meaning)
    yield f'<rect x="{x}" y="40" width="11" height="11" rx="2" fill="{_OTHER}"/>'
    yield f'<text x="{x + 17}" y="50" fill="#52606d">a single call</text>'


def _axis(whole: int, height: int) -> Iterator[str]:
    step = _step(whole)
    for since in range(0, whole + 1, step):
        x = _x(since, whole)
        yield f'<line x1="{x}" y1="{_TOP - 6}" x2="{x}" y2="{height - 10}" stroke="#e4e7eb"/>'
        yield (
            f'<text x="{x}" y="{_TOP - 12}" text-anchor="middle" fill="#7b8794">'
            f"{since / _NS_PER_MS:,g} ms</text>"
        )


def _step(whole: int) -> int:
    """Nanoseconds between two marks of the axis: a round number, for six marks at most."""
    step = 1
    while whole > _TICKS * step:
        # 1, 2, 5, 10 and so on.
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return step


def _drawn(row: _Row, place: int, began: int, whole: int) -> Iterator[str]:
    piece = row.piece
    y = _TOP + place * _ROW
    x, end = _x(piece.began_ns - began, whole), _x(piece.ended_ns - began, whole)
    width = max(1.5, end - x)
    colour = _FAILED if piece.failed else _COLOURS.get(piece.name, _OTHER)
    if place % 2:
        yield f'<rect x="0" y="{y - 1}" width="{WIDTH}" height="{_ROW}" fill="#f5f7fa"/>'
    text = _label(piece)
    yield (
        f'<text x="{16 + _INDENT * row.depth}" y="{y + 15}" fill="#323f4b">{escape(text)}</text>'
    )
    yield (
        f'<rect x="{x}" y="{y + 4}" width="{width:.1f}" height="{_BAR}" rx="2" fill="{colour}">'
        f"<title>{escape(_told(piece))}</title></rect>"
    )
    yield (
        f'<text x="{x + width + 6:.1f}" y="{y + 15}" fill="#7b8794" font-size="11">'
        f"{_ms(piece.ended_ns - piece.began_ns)}</text>"
    )


def _label(piece: Piece) -> str:
    """What it is, with the one word that tells it from its like."""
    said = piece.attributes
    word = said.get("source", said.get("leg", ""))
    if "url.full" in said:
        # Whose it is says the ask that it is a part of.
        word = urlsplit(str(said["url.full"])).path
    text = f"{piece.name} {word}".rstrip()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _told(piece: Piece) -> str:
    said = [f"{name} {value}" for name, value in sorted(piece.attributes.items())]
    return "; ".join([_label(piece), *said, *([f"failed {piece.failed}"] if piece.failed else [])])


def _x(since: int, whole: int) -> float:
    room = WIDTH - _LABELS - _RIGHT
    return round(_LABELS + room * since / whole, 1)


def _ms(ns: int) -> str:
    ms = ns / _NS_PER_MS
    if ms >= 100:  # noqa: PLR2004 - whole milliseconds from here on
        return f"{ms:,.0f} ms"
    return f"{ms:.1f} ms"
