"""A picture for authenticator apps to scan, as one line that an SVG draws.

The template draws it in colours of its own, so that nothing of it has to be trusted as markup.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby

import segno
from attrs import field, frozen

# Light around it that scanners need (ISO/IEC 18004, 5.3.8), in modules.
_QUIET = 4


@frozen
class QrCode:
    """`size` is the side of the square in modules, `path` strokes that are one module thick."""

    size: int
    path: str = field(repr=False)


def qr_code(text: str) -> QrCode:
    """The picture that says the text."""
    matrix = segno.make_qr(text, error="m").matrix
    return QrCode(len(matrix) + 2 * _QUIET, "".join(_strokes(matrix)))


def _strokes(matrix: Sequence[Sequence[int]]) -> Iterator[str]:
    """Along the middle of each run of dark modules."""
    for y, row in enumerate(matrix, _QUIET):
        x = _QUIET
        for is_dark, run in groupby(row, bool):
            length = len(list(run))
            if is_dark:
                yield f"M{x} {y}.5h{length}"
            x += length
